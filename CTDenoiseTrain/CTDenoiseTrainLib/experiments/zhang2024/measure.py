"""What is measured: noise of the inputs, and outputs of networks against the truth and against the self-test.

Whole pictures are measured, as in the paper, as far as the scanner sees them: the disc that all views cover.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.likeness.similarity import AIR_HU, similarity
from CTDenoiseLib.measure.measured import Measured, Measurement
from CTDenoiseLib.networks import DenoisingNetwork

from ...simulate.attenuation import hu_of
from .models import Denoiser
from .pictures import field_of_view
from .scans import Scans
from .settings import Resolution

Picture = NDArray[np.float32]

SOFT_WINDOW_HU: tuple[float, float] = tuple(hu_of(np.array([0.020, 0.024])).round().tolist())
"""The paper's window of test images, 0.20 to 0.24 cm⁻¹."""

_BODY_ABOVE_HU = -300.0
_CENTRE_SHARE = 0.2
_PADDING_HU = -3024.0


@dataclass(frozen=True)
class Spread:
    """A figure over the test pictures.

    Attributes:
        mean: Mean.
        sd: Standard deviation.
    """

    mean: float
    sd: float


@dataclass(frozen=True, kw_only=True)
class CrossTest:
    """What a network comes to on the test pictures of a resolution.

    Attributes:
        psnr: Against the truth in dB, for the highest attenuation of the picture; the peak is HU + 1000.
        residual_variance: Of output − output of the self-test, in HU².
        nrmse: Of the output against the self-test in %, by the paper's formula; HU + 1000 is attenuation.
        ssim: Of the output against the self-test, for the highest attenuation of the picture.
        window_ssim: The same of both clipped to `SOFT_WINDOW_HU`: what an eye sees in the paper's figures.
    """

    psnr: Spread
    residual_variance: Spread
    nrmse: Spread
    ssim: Spread
    window_ssim: Spread


def input_noise(scans: Scans) -> dict[str, dict[str, float]]:
    """By resolution: noise of the input in HU over the "body" and around the "centre", and its "psnr" in dB."""

    def measure() -> dict[str, dict[str, float]]:
        truth = scans.truth("test").astype(np.float32)
        return {
            resolution.key: _noise(scans.inputs("test", resolution).astype(np.float32), truth)
            for resolution in scans.settings.resolutions
        }

    return scans.bench.figures("noise", measure)


def cross_tests(
    scans: Scans,
    stage: str,
    resolution: Resolution,
    *,
    networks: Mapping[str, DenoisingNetwork],
    own: DenoisingNetwork,
) -> dict[str, CrossTest]:
    """Test networks on the test pictures of a resolution.

    Args:
        scans: Of the experiment.
        stage: Name of the stage.
        resolution: Of the test pictures.
        networks: By name.
        own: The network of that resolution, whose output is the self-test.
    """

    def measure() -> dict[str, dict[str, list[float]]]:
        scale, backend = scans.settings.scale_hu, scans.bench.backend
        denoisers = {name: Denoiser(network, backend, scale_hu=scale) for name, network in networks.items()}
        of_self = Denoiser(own, backend, scale_hu=scale)
        figures: dict[str, dict[str, list[float]]] = {name: {} for name in networks}
        pictures = list(zip(scans.truth("test"), scans.inputs("test", resolution), strict=True))
        for index, (truth, noisy) in enumerate(pictures):
            self_test = of_self(noisy)
            for name, denoise in denoisers.items():
                for figure, value in _compared(truth.astype(np.float32), self_test, denoise(noisy)).items():
                    figures[name].setdefault(figure, []).append(value)
            scans.bench.watcher.count(index + 1, len(pictures))
        return figures

    content = scans.bench.figures(stage, measure)
    return {
        name: CrossTest(
            **{figure: Spread(float(np.mean(values)), float(np.std(values))) for figure, values in of.items()}
        )
        for name, of in content.items()
    }


def _compared(truth: Picture, self_test: Picture, output: Picture) -> dict[str, float]:
    reference, other = _measured(self_test), _measured(output)
    whole = similarity(reference, other, data_range=_peak(self_test))
    in_window = similarity(reference, other, window=SOFT_WINDOW_HU)
    return {
        "psnr": similarity(_measured(truth), other, data_range=_peak(truth)).psnr,
        "residual_variance": whole.residual_variance,
        "nrmse": whole.nrmse_zhang,
        "ssim": _value(whole.ssim),
        "window_ssim": _value(in_window.ssim),
    }


def _noise(inputs: Picture, truth: Picture) -> dict[str, float]:
    noise, body = inputs - truth, truth > _BODY_ABOVE_HU
    axis = np.arange(truth.shape[-1]) - (truth.shape[-1] - 1) / 2
    centre = body & (np.hypot(axis[:, None], axis[None]) < _CENTRE_SHARE * truth.shape[-1])
    psnr = [
        similarity(_measured(true), _measured(noisy), data_range=_peak(true)).psnr
        for true, noisy in zip(truth, inputs, strict=True)
    ]
    return {"body": float(noise[body].std()), "centre": float(noise[centre].std()), "psnr": float(np.mean(psnr))}


def _measured(picture: Picture) -> MeasuredImage:
    """The disc that all views cover; padding around it."""
    values = np.where(field_of_view(picture.shape[-1]), picture, np.float32(_PADDING_HU))[None]
    grid = Grid((1, *picture.shape), np.eye(4))
    return MeasuredImage("", values, grid, padding_hu=(_PADDING_HU, _PADDING_HU))


def _peak(picture: Picture) -> float:
    """The highest attenuation in thousandths of that of water, as HU count it."""
    return float(picture[field_of_view(picture.shape[-1])].max() - AIR_HU)


def _value(measurement: Measurement) -> float:
    return measurement.value if isinstance(measurement, Measured) else float("nan")

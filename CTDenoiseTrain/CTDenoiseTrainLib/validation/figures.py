"""Figures of denoised sections, collected section by section.

Likeness to a target (RMSE, PSNR, SSIM) is that of `CTDenoiseLib.measure.likeness`, the residual index is the edge ratio
of `CTDenoiseLib.measure.audit`, and noise is that of `CTDenoiseTrainLib.evaluation`: RMS over the flatter half of soft
tissue, after a smooth background is subtracted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.audit.edge_ratio import EdgeMasks, EdgeRatioMeter, edge_masks
from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.measured import Measured

from ..evaluation import detrended
from ..training.news import ValidationFigures

WINDOW_HU = (-1000.0, 1000.0)
"""HU that RMSE, PSNR and SSIM are taken in, where nothing else is asked for: lung, soft tissue and most of the bone."""

Range = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What likeness is measured for; PSNR and SSIM mean nothing without it.

    Attributes:
        window_hu: Lowest and highest HU that output and target are clipped to; `None` if they are not.
        data_range_hu: HU from black to white.
    """

    window_hu: Range | None
    data_range_hu: float

    @classmethod
    def choose(
        cls,
        window_hu: Range | None,
        data_range_hu: float | None,
        *,
        images: Callable[[], Iterable[NDArray[np.float32]]],
    ) -> Terms:
        """Complete what is asked for.

        Args:
            window_hu: As above.
            data_range_hu: As above, or `None` for the width of the window, or without one for highest − lowest of some
                images.
            images: Gives these, in HU; only called if needed.
        """
        if data_range_hu is None and window_hu is not None:
            data_range_hu = window_hu[1] - window_hu[0]
        if data_range_hu is None:
            extremes = [(float(image.min()), float(image.max())) for image in images()]
            data_range_hu = max(high for _, high in extremes) - min(low for low, _ in extremes)
        return cls(window_hu=window_hu, data_range_hu=data_range_hu)

    def __str__(self) -> str:
        clipped = "not clipped" if self.window_hu is None else "clipped to {:g} to {:g} HU".format(*self.window_hu)
        return f"{clipped}, data range {self.data_range_hu:g} HU"


@dataclass(frozen=True, kw_only=True)
class SectionFigures:
    """Figures over some sections; `None` where there is no target or nothing to measure.

    Attributes:
        loss: Mean squared error of the predicted noise in HU², not clipped; see `ValidationFigures`.
        rmse: Output against target in HU.
        psnr: In dB.
        ssim: Structural similarity.
        noise_hu: Noise of the output over flat soft tissue in HU.
        noise_reduction: 100 · (1 − noise of the output / noise of the input), in percent.
        residual_index: Edge ratio of input − output; `None` too where nothing was taken away.
        bias_hu: Mean of output − input over flat soft tissue in HU.
    """

    loss: float | None
    rmse: float | None
    psnr: float | None
    ssim: float | None
    noise_hu: float | None
    noise_reduction: float | None
    residual_index: float | None
    bias_hu: float | None

    @property
    def validation(self) -> ValidationFigures:
        """Those that are told after each epoch."""
        return ValidationFigures(
            loss=self.loss,
            rmse=self.rmse,
            psnr=self.psnr,
            ssim=self.ssim,
            noise_reduction=self.noise_reduction,
            residual_index=self.residual_index,
        )


class FlatTissue:
    """What is known of a noisy section before anything is done to it: its edges, its flat soft tissue, its noise.

    Args:
        hu: The section in HU, shape (y, x).

    Attributes:
        masks: Where edges and flat soft tissue are; `None` where the section shows no body.
        square: Sum of squares of the detrended HU over flat soft tissue.
    """

    def __init__(self, hu: NDArray[np.float32]) -> None:
        self.masks: EdgeMasks | None = edge_masks(hu)
        self.square = 0.0 if self.masks is None else _square(detrended(hu, self.masks.flat))


class FigureMeter:
    """Collects figures over sections as they come.

    Args:
        terms: For the likeness to targets.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._loss = _Mean()
        self._error = _Mean()
        self._ssim = _Mean()
        self._bias = _Mean()
        self._noise = np.zeros(2)
        self._pixels = 0
        self._edges = EdgeRatioMeter()

    def add(
        self,
        hu: NDArray[np.float32],
        output: NDArray[np.float32],
        *,
        tissue: FlatTissue,
        target: NDArray[np.float32] | None = None,
    ) -> None:
        """Count one section; all arrays are in HU and have shape (y, x).

        Args:
            hu: Input.
            output: Input less the noise that was found.
            tissue: Of the input.
            target: What the section should become, if anybody knows.
        """
        if tissue.masks is not None:
            flat = tissue.masks.flat
            self._edges.add(tissue.masks, hu - output)
            self._noise += tissue.square, _square(detrended(output, flat))
            self._pixels += int(flat.sum())
            self._bias.add(float((output - hu)[flat].mean(dtype=np.float64)), int(flat.sum()))
        if target is not None:
            self._compare(output, target)

    def add_loss(self, loss: float, weight: float = 1.0) -> None:
        """Count the loss of a section or a patch."""
        self._loss.add(loss, weight)

    def result(self) -> SectionFigures:
        """The figures over all sections added."""
        before, after = np.sqrt(self._noise / max(self._pixels, 1)).tolist()
        edges = self._edges.result()
        rmse = None if self._error.mean is None else math.sqrt(self._error.mean)
        return SectionFigures(
            loss=self._loss.mean,
            rmse=rmse,
            psnr=20 * math.log10(self._terms.data_range_hu / rmse) if rmse else None,
            ssim=self._ssim.mean,
            noise_hu=after if self._pixels else None,
            noise_reduction=100 * (1 - after / before) if before else None,
            residual_index=edges.ratio if edges else None,
            bias_hu=self._bias.mean,
        )

    def _compare(self, output: NDArray[np.float32], target: NDArray[np.float32]) -> None:
        window, data_range = self._terms.window_hu, self._terms.data_range_hu
        found = similarity(target, output, window=window, data_range=data_range)
        self._error.add(found.rmse**2, found.voxels)
        if isinstance(found.ssim, Measured):
            self._ssim.add(found.ssim.value, found.voxels)


class _Mean:
    """A weighted mean of what is added one by one; `None` before anything was."""

    def __init__(self) -> None:
        self._sum = self._weight = 0.0

    def add(self, value: float, weight: float) -> None:
        self._sum += weight * value
        self._weight += weight

    @property
    def mean(self) -> float | None:
        return self._sum / self._weight if self._weight else None


def _square(values: NDArray[np.float32]) -> float:
    return float(np.square(values, dtype=np.float64).sum())

"""What a model does to a real series it has not seen: noise, edges and HU values, section by section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.measure.audit.edge_ratio import EdgeRatioMeter, edge_masks
from CTDenoiseLib.models import Metric, Model
from CTDenoiseLib.volume import Volume

from .smoothing import weighted_mean

DETREND_PIXELS = 6.0
"""SD of the Gaussian that stands for anatomy when the noise of flat soft tissue is measured."""


class NothingToMeasureError(CTDenoiseError):
    """The images cannot give the figures."""


@dataclass(frozen=True)
class Evaluation:
    """Figures over some sections of a series.

    Attributes:
        noise_before: RMS of the detrended input over the flatter half of soft tissue, in HU.
        noise_after: The same of the output, over the same voxels.
        edge_ratio: Of the residual, see `CTDenoiseLib.measure.audit.edge_ratio`; `None` when there is no residual.
        bias: Mean of output − input over the same voxels, in HU.
    """

    noise_before: float
    noise_after: float
    edge_ratio: float | None
    bias: float

    @property
    def noise_reduction(self) -> float:
        """100 · (1 − after / before), in percent."""
        return 100 * (1 - self.noise_after / self.noise_before)

    def metrics(self, data: str) -> tuple[Metric, ...]:
        """The figures as a model card states them."""
        where = "Over the flatter half of the soft tissue."
        figures = [
            ("soft-tissue noise before", self.noise_before, "HU", where),
            ("soft-tissue noise after", self.noise_after, "HU", where),
            ("noise reduction", self.noise_reduction, "%", where),
            ("HU bias", self.bias, "HU", where),
        ]
        if self.edge_ratio is not None:
            figures.append(
                ("edge ratio of the residual", self.edge_ratio, "", "Pure noise of a real scanner has 0.96.")
            )
        return tuple(
            Metric(name=name, value=round(value, 2), unit=unit, data=data, note=note)
            for name, value, unit, note in figures
        )


def evaluate(model: Model, volume: Volume, *, sections: Sequence[int], backend: Backend) -> Evaluation:
    """Denoise some sections of a volume, with their true neighbours, and measure.

    Args:
        model: The model.
        volume: A real series.
        sections: Indices along z.
        backend: Device and precision.

    Raises:
        NothingToMeasureError: No section shows a body with soft tissue.
    """
    meter = EdgeRatioMeter()
    squares, total, count = np.zeros(2), 0.0, 0
    for denoised in Denoiser(model, backend).sections(volume, order=sections):
        hu = volume.hu[denoised.index]
        masks = edge_masks(hu)
        if masks is None:
            continue
        meter.add(masks, hu - denoised.output)
        squares += [np.square(detrended(image, masks.flat), dtype=np.float64).sum() for image in (hu, denoised.output)]
        total += float((denoised.output - hu)[masks.flat].sum(dtype=np.float64))
        count += int(masks.flat.sum())
    if not count:
        raise NothingToMeasureError(f"None of the {len(sections)} sections shows a body with soft tissue.")
    before, after = np.sqrt(squares / count)
    ratio = meter.result()
    return Evaluation(float(before), float(after), ratio.ratio if ratio else None, total / count)


def detrended(image: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Voxels under the mask less their neighbourhood's mean, to which only voxels under the mask count.

    Args:
        image: A section in HU, shape (y, x).
        mask: Same shape.

    Returns:
        HU, shape (n,).
    """
    return np.asarray((image - weighted_mean(image, mask.astype(np.float32), DETREND_PIXELS))[mask])

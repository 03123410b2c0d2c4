"""What a denoiser does to a simulated examination of the spine: noise, resolution, HU values, and small veins.

Any denoiser will do, such as a network, a filter, or another reconstruction of the same rays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.noise.nps import noise_power_spectrum
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf

from ...simulate.spine import ROD_RADIUS_MM, SpineExam
from .vein_measures import VeinFigures, vein_figures

Floats = NDArray[np.float32]
Denoise = Callable[[Floats], Floats]
"""From noisy sections in HU, shape (z, y, x), to the output, same shape."""

OUTER_SECTIONS = 3
"""At each end of the stack these are not measured: a window of seven sections is not full there."""

_ROD_SURROUNDINGS_MM = 8.0


@dataclass(frozen=True)
class RodResolution:
    """Task transfer function of a rod of 900 HU in muscle.

    `None` is what cannot be measured, such as in much noise or blur.

    Attributes:
        f50_per_mm: Frequency in mm⁻¹ at which it falls to one half.
        f50_error: Standard uncertainty of that in mm⁻¹.
        f10_per_mm: Frequency in mm⁻¹ at which it falls to one tenth.
    """

    f50_per_mm: float | None
    f50_error: float | None
    f10_per_mm: float | None


@dataclass(frozen=True)
class SpineFigures:
    """Figures of one image series.

    Attributes:
        noise_hu: SD in uniform muscle in HU, root mean square of the sections.
        nps_mean_per_mm: Mean frequency of the noise power spectrum there in mm⁻¹.
        rod: Resolution.
        muscle_bias_hu: Mean difference from the noise-free image in muscle.
        medium_bias_hu: The same in the contrast medium of the sac.
        veins: One for each vein.
    """

    noise_hu: float
    nps_mean_per_mm: float
    rod: RodResolution
    muscle_bias_hu: float
    medium_bias_hu: float
    veins: tuple[VeinFigures, ...]

    def content(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> SpineFigures:
        """From `content`."""
        parts = {"rod": RodResolution(**content["rod"]), "veins": tuple(VeinFigures(**v) for v in content["veins"])}
        return cls(**{**content, **parts})


def measure_spine(exam: SpineExam, denoise: Denoise) -> SpineFigures:
    """Measure a denoiser, which is run twice: with the veins, and without them but with a rod.

    Args:
        exam: Of more than six sections; the three outer ones at either end are not measured.
        denoise: See `Denoise`.
    """
    return measure_images(exam, denoise(exam.noisy), denoise(exam.probe))


def measure_images(exam: SpineExam, images: Floats, probe: Floats) -> SpineFigures:
    """Measure images that were made of an examination in whatever way, such as with another kernel.

    Args:
        exam: Its truth is what the images are compared with.
        images: With the veins, in HU, shape (z, y, x).
        probe: The same without the veins and with the rod.
    """
    inner = _inner(images)
    noise = float(np.sqrt(images[inner][:, exam.muscle].var(axis=1, dtype=np.float64).mean()))
    error = images[inner].astype(np.float64) - exam.truth[inner]
    muscle = images[(inner, *_square_of_muscle(exam))]
    return SpineFigures(
        noise_hu=noise,
        nps_mean_per_mm=noise_power_spectrum(muscle, pixel_spacing=(exam.pixel_mm,) * 2).mean_frequency,
        rod=rod_resolution(exam, probe),
        muscle_bias_hu=float(error[:, exam.muscle].mean()),
        medium_bias_hu=float(error[exam.medium[inner]].mean()),
        veins=vein_figures(exam, (images - probe)[inner], muscle, sections=inner, noise_hu=noise),
    )


def rod_resolution(exam: SpineExam, probe: Floats) -> RodResolution:
    """Measure the rod's edge in the mean of the sections.

    Args:
        exam: Says where the rod is.
        probe: Any images with the rod, such as `exam.probe_truth`, shape (z, y, x).
    """
    half = round(_ROD_SURROUNDINGS_MM / exam.pixel_mm)
    row, column = (round(place) for place in exam.rod_centre)
    around = probe[_inner(probe), row - half : row + half + 1, column - half : column + half + 1]
    try:
        ttf = disc_ttf(around, pixel_spacing=(exam.pixel_mm,) * 2, radius_mm=ROD_RADIUS_MM, centre=(half, half))
    except MeasurementError:
        return RodResolution(None, None, None)
    f50, f10 = (fall if isinstance(fall, Measured) else Measured(float("nan")) for fall in (ttf.f50, ttf.f10))
    return RodResolution(_known(f50.value), _known(f50.uncertainty), _known(f10.value))


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _inner(images: Floats) -> slice:
    return slice(OUTER_SECTIONS, len(images) - OUTER_SECTIONS)


def _square_of_muscle(exam: SpineExam) -> tuple[slice, slice]:
    """Rows and columns of a square in the muscle."""
    rows, columns = (np.flatnonzero(exam.muscle.any(axis=axis)) for axis in (1, 0))
    # Half the side of a square in a circle is 0.35 of the diameter.
    half = int(0.35 * min(rows.size, columns.size))
    row, column = int(rows.mean()), int(columns.mean())
    return slice(row - half, row + half), slice(column - half, column + half)

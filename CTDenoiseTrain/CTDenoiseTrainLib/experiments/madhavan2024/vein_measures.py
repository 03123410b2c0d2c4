"""What is seen of the veins of a simulated examination in images that were made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from ...simulate.spine import SpineExam

Floats = NDArray[np.float32]

_FEWEST_CORE_VOXELS = 4
_TEMPLATE_MM = 1.5


@dataclass(frozen=True)
class VeinFigures:
    """What is seen of a vein.

    Attributes:
        diameter_mm: Of the tube.
        contrast_hu: Above the tissue that it runs through.
        internal: Whether it runs beside the sac.
        retained: Part of its picture in the examination's kernel that is left, 1 for all (least squares).
        seen_hu: Contrast in the middle of it, mean along its course.
        cnr: `seen_hu` over the noise of the image, whatever its texture.
        detectability: d′ of a non-prewhitening observer (Wagner and Brown, Phys Med Biol 1985;30:489) who knows the
            vein as the images show it, within 1.5 mm of the middle of the section that shows most of it: its energy
            over the SD of what the same template finds in the noise of muscle.
    """

    diameter_mm: float
    contrast_hu: float
    internal: bool
    retained: float
    seen_hu: float
    cnr: float
    detectability: float


def vein_figures(
    exam: SpineExam, left: Floats, muscle: Floats, *, sections: slice, noise_hu: float
) -> tuple[VeinFigures, ...]:
    """Measure each vein that some sections show.

    Args:
        exam: The examination.
        left: Difference of images with and without veins in HU, shape (n, y, x).
        muscle: A part of the images that shows uniform muscle, shape (n, rows, columns), larger than 3 mm.
        sections: Which sections of the examination these are.
        noise_hu: SD of the noise of the images.
    """
    picture, labels, cores = exam.veins_hu[sections], exam.vein_labels[sections], exam.vein_cores[sections]

    def total(where: NDArray[np.int16], values: Floats) -> NDArray[np.float64]:
        sums = np.bincount(where.ravel(), values.ravel(), minlength=len(exam.veins) + 1)
        return np.asarray(sums, dtype=np.float64)

    overlap, power = total(labels, left * picture), total(labels, picture * picture)
    voxels = total(cores, np.ones_like(left))
    seen = total(cores, left) / np.maximum(voxels, 1)
    noise = muscle - muscle.mean(axis=(1, 2), keepdims=True)
    half = round(_TEMPLATE_MM / exam.pixel_mm)
    return tuple(
        VeinFigures(
            vein.diameter_mm,
            vein.contrast_hu,
            vein.internal,
            retained=float(overlap[number] / power[number]),
            seen_hu=float(seen[number]),
            cnr=float(seen[number] / noise_hu),
            detectability=_detectability(_template(left, labels, cores, number, half), noise),
        )
        for number, vein in enumerate(exam.veins, start=1)
        if voxels[number] >= _FEWEST_CORE_VOXELS
    )


def _template(left: Floats, labels: NDArray[np.int16], cores: NDArray[np.int16], number: int, half: int) -> Floats:
    """A vein in the section that shows most of it, without its surroundings, shape (rows, columns)."""
    section = int(np.argmax((cores == number).sum(axis=(1, 2))))
    places = np.argwhere(cores[section] == number)
    row, column = places[np.argmin(np.square(places - places.mean(axis=0)).sum(axis=1))].tolist()
    around = np.s_[section, max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1]
    return np.asarray(np.where(labels[around] == number, left[around], 0), dtype=np.float32)


def _detectability(template: Floats, noise: Floats) -> float:
    found = fftconvolve(noise, template[np.newaxis, ::-1, ::-1], mode="valid", axes=(1, 2))
    return float(np.square(template, dtype=np.float64).sum() / found.std(dtype=np.float64))

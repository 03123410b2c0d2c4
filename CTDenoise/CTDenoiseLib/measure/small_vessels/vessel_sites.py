"""Places in real tissue where vessels can be inserted: uniform soft tissue, well apart, and away from edges."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from ..audit.tissue_classes import Tissue
from ..noise.noise_level import section_noise
from ..noise.uniform_region import mean_beside
from ..sampling import MeasurableVolume, evenly_spread

APART_MM = 8.0
_SMOOTHING_MM = 2.0
# Smoothed noise alone spans about as much; an edge of soft tissue against fat spans 100 HU and more.
_LARGEST_RANGE_HU = 50.0
_SECTIONS_TRIED = 12


@dataclass(frozen=True)
class VesselSites:
    """Places in one section.

    Attributes:
        section: Its index.
        centres: Rows and columns (y, x) in pixels.
        noise_hu: Noise level of the section in HU; `None` if it could not be measured.
    """

    section: int
    centres: tuple[tuple[int, int], ...]
    noise_hu: float | None


def find_vessel_sites(volume: MeasurableVolume, *, section: int | None = None, apart: float = APART_MM) -> VesselSites:
    """Find places whose surroundings are soft tissue without an edge.

    Args:
        volume: The real, noisy input.
        section: Which section to take; `None` takes the one with most places, of twelve evenly spread.
        apart: Least distance of places along rows and columns, and width of the surroundings, in mm.
    """
    tried = evenly_spread(volume.shape[0], most=_SECTIONS_TRIED) if section is None else (section,)
    found = [VesselSites(index, tuple(_centres(volume, index, apart)), _noise(volume, index)) for index in tried]
    return max(found, key=lambda sites: len(sites.centres))


def _centres(volume: MeasurableVolume, section: int, apart: float) -> Iterator[tuple[int, int]]:
    """Greedily from top to bottom: one that is taken rules out its surroundings."""
    _, *pixel = volume.geometry.spacing
    beside = mean_beside(volume, section)
    smooth = scipy.ndimage.gaussian_filter(beside, [_SMOOTHING_MM / size for size in pixel])
    width = tuple(2 * math.ceil(apart / size / 2) + 1 for size in pixel)
    low, high = scipy.ndimage.minimum_filter(smooth, width), scipy.ndimage.maximum_filter(smooth, width)
    tissue = Tissue.SOFT_TISSUE
    free = (low >= tissue.low) & (high < tissue.high) & (high - low < _LARGEST_RANGE_HU)
    free &= ~scipy.ndimage.maximum_filter(volume.padding_mask(section), width)
    rows, columns = (size // 2 for size in width)
    free[:rows] = free[-rows:] = False
    free[:, :columns] = free[:, -columns:] = False
    while free.any():
        row, column = np.unravel_index(int(free.argmax()), free.shape)
        yield int(row), int(column)
        free[: row + width[0], max(column - width[1] + 1, 0) : column + width[1]] = False


def _noise(volume: MeasurableVolume, section: int) -> float | None:
    hu: NDArray[np.float32] = volume.section(section)
    return section_noise(hu, pixel_spacing=volume.geometry.spacing[1:])

"""The most uniform square of soft tissue in a volume, found without a click, to read noise from.

Noise is read as in phantom practice: the standard deviation of HU in a square of one material (IEC 61223-3-5).
Choosing the square of lowest deviation would choose a lucky draw and report too little noise, the more so the more
squares there are and the blotchier the noise: 15 to 30 % too little even in a small volume. So the square is chosen by
what the noise to be measured has no part in, by the uniformity of the *neighbouring* sections, averaged and smoothed,
whose noise is nearly independent. The figure is then that of a square dropped blindly on uniform material (within 2 %,
tested); only a volume of a single section must be judged by itself.

Noise differs from place to place in a patient. The figure holds for the place found, which is reported with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from ..sampling import MOST_SECTIONS, MeasurableVolume, evenly_spread

_SMOOTHING_MM = 2.0
_LEAST_SIDE_PIXELS = 9
_MATERIAL_HU = (-200.0, 1000.0)
_LARGEST_STRUCTURE_SHARE = 0.5


@dataclass(frozen=True)
class RegionStatistics:
    """Mean and noise of one region.

    Attributes:
        mean_hu: Mean in HU.
        noise_hu: Standard deviation (n − 1) in HU.
    """

    mean_hu: float
    noise_hu: float


@dataclass(frozen=True)
class UniformRegion:
    """A square of one material in one section.

    Attributes:
        section: Index of the section.
        rows: Rows of the square.
        columns: Columns of the square.
        mean_hu: Mean of the input there, in HU.
        noise_hu: Standard deviation of the input there, in HU.
    """

    section: int
    rows: slice
    columns: slice
    mean_hu: float
    noise_hu: float

    def measure(self, section_hu: NDArray[np.floating]) -> RegionStatistics:
        """Mean and noise of the same voxels in another version of the section.

        Args:
            section_hu: The whole section, HU, shape (y, x).
        """
        return _statistics(section_hu[self.rows, self.columns])


def find_uniform_region(
    volume: MeasurableVolume, *, side: float = 15.0, most_sections: int = MOST_SECTIONS
) -> UniformRegion | None:
    """Find the square of soft-tissue-like material whose mean is most uniform.

    A square qualifies when the smoothed HU all lie between −200 and 1000 (fat, water, muscle, contrast medium, most
    plastics; not air, lung or metal), when no voxel in it is padding or has only equal neighbours (saturation, filled
    background), and when it varies less than half as much smoothed as it does unsmoothed: otherwise its standard
    deviation would be anatomy.

    Args:
        volume: The noisy input; the sections that are looked at (`evenly_spread`) and those beside them are enough.
        side: Side of the square in mm; at least nine pixels are taken.
        most_sections: Look at no more than so many sections, evenly spread; each of 512² costs about 16 ms.

    Returns:
        The region, or `None` if the volume has none, such as one smaller than the square.
    """
    search = UniformRegionSearch(volume, side=side, most_sections=most_sections)
    for section in search.sections:
        search.look_at(section)
    return search.result()


class UniformRegionSearch:
    """The search of `find_uniform_region` section by section, for volumes whose sections come one by one.

    Args:
        volume: See `find_uniform_region`, as for the others.
        side: Of the square.
        most_sections: To look at.

    Attributes:
        sections: Indices of the sections to look at, each once, in any order.
    """

    def __init__(self, volume: MeasurableVolume, *, side: float = 15.0, most_sections: int = MOST_SECTIONS) -> None:
        _, row_spacing, column_spacing = volume.geometry.spacing
        self._volume = volume
        self._pixels = (odd_pixels(side / row_spacing), odd_pixels(side / column_spacing))
        self._sigma = (_SMOOTHING_MM / row_spacing, _SMOOTHING_MM / column_spacing)
        self._found: list[tuple[float, UniformRegion]] = []
        fits = volume.shape[1] >= self._pixels[0] and volume.shape[2] >= self._pixels[1]
        self.sections = evenly_spread(volume.shape[0], most=most_sections) if fits else range(0)

    def look_at(self, section: int) -> UniformRegion | None:
        """The best square of one section, judged by the sections beside it; `None` if there is none."""
        smooth = scipy.ndimage.gaussian_filter(mean_beside(self._volume, section), self._sigma)
        hu = self._volume.section(section)
        low, high = _MATERIAL_HU
        unfit = (smooth <= low) | (smooth >= high) | _without_noise(hu) | self._volume.padding_mask(section)
        allowed = ~scipy.ndimage.maximum_filter(unfit, self._pixels)
        half_rows, half_columns = self._pixels[0] // 2, self._pixels[1] // 2
        inside = np.zeros_like(allowed)
        inside[half_rows : allowed.shape[0] - half_rows, half_columns : allowed.shape[1] - half_columns] = True
        allowed &= inside
        if not allowed.any():
            return None
        structure = np.where(allowed, local_deviation(smooth, self._pixels), np.inf)
        row, column = (int(place) for place in np.unravel_index(int(structure.argmin()), structure.shape))
        rows = slice(row - half_rows, row + half_rows + 1)
        columns = slice(column - half_columns, column + half_columns + 1)
        found = _statistics(hu[rows, columns])
        region = UniformRegion(section, rows, columns, found.mean_hu, found.noise_hu)
        self._found.append((float(structure[row, column]), region))
        return region

    def result(self) -> UniformRegion | None:
        """The most uniform of the squares found so far whose deviation is noise and not anatomy."""
        for _, region in sorted(self._found, key=lambda found: (found[0], found[1].section)):
            hu = self._volume.section(region.section).astype(np.float64)
            own = scipy.ndimage.gaussian_filter(hu, self._sigma)[region.rows, region.columns]
            if own.std() <= _LARGEST_STRUCTURE_SHARE * region.noise_hu:
                return region
        return None


def mean_beside(volume: MeasurableVolume, section: int) -> NDArray[np.float64]:
    """Mean of the sections beside one, without it; the section itself if it is the only one."""
    beside = [index for index in (section - 1, section + 1) if 0 <= index < volume.shape[0]] or [section]
    return np.asarray(np.mean([volume.section(index) for index in beside], axis=0, dtype=np.float64))


def _without_noise(picture: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Pixels equal to all their neighbours: no scanner makes them except by filling or clipping."""
    framed = np.pad(picture, 1, mode="edge")
    return np.asarray(_of_neighbours(np.maximum, framed) == _of_neighbours(np.minimum, framed))


def _of_neighbours(choose: np.ufunc, framed: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest or lowest of each pixel and its eight neighbours, without the frame."""
    of_column = choose(choose(framed[:-2], framed[1:-1]), framed[2:])
    return np.asarray(choose(choose(of_column[:, :-2], of_column[:, 1:-1]), of_column[:, 2:]))


def local_deviation(picture: NDArray[np.float64], pixels: Sequence[int]) -> NDArray[np.float64]:
    """Standard deviation of a picture (y, x) in the rectangle of so many rows and columns around each pixel."""
    centred = picture - picture.mean()
    mean = scipy.ndimage.uniform_filter(centred, pixels)
    square = scipy.ndimage.uniform_filter(centred * centred, pixels)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0.0)))


def _statistics(region: NDArray[np.floating]) -> RegionStatistics:
    values = region.astype(np.float64)
    return RegionStatistics(mean_hu=float(values.mean()), noise_hu=float(values.std(ddof=1)))


def odd_pixels(pixels: float) -> int:
    """Side of a square in whole pixels: odd, as it has a middle, and at least nine."""
    return max(_LEAST_SIDE_PIXELS, 2 * round((pixels - 1) / 2) + 1)

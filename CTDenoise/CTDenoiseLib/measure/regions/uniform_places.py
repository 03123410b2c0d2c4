"""Squares of uniform soft tissue or phantom, found without a click and well apart, to read noise at several places.

As in `uniform_region`, a place is judged by the sections beside it, averaged and smoothed, whose noise is nearly
independent of its own: to choose the squares of least deviation would be to choose lucky draws, and report too little
noise. Its own voxels only decide whether it is fit at all. Noise is then that of squares dropped blindly on uniform
material, within 1 % (tested); an image of a single section, or of sections that share noise, is read some 7 % too low.

Of the fit places, the most uniform are taken that lie as far apart as the image allows: noise differs from place to
place, most of all in a patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..errors import MeasurementError
from ..image import MeasuredImage
from ..noise.uniform_region import local_deviation, odd_pixels
from ..sampling import evenly_spread
from .shapes import Box, NamedShape

MOST_SECTIONS = 12

_MAP_PIXEL_MM = 1.0
_SMOOTHING_MM = 2.0
_AIR_HU, _BODY_ABOVE_HU = -1000.0, -300.0
_MATERIAL_HU = (-200.0, 1000.0)
_LARGEST_SHARE = 0.5
_FILLED_BELOW_HU = 1e-3
_TYPICAL_SQUARES = 10
_MORE_THAN_TYPICAL = 2.0
# Centres of squares in multiples of their side: they never overlap.
_LEAST_APART = 1.5
_CLOSER = 0.8


class NoUniformPlaceError(MeasurementError):
    """There is no uniform material to measure."""


@dataclass(frozen=True, eq=False)
class _Candidates:
    """Squares that may be uniform: index (z, y, x) of the middle voxel, shape (n, 3), and how uniform, shape (n,).

    `structure` is the standard deviation in HU of the smoothed sections beside.
    """

    middle: NDArray[np.intp]
    structure: NDArray[np.float64]


@dataclass(frozen=True)
class _OwnNoise:
    """Standard deviation of a square in HU, and the share of it that is left after smoothing."""

    deviation: float
    left_by_smoothing: float


def uniform_places(
    image: MeasuredImage, *, count: int = 5, side_mm: float = 15.0, sections: Sequence[int] | None = None
) -> tuple[NamedShape, ...]:
    """Find squares of one material in one section each, the most uniform first.

    A square qualifies in soft tissue, water or plastic (−200 to 1000 HU) of the largest body in its section, when no
    voxel is padding or equal to all its neighbours (filled or clipped), and when it is as uniform as the ten most
    uniform squares let expect, whose noise and its fineness are taken as typical: smoothing by 2 mm leaves at most
    twice the usual share of its standard deviation, and at most half; and the smoothed sections beside vary by no more
    than the usual noise. Otherwise its standard deviation would be anatomy.

    Args:
        image: The noisy input.
        count: How many squares to find; fewer if the image has no more.
        side_mm: Side of the squares; at least nine pixels are taken.
        sections: Indices of the sections to look at, such as the one on screen; `None` for all. Of many, twelve are
            looked at, evenly spread; each of 512² costs about 10 ms.

    Raises:
        NoUniformPlaceError: The image has no such square.
    """
    _, row_spacing, column_spacing = image.grid.spacing
    pixels = odd_pixels(side_mm / row_spacing), odd_pixels(side_mm / column_spacing)
    found = [_candidates(image, section, pixels) for section in _sections(image, sections)]
    candidates = _Candidates(
        np.concatenate([np.empty((0, 3), dtype=np.intp), *(each.middle for each in found)]),
        np.concatenate([np.empty(0), *(each.structure for each in found)]),
    )
    chosen = _well_apart(image, candidates, pixels, count)
    if not chosen:
        raise NoUniformPlaceError(
            f"No square of {side_mm:g} mm holds uniform soft tissue or phantom; draw a smaller region yourself."
        )
    return tuple(
        NamedShape(f"Uniform {number}", _square(image, middle, pixels)) for number, middle in enumerate(chosen, start=1)
    )


def _sections(image: MeasuredImage, sections: Sequence[int] | None) -> list[int]:
    wanted = range(image.grid.shape[0]) if sections is None else sorted(sections)
    held = [section for section in wanted if image.sections is None or section in image.sections]
    return [held[place] for place in evenly_spread(len(held), most=MOST_SECTIONS)] if held else []


def _candidates(image: MeasuredImage, section: int, pixels: tuple[int, int]) -> _Candidates:
    """The most uniform square around each place of a lattice of half squares, judged by the sections beside."""
    step = [max(1, int(_MAP_PIXEL_MM / spacing)) for spacing in image.grid.spacing[1:]]
    spacing = [each * of_pixel for each, of_pixel in zip(step, image.grid.spacing[1:], strict=True)]
    beside = np.mean([_reduced(image.values[index], step) for index in _beside(image, section)], axis=0)
    smooth = ndimage.gaussian_filter(beside, [_SMOOTHING_MM / each for each in spacing])
    # One more on each side, as the middle is known to a pixel of the map only.
    side = [-(-of_pixels // each) + 2 for of_pixels, each in zip(pixels, step, strict=True)]
    low, high = _MATERIAL_HU
    fit = _largest_body(smooth)
    fit &= (ndimage.minimum_filter(smooth, side) > low) & (ndimage.maximum_filter(smooth, side) < high)
    margin = [each // 2 + 1 for each in side]
    fit[: margin[0]] = fit[-margin[0] :] = fit[:, : margin[1]] = fit[:, -margin[1] :] = False
    structure = local_deviation(smooth, side)
    structure[~fit | (structure < _FILLED_BELOW_HU)] = np.inf
    places = _best_of_cells(structure, [each // 2 for each in side])
    middle = np.rint((places + 0.5) * step - 0.5).astype(np.intp)
    return _Candidates(np.insert(middle, 0, section, axis=1), structure[tuple(places.T)])


def _beside(image: MeasuredImage, section: int) -> list[int]:
    """The sections beside one that hold data; the section itself if there are none."""
    held = range(image.grid.shape[0]) if image.sections is None else image.sections
    return [index for index in (section - 1, section + 1) if index in held] or [section]


def _reduced(picture: NDArray[np.generic], step: Sequence[int]) -> NDArray[np.float64]:
    """Means of blocks of pixels."""
    rows, columns = (size // each for size, each in zip(picture.shape, step, strict=True))
    # What is no number is no body, and must not spread.
    known = np.nan_to_num(np.asarray(picture, dtype=np.float32), nan=_AIR_HU)
    blocks = known[: rows * step[0], : columns * step[1]]
    return np.asarray(blocks.reshape(rows, step[0], columns, step[1]).mean(axis=(1, 3), dtype=np.float64))


def _largest_body(smooth: NDArray[np.float64]) -> NDArray[np.bool_]:
    bodies, number = ndimage.label(smooth > _BODY_ABOVE_HU)
    return np.asarray(bodies == 1 + np.argmax(np.bincount(bodies.ravel(), minlength=number + 2)[1:]))


def _best_of_cells(structure: NDArray[np.float64], cell: Sequence[int]) -> NDArray[np.intp]:
    """Row and column of the lowest value in each cell that has a finite one, shape (n, 2)."""
    rows, columns = structure.shape
    padded = np.pad(structure, ((0, -rows % cell[0]), (0, -columns % cell[1])), constant_values=np.inf)
    down, across = padded.shape[0] // cell[0], padded.shape[1] // cell[1]
    cells = padded.reshape(down, cell[0], across, cell[1]).swapaxes(1, 2).reshape(down, across, -1)
    row, column = np.nonzero(np.isfinite(cells.min(axis=2)))
    within = np.unravel_index(cells.argmin(axis=2)[row, column], tuple(cell))
    return np.stack((row * cell[0] + within[0], column * cell[1] + within[1]), axis=1)


def _well_apart(
    image: MeasuredImage, candidates: _Candidates, pixels: tuple[int, int], count: int
) -> list[NDArray[np.intp]]:
    """The most uniform places of the widest distance at which there are enough; all there are at the least distance."""
    own_noise = cache(lambda each: _own_noise(image, candidates.middle[each], pixels))
    by_uniformity = (own_noise(int(each)) for each in np.argsort(candidates.structure))
    typical = list(islice((each for each in by_uniformity if np.isfinite(each.deviation)), _TYPICAL_SQUARES))
    if not typical:
        return []
    noise = float(np.median([each.deviation for each in typical]))
    most = min(_LARGEST_SHARE, _MORE_THAN_TYPICAL * float(np.median([each.left_by_smoothing for each in typical])))
    uniform = np.where(candidates.structure <= noise, candidates.structure, np.inf)
    places = image.grid.to_world(candidates.middle)
    least = _LEAST_APART * max(pixels[0] * image.grid.spacing[1], pixels[1] * image.grid.spacing[2])
    apart = max(least, float(np.linalg.norm(np.ptp(places, axis=0))) / 2)
    while True:
        chosen: list[int] = []
        left = uniform.copy()
        while len(chosen) < count and np.isfinite(left.min()):
            best = int(left.argmin())
            left[best] = np.inf
            if own_noise(best).left_by_smoothing <= most:
                chosen.append(best)
                left[np.linalg.norm(places - places[best], axis=1) < apart] = np.inf
        if len(chosen) == count or apart <= least:
            return [candidates.middle[each] for each in chosen]
        apart = max(least, apart * _CLOSER)


def _own_noise(image: MeasuredImage, middle: NDArray[np.intp], pixels: tuple[int, int]) -> _OwnNoise:
    """Of the voxels of a square themselves; infinite if some are no data, filled or clipped."""
    sigma = [_SMOOTHING_MM / spacing for spacing in image.grid.spacing[1:]]
    reach = [side // 2 + int(np.ceil(3 * each)) for side, each in zip(pixels, sigma, strict=True)]
    start = [max(0, int(each) - around) for each, around in zip(middle[1:], reach, strict=True)]
    stop = [int(each) + around + 1 for each, around in zip(middle[1:], reach, strict=True)]
    around = np.asarray(image.values[middle[0], start[0] : stop[0], start[1] : stop[1]], dtype=np.float64)
    first = [int(each) - side // 2 - begin for each, side, begin in zip(middle[1:], pixels, start, strict=True)]
    square = slice(first[0], first[0] + pixels[0]), slice(first[1], first[1] + pixels[1])
    equal = (ndimage.maximum_filter(around, 3) == ndimage.minimum_filter(around, 3))[square]
    if not np.isfinite(around).all() or equal.any() or image.is_padding(around[square]).any():
        return _OwnNoise(np.inf, np.inf)
    deviation = float(around[square].std())
    return _OwnNoise(deviation, float(ndimage.gaussian_filter(around, sigma)[square].std()) / deviation)


def _square(image: MeasuredImage, middle: NDArray[np.intp], pixels: tuple[int, int]) -> Box:
    """A box around whole voxels: columns, rows, one section."""
    edges = image.grid.world_from_index[:3, [2, 1, 0]].T
    lengths = np.linalg.norm(edges, axis=1)
    return Box(
        centre=image.grid.to_world(middle), axes=edges / lengths[:, None], size=lengths * (pixels[1], pixels[0], 1)
    )

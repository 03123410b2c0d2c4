"""Uniform places to report noise from, where the user drew no regions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..measure.image import Grid, MeasuredImage
from ..measure.noise.uniform_region import RegionStatistics
from ..measure.regions.region import region_voxels
from ..measure.regions.uniform_places import MOST_SECTIONS, NoUniformPlaceError, uniform_places
from ..measure.sampling import MeasurableVolume, evenly_spread
from ..volume import Geometry
from .figures import RegionFigures

_COUNT = 5
_NO_DATA_HU = -10000.0


def uniform_regions(before: MeasurableVolume, after: MeasurableVolume) -> tuple[RegionFigures, ...]:
    """Squares of uniform tissue or phantom, well apart, each in one section; none if the input has none.

    Args:
        before: The input. The sections that are looked at (`evenly_spread`) and those beside them are enough.
        after: The output on the same voxels; the sections that are looked at are enough.
    """
    looked_at = evenly_spread(before.shape[0])
    middle = [looked_at[place] for place in evenly_spread(len(looked_at), most=MOST_SECTIONS)]
    sampled = sorted({index + step for index in middle for step in (-1, 0, 1)} & set(range(before.shape[0])))
    image = _stack(before, sampled)
    try:
        squares = uniform_places(image, count=_COUNT, sections=[sampled.index(index) for index in middle])
    except NoUniformPlaceError:
        return ()
    voxels = (region_voxels(square.shape, image.grid).indices() for square in squares)
    return tuple(
        _measure(f"Uniform {number}", sampled[int(each[0, 0])], each[:, 1:], before, after)
        for number, each in enumerate(voxels, start=1)
    )


def _stack(volume: MeasurableVolume, sections: list[int]) -> MeasuredImage:
    """Some sections as an image, as far apart on average as they are.

    A section that is looked at lies between those beside it, so that places are judged as in the whole volume.
    """
    values = np.stack([volume.section(index) for index in sections])
    for picture, index in zip(values, sections, strict=True):
        # What marks padding can differ from section to section.
        picture[volume.padding_mask(index)] = _NO_DATA_HU
    increment, *pixel = volume.geometry.spacing
    apart = increment * volume.shape[0] / len(sections)
    grid = Grid.of(Geometry(spacing=(apart, pixel[0], pixel[1])), (len(sections), *volume.shape[1:]))
    return MeasuredImage("input", values, grid, padding_hu=(_NO_DATA_HU, _NO_DATA_HU))


def _measure(
    name: str, section: int, pixels: NDArray[np.intp], before: MeasurableVolume, after: MeasurableVolume
) -> RegionFigures:
    """Of a rectangle, given by the rows and columns of its pixels, shape (n, 2)."""
    (top, left), (bottom, right) = pixels.min(axis=0).tolist(), pixels.max(axis=0).tolist()
    square = slice(top, bottom + 1), slice(left, right + 1)
    first, last = (volume.section(section)[square].astype(np.float64) for volume in (before, after))
    return RegionFigures(
        name=name,
        section=section,
        spans=tuple((row, left, right + 1) for row in range(top, bottom + 1)),
        before=RegionStatistics(float(first.mean()), float(first.std(ddof=1))),
        after=RegionStatistics(float(last.mean()), float(last.std(ddof=1))),
    )

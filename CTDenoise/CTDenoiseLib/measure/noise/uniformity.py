"""Are regions uniform, or is there something in them that a noise power spectrum would take for noise?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Finer parts, and noise as coarse as CT has it would be structure; coarser ones, and an edge may be a surface to them.
_PIXELS_A_PART = 6
_FEWEST_PARTS, _MOST_PARTS = 4, 8
# Noise with its peak at 0.2 mm⁻¹ has a share below 0.5 in most regions of 16² pixels of 0.5 mm, below 0.35 in 64².
_LARGEST_STRUCTURE_SHARE = 0.6
# Such noise has regions with 2.2 times the structure of most, in 6000 of 16² pixels.
_STANDS_OUT = 2.5
_FEWEST_TO_STAND_OUT_FROM = 5
# Of 64² pixels of normal noise, one in 100 000 regions has such a pixel.
_LONE_PIXEL_DEVIATIONS = 6.0
_MOST_NAMED = 5


def uniformity_warnings(
    regions: NDArray[np.floating] | NDArray[np.integer], noise: NDArray[np.float64]
) -> tuple[str, ...]:
    """Say which regions hold structure, one sentence a cause.

    A region is divided in parts, eight times eight if it is large, and its smooth surface subtracted. It holds an edge
    when the means of its parts vary 2.5 times as much as those of most regions. Where there are fewer than five
    regions, or most hold structure, its pixels are the measure: the means of parts vary 0.6 times as much with an edge
    of six times the noise, and as well with noise as coarse as the region, whose spectrum it cannot show either. A
    region holds something small when a pixel lies more than six standard deviations from the surface.

    Args:
        regions: HU, shape (n, y, x).
        noise: The same without their surface.
    """
    structure = _part_means(noise).std(axis=1)
    deviation = noise.std(axis=(1, 2))
    coarse = structure > _LARGEST_STRUCTURE_SHARE * deviation
    stands_out = structure > _STANDS_OUT * np.median(structure)
    few = len(noise) < _FEWEST_TO_STAND_OUT_FROM
    farthest = np.maximum(noise.max(axis=(1, 2)), -noise.min(axis=(1, 2)))
    small = farthest > _LONE_PIXEL_DEVIATIONS * deviation
    # A median of zero, such as of filled background, is nothing to stand out from.
    edges = stands_out & ~small & (not few and np.median(structure) > 0)
    coarse &= ~small & ~edges & (few or 2 * coarse.sum() > len(noise))
    apart = np.ptp(_part_means(regions), axis=1)
    warnings = []
    if edges.any():
        warnings.append(
            f"{_name(edges)} not uniform: means of parts differ by {_most(apart, edges)}, more than in the other "
            "regions; an edge makes a spectrum of anatomy, so move it or leave it out."
        )
    if coarse.any():
        warnings.append(
            f"{_name(coarse)} not uniform: means of parts differ by {_most(apart, coarse)}; an edge lies there, or the "
            "noise is too coarse for regions of this size."
        )
    if small.any():
        warnings.append(
            f"{_name(small)} not uniform: single pixels differ from their surroundings by {_most(farthest, small)}, "
            "more than noise explains; something small lies there."
        )
    return tuple(warnings)


def _part_means(regions: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
    """Means of the parts of each region, shape (n, parts); they overlap by half, lest an edge hide inside one."""
    count, *sides = regions.shape
    down, across = (2 * min(max(side // _PIXELS_A_PART, _FEWEST_PARTS), _MOST_PARTS) for side in sides)
    height, width = sides[0] // down, sides[1] // across
    whole = regions[:, : down * height, : across * width].reshape(count, down, height, across, width)
    quarters = whole.mean(axis=(2, 4), dtype=np.float64)
    pairs = quarters[:, 1:] + quarters[:, :-1]
    return np.asarray((pairs[:, :, 1:] + pairs[:, :, :-1]).reshape(count, -1) / 4)


def _name(chosen: NDArray[np.bool_]) -> str:
    numbers = [str(index + 1) for index in np.flatnonzero(chosen)]
    if len(numbers) == 1:
        return f"Region {numbers[0]} is"
    if len(numbers) <= _MOST_NAMED:
        return f"Regions {', '.join(numbers[:-1])} and {numbers[-1]} are"
    return f"{len(numbers)} of {chosen.size} regions are"


def _most(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> str:
    up_to = "up to " if chosen.sum() > 1 else ""
    return f"{up_to}{values[chosen].max():.3g} HU"

"""How far is noise of neighbouring sections alike?

Sections of a helical scan share projections, so noise reaches beyond the section thickness: in the NLST chest of 2/2 mm
it is correlated by 0.4 between adjacent sections, and not between those two apart. Who subtracts sections to get noise,
or takes the noise of one section for independent of another's, needs them farther apart than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.audit.edge_ratio import edge_masks
from CTDenoiseLib.measure.sampling import evenly_spread

from ..smoothing import weighted_mean
from .adjacent_sections import flat_in_both
from .by_section import THREADS
from .noise_map import NoiseMap

INDEPENDENT_BELOW = 0.1
"""Correlation up to which noise counts as independent: the SD of a difference is 5 % too low then."""

MOST_APART = 6

_MOST_PAIRS = 8
_FEWEST_PIXELS = 500
_LEAST_WEIGHT = 0.5
# What is coarser than this is anatomy in a series, and hardly noise.
_DETREND_PIXELS = 2.0


@dataclass(frozen=True)
class SectionCorrelation:
    """Correlation of noise between sections.

    Attributes:
        values: Correlation coefficient of the noise of sections 1, 2, 3 ... apart.
    """

    values: tuple[float, ...]

    @property
    def independent_from(self) -> int | None:
        """Least distance in sections from which on noise counts as independent; `None` if none measured is enough."""
        dependent = [apart for apart, value in enumerate(self.values, start=1) if abs(value) > INDEPENDENT_BELOW]
        first = dependent[-1] + 1 if dependent else 1
        return first if first <= len(self.values) else None

    def too_near(self, apart: int) -> str | None:
        """Why sections `apart` are too near each other for independent noise, in a sentence; `None` if they are not."""
        enough = self.independent_from
        if enough is not None and apart >= enough:
            return None
        advice = (
            f"set sections_apart to {enough} or more"
            if enough is not None
            else f"no distance up to {len(self.values)} is enough, so use another source of noise"
        )
        value = self.values[min(apart, len(self.values)) - 1]
        return f"The noise of sections {apart} apart is not independent (correlation {value:.2f}); {advice}."

    def __str__(self) -> str:
        """Such as "0.40, 0.03, 0.00"."""
        return ", ".join(f"{value:.2f}" for value in self.values)


def section_correlation(
    noise: NoiseMap, *, anatomy: NDArray[np.generic] | None = None, most_apart: int = MOST_APART
) -> SectionCorrelation | None:
    """Correlation of a noise map with itself some sections apart, where its weight lets it through.

    Of differences of reconstructions and of repeats. A map of adjacent sections is correlated with itself by its
    making; ask `series_correlation` of its source instead.

    Args:
        noise: The map.
        anatomy: HU of the same sections, any real type; if given, only flat soft tissue counts.
        most_apart: Greatest distance in sections.

    Returns:
        `None` when the map has one section only, or nothing that counts.
    """
    seen = None if anatomy is None else (lambda index: np.asarray(anatomy[index], dtype=np.float32))
    return noise_correlation(noise, anatomy=seen, most_apart=most_apart)


def noise_correlation(
    noise: NoiseMap, *, anatomy: Callable[[int], NDArray[np.float32]] | None, most_apart: int = MOST_APART
) -> SectionCorrelation | None:
    """The same, with a function that gives the anatomy of a section, shape (y, x), when it is looked at."""

    def moments(first: int, second: int) -> NDArray[np.float64]:
        counts = np.minimum(noise.weight[first], noise.weight[second]) > _LEAST_WEIGHT
        if anatomy is not None:
            masks = [edge_masks(anatomy(index), within=counts) for index in (first, second)]
            counts = np.all([np.zeros_like(counts) if mask is None else mask.flat for mask in masks], axis=0)
        return _moments(noise.noise[first][counts], noise.noise[second][counts])

    return _correlation(len(noise.noise), most_apart, moments)


def series_correlation(hu: NDArray[np.generic], *, most_apart: int = MOST_APART) -> SectionCorrelation | None:
    """Correlation of the noise of a single series between its sections, in soft tissue that is flat in both.

    Noise is what is left of a section without its mean over the neighbourhood (Gaussian of two pixels). Fine anatomy
    that runs through both sections counts as noise, so the correlation found is rather too high than too low.

    Args:
        hu: HU of any real type, shape (z, y, x); may be memory-mapped.
        most_apart: Greatest distance in sections.

    Returns:
        `None` when there is one section only, or no flat soft tissue.
    """

    def moments(first: int, second: int) -> NDArray[np.float64]:
        pair = [np.asarray(hu[index], dtype=np.float32) for index in (first, second)]
        weight = flat_in_both(pair)
        noise = [section - weighted_mean(section, weight, _DETREND_PIXELS) for section in pair]
        counts = weight > _LEAST_WEIGHT
        return _moments(noise[0][counts], noise[1][counts])

    return _correlation(len(hu), most_apart, moments)


def _moments(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float64]:
    """How many pixels, and the sums of a, b, a·b, a² and b²."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    return np.array([a.size, a.sum(), b.sum(), a @ b, a @ a, b @ b])


def _correlation(
    sections: int, most_apart: int, moments: Callable[[int, int], NDArray[np.float64]]
) -> SectionCorrelation | None:
    """For each distance, over some pairs of sections spread evenly."""
    distances = range(1, min(most_apart, sections - 1) + 1)
    pairs = [
        (first, first + apart) for apart in distances for first in evenly_spread(sections - apart, most=_MOST_PAIRS)
    ]
    with ThreadPoolExecutor(THREADS, thread_name_prefix="correlation") as threads:
        found = list(threads.map(moments, *zip(*pairs, strict=True))) if pairs else []
    values = []
    for apart in distances:
        of_these = [sums for sums, (first, second) in zip(found, pairs, strict=True) if second - first == apart]
        value = _coefficient(of_these)
        if value is None:
            break
        values.append(value)
    return SectionCorrelation(tuple(values)) if values else None


def _coefficient(moments: Iterable[NDArray[np.float64]]) -> float | None:
    """Of the sums of several pairs; a difference of the means is no part of it. `None` of too few or equal pixels."""
    count, a, b, product, a_squared, b_squared = np.sum(list(moments), axis=0)
    if count < _FEWEST_PIXELS:
        return None
    scale = np.sqrt(max(a_squared - a * a / count, 0.0) * max(b_squared - b * b / count, 0.0))
    return float((product - a * b / count) / scale) if scale else None

"""Noise taken from repeated scans of the same object, such as a phantom: what differs between them is noise.

Two scans of independent noise have a difference of twice the variance, hence the division by √2. Of n scans each minus
the mean of all is noise of (n − 1) / n of the variance, hence the factor √(n / (n − 1)); for two it is the same thing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Volume

from ..errors import DataError
from .by_section import Allocate, each_section, in_memory
from .match_series import match_all
from .noise_map import NoiseMap
from .usable_pixels import usable_weight

WHAT = "repeated scans"


def repeated_scan_noise(first: Volume, second: Volume, *, allocate: Allocate = in_memory) -> NoiseMap:
    """Difference of two scans, divided by √2.

    Args:
        first: A scan.
        second: Another one with the same settings.
        allocate: Makes room for noise and for weight.

    Returns:
        A map of the sections that both have, in the order of `first`. The weight is 0 where either holds no data or is
        clipped.

    Raises:
        DataError: The scans do not show the same sections.
    """
    (noise,) = noise_of_repeats([first, second], allocate=allocate)
    return noise


def noise_of_repeats(scans: Sequence[Volume], *, allocate: Allocate = in_memory) -> tuple[NoiseMap, ...]:
    """Each of three or more scans minus the mean of all, with the SD of a single scan.

    The mean holds a share of the noise of each, so the maps of n scans are correlated by −1 / (n − 1) among each other:
    they are as good as n − 1 independent ones. Those of two are each other's negative, and one is given.

    Args:
        scans: Two or more with the same settings.
        allocate: Makes room for the noise of each map, and once for their weight.

    Returns:
        A map for each scan, of the sections that all have, in the order of the first; one map for two scans. The weight
        is 0 where any scan holds no data or is clipped.

    Raises:
        DataError: There is only one scan, or they do not show the same sections.
    """
    if len(scans) < 2:
        raise DataError("Noise of repeated scans is their difference; give two or more scans of the same object.")
    places = match_all(scans, what=WHAT)
    shape = (len(places), *scans[0].shape[1:])
    maps = [allocate(shape) for _ in range(len(scans) if len(scans) > 2 else 1)]
    weight = allocate(shape)
    scale = np.float32(math.sqrt(len(scans) / (len(scans) - 1)))

    def one(index: int) -> None:
        sections = list(zip(scans, places[index], strict=True))
        mean = _mean([scan.section(section) for scan, section in sections])
        for noise, (scan, section) in zip(maps, sections, strict=False):
            np.multiply(scan.section(section) - mean, scale, out=noise[index])
        weight[index] = reduce(np.minimum, [usable_weight(scan, section) for scan, section in sections])

    each_section(one, len(places))
    return tuple(NoiseMap(noise=noise, weight=weight) for noise in maps)


def _mean(sections: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.asarray(np.mean(sections, axis=0, dtype=np.float32))

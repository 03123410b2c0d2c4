"""Noise taken from one scan by subtracting its iterative reconstruction from its filtered back-projection.

The method of Madhavan et al. (AJNR 2024;45:96): both are reconstructed with the same kernel, thin sections and
positions, so that anatomy cancels and what is left is the noise that the iterative method takes away. The differences
stay a volume: noise of adjacent sections is correlated as in the scanner's images.

Where the two differ in sharpness, or the iterative method treats edges in its own way, anatomy is left. No weight hides
it, since then it could not be found either: `leakage` judges the map as it is.
"""

from __future__ import annotations

import numpy as np

from CTDenoiseLib.volume import Volume

from .by_section import Allocate, each_section, in_memory
from .match_series import match_sections
from .noise_map import NoiseMap
from .usable_pixels import usable_weight

WHAT = "filtered back-projection and iterative reconstruction"


def reconstruction_noise(filtered: Volume, iterative: Volume, *, allocate: Allocate = in_memory) -> NoiseMap:
    """Subtract the iterative reconstruction from the filtered back-projection, section by section.

    Args:
        filtered: Filtered back-projection.
        iterative: Iterative reconstruction of the same scan, kernel and section thickness.
        allocate: Makes room for noise and for weight.

    Returns:
        A map of the sections that both have, in the order of `filtered`. The weight is 0 where either holds no data or
        is clipped.

    Raises:
        DataError: They do not show the same sections.
    """
    matched = match_sections(filtered, iterative, what=WHAT)
    shape = (len(matched), *filtered.shape[1:])
    noise, weight = allocate(shape), allocate(shape)

    def one(index: int) -> None:
        first, second = matched.first[index], matched.second[index]
        np.subtract(filtered.section(first), iterative.section(second), out=noise[index])
        weight[index] = np.minimum(usable_weight(filtered, first), usable_weight(iterative, second))

    each_section(one, len(matched))
    return NoiseMap(noise=noise, weight=weight)

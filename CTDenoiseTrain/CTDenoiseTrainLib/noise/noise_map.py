"""A noise map: the noise of a real series as a volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class NoiseMap:
    """Noise of a real series.

    Attributes:
        noise: HU, shape (z, y, x), with the SD of a single section; adjacent sections stay correlated as in the source.
        weight: 1 where the map is pure noise, falling to 0 where anatomy hides in it, shape (z, y, x).
    """

    noise: NDArray[np.float32]
    weight: NDArray[np.float32]

"""Means over a neighbourhood to which only some pixels count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

_LEAST_WEIGHT = 1e-3


def weighted_mean(
    values: NDArray[np.float32], weight: NDArray[np.float32], smoothing: float | Sequence[float]
) -> NDArray[np.float32]:
    """Gaussian-weighted mean of the neighbourhood of each pixel; falls to 0 where hardly any pixel near it counts.

    Args:
        values: Any shape.
        weight: How much each pixel counts, 0 to 1, same shape.
        smoothing: SD of the Gaussian in pixels, one or one for each axis.
    """
    counted = np.maximum(gaussian_filter(weight, smoothing), _LEAST_WEIGHT)
    return np.asarray(gaussian_filter(weight * values, smoothing) / counted, dtype=np.float32)

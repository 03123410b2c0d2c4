"""Structural similarity (SSIM) of two sections: do they agree in brightness, contrast and structure, pixel by pixel?

The index is that of Wang, Bovik, Sheikh and Simoncelli (IEEE Trans Image Process 2004;13:600): moments in a Gaussian
window of σ = 1.5 pixels within 11 × 11, K1 = 0.01, K2 = 0.03.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, minimum_filter

WINDOW_PIXELS = 11
_SIGMA_PIXELS = 1.5
_K1, _K2 = 0.01, 0.03
_HALF = WINDOW_PIXELS // 2


def structural_similarity(
    reference: NDArray[np.float64],
    other: NDArray[np.float64],
    *,
    data_range: float,
    valid: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Structural similarity of the pixels whose window lies in the section and holds nothing but valid pixels.

    Takes about 30 ms for 512².

    Args:
        reference: Brightness counted from zero for black, finite, shape (y, x).
        other: The same.
        data_range: Brightness of white.
        valid: Pixels that count, shape (y, x); `None` for all.

    Returns:
        The index of each such pixel, 1 for equal ones, in the order of memory, shape (n,).
    """
    if min(reference.shape) < WINDOW_PIXELS:
        return np.empty(0)
    mean_reference, mean_other = _window_mean(reference), _window_mean(other)
    product = mean_reference * mean_other
    squares = mean_reference**2 + mean_other**2
    covariance = _window_mean(reference * other) - product
    variances = _window_mean(reference**2 + other**2) - squares
    c1, c2 = (_K1 * data_range) ** 2, (_K2 * data_range) ** 2
    index = (2 * product + c1) * (2 * covariance + c2) / ((squares + c1) * (variances + c2))
    inner = (slice(_HALF, -_HALF),) * 2
    if valid is None or valid.all():
        return np.asarray(index[inner].ravel())
    return np.asarray(index[inner][minimum_filter(valid, WINDOW_PIXELS)[inner]])


def _window_mean(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(gaussian_filter(picture, _SIGMA_PIXELS, radius=_HALF))

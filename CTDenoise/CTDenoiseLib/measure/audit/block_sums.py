"""Sums over small squares of a section, which tell how far a mean may be off when neighbouring pixels are alike.

CT noise is correlated over a few pixels, so pixels are no independent draws and the usual SD/√n is too small, by three
times and more for smooth kernels. Squares of 32 pixels are larger than the noise is coarse: their sums are nearly
independent, and the scatter of the sums gives the standard error (the ratio estimator of cluster sampling, Cochran,
Sampling Techniques, 1977, chapter 9).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

SIDE_PIXELS = 32
FEWEST_SQUARES = 5


def block_sums(mask: NDArray[np.bool_], *values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Number of pixels and sums of values in each square of a section that holds pixels of a mask.

    Args:
        mask: Which pixels count, shape (y, x).
        values: What to sum, each of shape (y, x).

    Returns:
        One row for each square: number of pixels, then the sum of each of `values`.
    """
    rows, columns = np.nonzero(mask)
    across = -(-mask.shape[1] // SIDE_PIXELS)
    square = rows // SIDE_PIXELS * across + columns // SIDE_PIXELS
    counts = np.bincount(square)
    sums = [np.bincount(square, value[rows, columns]) for value in values]
    return np.stack([counts, *sums], axis=1)[counts > 0].astype(np.float64)


def mean_with_error(counts: NDArray[np.float64], sums: NDArray[np.float64]) -> tuple[float, float]:
    """Mean over all pixels and its standard error.

    Args:
        counts: Number of pixels in each square, one at least.
        sums: Sum of the values in each.

    Returns:
        Mean and standard error; the error is NaN where there are fewer than five squares.
    """
    mean = float(sums.sum() / counts.sum())
    return mean, standard_error(sums - mean * counts) / float(counts.sum())


def standard_error(deviations: NDArray[np.float64]) -> float:
    """Standard error of a sum over independent squares.

    Args:
        deviations: How much each square adds to the sum beyond what was expected.

    Returns:
        In the unit of `deviations`; NaN of fewer than five, whose scatter says too little.
    """
    squares = deviations.size
    if squares < FEWEST_SQUARES:
        return math.nan
    return float(np.sqrt(np.square(deviations).sum() * squares / (squares - 1)))

"""Subtract what is smooth from regions of noise: the mean, a slope, a bowl.

Cupping, the heel effect and scatter bend the mean of a uniform phantom. In a spectrum they would be noise of low
frequency, so they are fitted to each region by least squares and subtracted (ICRU Report 87; AAPM Report 233).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


def surface_terms(order: int) -> int:
    """Number of terms of a polynomial of this order in y and x: 1, 3, 6 for the orders 0, 1, 2."""
    return (order + 1) * (order + 2) // 2


def subtract_surface(regions: NDArray[np.floating] | NDArray[np.integer], order: int = 2) -> NDArray[np.float64]:
    """Regions without the polynomial in y and x that fits each of them best.

    A fit takes as many degrees of freedom as it has terms, six of order 2. Of white noise it takes the share
    terms/pixels of the variance: 0.15 % in 64² pixels, 2.3 % in 16². Of the noise of filtered back-projection, which is
    weak at low frequency, it takes less; of blotchy noise more. All it takes lies at the lowest frequencies.

    Args:
        regions: HU, shape (n, y, x).
        order: Highest power: 0 subtracts the mean, 1 a plane, 2 a bowl.

    Returns:
        HU about a mean of zero, shape (n, y, x).
    """
    count, rows, columns = regions.shape
    flat = regions.reshape(count, -1).astype(np.float64)
    # First, so that the fit of HU around −1000 loses no digits.
    flat -= flat.mean(axis=1, keepdims=True)
    basis = _orthonormal_polynomials(rows, columns, order)
    flat -= (flat @ basis) @ basis.T
    return flat.reshape(count, rows, columns)


@lru_cache(maxsize=8)
def _orthonormal_polynomials(rows: int, columns: int, order: int) -> NDArray[np.float64]:
    """Columns that span the polynomials of an order on a region, shape (pixels, terms)."""
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    powers = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    basis, _ = np.linalg.qr(np.stack([(y**i * x**j).ravel() for i, j in powers], axis=1))
    return np.ascontiguousarray(basis)

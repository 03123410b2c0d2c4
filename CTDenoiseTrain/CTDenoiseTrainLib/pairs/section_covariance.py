"""Give noise of subtracted sections the correlation along sections that the noise of a series has.

A map made by subtracting sections d increments from each other carries correlations of its making. Where C(l) is the
correlation of the series' noise l sections apart, that of the map is

    K(l) = C(l) − C(l − d) / 2 − C(l + d) / 2,

with −1/2 at l = d: sections i and i + d of the map share a section of the series with opposite signs. No noise of a
scanner is like this, and a network that sees both sections would learn to read the noise of one from the other.

Two steps undo it for the sections of a window. First, two parts A and B of the map, independent of each other since
they lie apart in the plane, are mixed to

    cos(90° · o / d) · A(o) + sin(90° · o / d) · B(o),     o: sections from the centre,

which multiplies K(l) by cos(90° · l / d), so that the shared section is no longer seen. If C is 0 but for l = 0, this
is all. Else the mixed sections, of covariance M, are multiplied with the matrix √C · √M⁻¹, after which their covariance
is C. The level comes out right as well: K(0) = 1 − C(d) is less than 1 where subtracted sections are still alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_LEAST_VARIANCE = 0.02
"""Patterns along the sections that have less of the mixture's noise than this are not amplified to their full share."""


@dataclass(frozen=True)
class Subtraction:
    """How a map was made of a series.

    Attributes:
        apart: Distance of the subtracted sections.
        correlation: Of the noise of the series 1, 2, 3 ... sections apart; beyond, and if empty, 0.
    """

    apart: int
    correlation: tuple[float, ...] = ()


@lru_cache(maxsize=256)
def section_weights(
    offsets: tuple[int, ...], subtraction: Subtraction
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Matrices by which the sections of two parts of a map are multiplied and then added.

    Args:
        offsets: Sections of the window that differ, counted from its centre, ascending.
        subtraction: How the map was made.

    Returns:
        For each of two parts, shape (len(offsets), len(offsets)); `None` in place of the second if it is not needed,
        since the window is too short to show that sections are shared.
    """
    apart, correlation = subtraction.apart, subtraction.correlation
    lags = np.abs(np.subtract.outer(offsets, offsets))
    angles = np.pi / 2 * np.array(offsets) / apart
    if lags.max() < apart:
        angles = np.zeros_like(angles)
    mixed = _of_map(lags, apart, correlation) * np.cos(np.subtract.outer(angles, angles))
    to_series = _power(_of_series(lags, correlation), 0.5, least=0.0) @ _power(mixed, -0.5, least=_LEAST_VARIANCE)
    first, second = (np.asarray(to_series * share(angles), dtype=np.float32) for share in (np.cos, np.sin))
    return first, (second if angles.any() else None)


def _of_series(lags: NDArray[np.int_], correlation: Sequence[float]) -> NDArray[np.float64]:
    known = np.array([1.0, *correlation])
    return np.where(lags < len(known), known[np.minimum(lags, len(known) - 1)], 0.0)


def _of_map(lags: NDArray[np.int_], apart: int, correlation: Sequence[float]) -> NDArray[np.float64]:
    shared = _of_series(np.abs(lags - apart), correlation) + _of_series(lags + apart, correlation)
    return np.asarray(_of_series(lags, correlation) - shared / 2)


def _power(covariance: NDArray[np.float64], exponent: float, *, least: float) -> NDArray[np.float64]:
    """Power of a symmetric matrix, of which measurement may have made some variances too small or negative."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.maximum(values, least) ** exponent) @ vectors.T)

"""Edge spread function: the profile across an edge, far finer than the pixels, from pixels at all distances from it.

A curved or slanted edge passes the pixel centres at every distance, so together they sample its profile many times a
pixel. The profile is estimated as straight segments between knots a quarter of a pixel apart, least squares over the
pixels at their own distances (bins would shift each pixel to the middle of its bin, which alone costs percents). The
transform of straight segments is known exactly, so no correction for bins or for finite differences is left to make.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

Floats = NDArray[np.float64]

# Parts of the edge that are left out in turn to learn the uncertainty.
PARTS = 16
KNOTS_PER_PIXEL = 4
# Weight of the smoothness that bridges knots without pixels, as a share of a knot's usual weight: too little to
# change frequencies below the Nyquist frequency of the pixels by a thousandth.
_SMOOTHNESS = 1e-3


@dataclass(frozen=True)
class Profiles:
    """Edge spread functions of the whole edge, and of the edge without each of its parts in turn.

    Attributes:
        position_mm: Knots, shape (k,).
        esf_hu: Shape (1 + `PARTS`, k), the whole edge first.
        count: Pixels that weigh on each knot, shape (k,).
    """

    position_mm: Floats
    esf_hu: Floats
    count: Floats


def edge_profiles(
    distance: Floats, values: Floats, part: NDArray[np.intp], *, reach_mm: float, step: float
) -> Profiles:
    """Estimate the edge spread function.

    Args:
        distance: Of each pixel from the edge in mm, shape (n,).
        values: HU of each pixel, shape (n,).
        part: Part of the edge that each pixel lies at, below `PARTS`, shape (n,).
        reach_mm: How far from the edge to go on either side.
        step: Distance of the knots in mm.
    """
    half = int(np.ceil(reach_mm / step))
    knots = 2 * half + 1
    scaled = distance / step + half
    left = np.floor(scaled).astype(np.intp)
    near = (left >= 0) & (left < knots - 1)
    left, right_share, hu, part = left[near], (scaled - left)[near], values[near], part[near]
    left_share = 1 - right_share
    # One row for each part of the edge.
    cell = part * knots + left

    def summed(at: NDArray[np.intp], weights: Floats) -> Floats:
        sums = np.bincount(at, weights, minlength=PARTS * knots)
        return np.asarray(sums.reshape(PARTS, knots), dtype=np.float64)

    diagonal = summed(cell, left_share**2) + summed(cell + 1, right_share**2)
    beside = summed(cell, left_share * right_share)
    sums = summed(cell, left_share * hu) + summed(cell + 1, right_share * hu)
    smoothness = _second_differences(knots) * _SMOOTHNESS * diagonal.sum(axis=0).mean()

    def solved(weights: Floats) -> Floats:
        bands = smoothness.copy()
        bands[2] += weights @ diagonal
        bands[1, 1:] += (weights @ beside)[:-1]
        return np.asarray(solveh_banded(bands, weights @ sums))

    without_each = np.vstack([np.ones(PARTS), 1 - np.eye(PARTS)])
    position = np.asarray((np.arange(knots) - half) * step, dtype=np.float64)
    count = np.bincount(left, minlength=knots) / 2 + np.bincount(left + 1, minlength=knots) / 2
    return Profiles(position, np.array([solved(weights) for weights in without_each]), count)


def largest_gap(distance: Floats, *, within_mm: float) -> float:
    """Largest distance in mm between neighbouring samples of the profile near the edge."""
    near = np.sort(distance[np.abs(distance) <= within_mm])
    return float(np.diff(near, prepend=-within_mm, append=within_mm).max())


def _second_differences(knots: int) -> Floats:
    """Bands of DᵀD, for D the second differences, as `solveh_banded` takes them (upper form)."""
    bands = np.zeros((3, knots))
    for offset, pattern in ((0, (1, 4, 1)), (1, (-2, -2)), (2, (1,))):
        for first, weight in enumerate(pattern):
            bands[2 - offset, first + offset : first + offset + knots - 2] += weight
    return bands

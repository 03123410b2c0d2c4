"""The smooth curve that 3D Slicer draws through the control points of its markups curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

POINTS_PER_SEGMENT = 10


def smooth_curve(points: NDArray[np.float64], *, closed: bool) -> NDArray[np.float64]:
    """Points along a cubic spline of continuous curvature through the given ones, ten for each segment.

    What vtkCardinalSpline computes, Slicer's default: all segments take equal steps of the parameter, whatever their
    length, and an open curve has no slope at its ends.

    Args:
        points: Control points, shape (n, 3) with n ≥ 2, or 3 for a closed curve.
        closed: Whether the last is joined to the first.

    Returns:
        Shape (10 (n − 1) + 1, 3), or (10 n, 3) for a closed curve, whose end is not repeated.
    """
    knots = np.concatenate([points, points[:1]]) if closed else points
    spline = CubicSpline(np.arange(len(knots)), knots, bc_type="periodic" if closed else "clamped")
    steps = np.arange(POINTS_PER_SEGMENT * (len(knots) - 1) + (not closed)) / POINTS_PER_SEGMENT
    return np.asarray(spline(steps))

"""Which points lie in a polygon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .spans import joined_ranges


def inside_polygon(points: NDArray[np.float64], corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points lie inside a closed polygon: where a ray to the right crosses its edge an odd number of times.

    Each edge is asked only about the points at its height, so that the cost grows with the points, not with points
    times corners.

    Args:
        points: Shape (n, 2).
        corners: Shape (m, 2), the last joined to the first.
    """
    order = np.argsort(points[:, 1])
    x, y = points[order].T
    begin, end = corners, np.roll(corners, -1, axis=0)
    low, high = np.minimum(begin[:, 1], end[:, 1]), np.maximum(begin[:, 1], end[:, 1])
    first = np.searchsorted(y, low)
    lengths = np.searchsorted(y, high) - first
    edge = np.repeat(np.arange(len(corners)), lengths)
    point = joined_ranges(first, lengths)
    run, rise = (end - begin).T
    crossing = begin[edge, 0] + (y[point] - begin[edge, 1]) * run[edge] / rise[edge]
    crossings = np.bincount(point[x[point] < crossing], minlength=len(points))
    inside = np.empty(len(points), dtype=bool)
    inside[order] = crossings % 2 == 1
    return inside

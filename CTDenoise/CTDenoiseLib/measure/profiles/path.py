"""The path of a line profile: a straight line or a curve through the world, walked in equal steps."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError

# Shorter than any voxel: what is left of a line whose ends were set to the same place.
SHORTEST_MM = 1e-3


class ZeroLengthLineError(MeasurementError):
    """A line or curve has no length."""


class PathSamples(NamedTuple):
    """Places along a path.

    Attributes:
        distance: Distance from the start along the path in mm, shape (m,), equally spaced from 0 to the full length.
        points: World points (x, y, z) in mm, shape (m, 3).
        tangents: Unit vectors along the path, shape (m, 3).
    """

    distance: NDArray[np.float64]
    points: NDArray[np.float64]
    tangents: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ProfilePath:
    """A line of two points, or a curve given by points close enough to walk straight from one to the next.

    Attributes:
        points: World points (x, y, z) in mm, shape (n, 3), in order.

    Raises:
        ZeroLengthLineError: Fewer than two points, all at the same place, or a point without a place (NaN).
    """

    points: NDArray[np.float64]

    def __post_init__(self) -> None:
        points = np.array(self.points, dtype=np.float64).reshape(-1, 3)
        points.flags.writeable = False
        object.__setattr__(self, "points", points)
        # The comparison is also false for NaN.
        if not self.length >= SHORTEST_MM:
            raise ZeroLengthLineError("The line has no length; draw it between two different points.")

    @cached_property
    def length(self) -> float:
        """Length along the path in mm."""
        return float(self._distances[-1]) if len(self.points) else 0.0

    def resampled(self, step: float) -> PathSamples:
        """Walk the path in equal steps, both ends included.

        Args:
            step: Longest step in mm; the step taken is the length divided by the least whole number that allows it.
        """
        steps = max(1, math.ceil(self.length / step - 1e-9))
        distance = np.linspace(0.0, self.length, steps + 1)
        vectors = np.diff(self.points, axis=0)
        lengths = np.diff(self._distances)
        moving = lengths > 0
        starts, vectors, lengths = self._distances[:-1][moving], vectors[moving], lengths[moving]
        leg = np.searchsorted(starts, distance, side="right") - 1
        along = (distance - starts[leg]) / lengths[leg]
        points = self.points[:-1][moving][leg] + along[:, None] * vectors[leg]
        return PathSamples(distance, points, (vectors / lengths[:, None])[leg])

    @cached_property
    def _distances(self) -> NDArray[np.float64]:
        """Distance of each point from the first along the path."""
        legs = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(legs)])

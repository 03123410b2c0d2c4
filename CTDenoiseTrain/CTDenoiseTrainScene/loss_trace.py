"""The loss over a training of any length, in a number of points that a plot can take again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 400


class LossTrace:
    """Points (time, loss), each the mean over a stretch of training; stretches grow longer as training does.

    Args:
        most_points: An even number. As soon as there are so many points, neighbours are merged.
    """

    def __init__(self, most_points: int = MOST_POINTS) -> None:
        self._most_points = most_points
        self._times: list[float] = []
        self._losses: list[float] = []
        self._merged = 1
        self._pending: list[tuple[float, float]] = []

    def add(self, time: float, loss: float) -> None:
        """Take a loss; times never fall."""
        self._pending.append((time, loss))
        if len(self._pending) < self._merged:
            return
        time, loss = np.mean(self._pending, axis=0).tolist()
        self._pending.clear()
        self._times.append(time)
        self._losses.append(loss)
        if len(self._times) == self._most_points:
            self._times, self._losses = _merge(self._times), _merge(self._losses)
            self._merged *= 2

    @property
    def times(self) -> NDArray[np.float64]:
        """Middle of each stretch, shape (n,)."""
        return np.array([*self._times, *(time for time, _ in self._pending[-1:])])

    @property
    def losses(self) -> NDArray[np.float64]:
        """Mean loss over each stretch, shape (n,)."""
        pending = [loss for _, loss in self._pending]
        return np.array([*self._losses, *([float(np.mean(pending))] if pending else [])])


def _merge(values: list[float]) -> list[float]:
    """Means of neighbours."""
    return [(one + other) / 2 for one, other in zip(values[::2], values[1::2], strict=True)]

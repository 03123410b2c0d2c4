"""Observations of VTK objects that end together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Observers:
    """Keeps track of observers, so that none outlives its owner."""

    def __init__(self) -> None:
        self._observations: list[tuple[Any, int]] = []

    def add(self, observed: Any, event: int, callback: Callable[..., None]) -> None:
        """Call back with (object, name of the event) whenever the object invokes the event."""
        self._observations.append((observed, observed.AddObserver(event, callback)))

    def clear(self) -> None:
        """End all observations."""
        for observed, tag in self._observations:
            observed.RemoveObserver(tag)
        self._observations.clear()

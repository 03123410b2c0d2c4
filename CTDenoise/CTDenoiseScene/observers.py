"""Observations of VTK objects that end together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Observers:
    """Keeps track of observers, so that none outlives its owner.

    It keeps the callbacks, too. The garbage collector takes an object's callbacks for a part of the object's wrapper in
    Python, though the object may outlive that: it would take apart what nobody else refers to, and the program would
    crash as soon as VTK calls it.
    """

    def __init__(self) -> None:
        self._observations: list[tuple[Any, int, Callable[..., None]]] = []

    def __del__(self) -> None:
        # The garbage collector calls this before it takes any callback apart.
        self.clear()

    def add(self, observed: Any, event: int, callback: Callable[..., None]) -> None:
        """Call back with (object, name of the event) whenever the object invokes the event."""
        self._observations.append((observed, observed.AddObserver(event, callback), callback))

    def clear(self) -> None:
        """End all observations."""
        for observed, tag, _ in self._observations:
            observed.RemoveObserver(tag)
        self._observations.clear()

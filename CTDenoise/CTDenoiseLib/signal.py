"""A signal in plain Python: whoever is interested connects a function, and each emission calls all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

Arguments = ParamSpec("Arguments")


class Signal(Generic[Arguments]):
    """Tells several listeners that something happened, in the thread of whoever emits.

    Example:
        >>> progress: Signal[int] = Signal()
        >>> progress.connect(print)
        >>> progress.emit(3)
        3
    """

    def __init__(self) -> None:
        self._listeners: list[Callable[Arguments, object]] = []

    def connect(self, listener: Callable[Arguments, object]) -> None:
        """Call a function at each emission; one that is connected already is not connected twice."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def disconnect(self, listener: Callable[Arguments, object]) -> None:
        """Call a function no more; one that is not connected is ignored."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def emit(self, *arguments: Arguments.args, **keywords: Arguments.kwargs) -> None:
        """Call all listeners in the order of their connection.

        A listener may connect and disconnect: one disconnected meanwhile is not called, a new one not before the next
        emission.
        """
        for listener in tuple(self._listeners):
            if listener in self._listeners:
                listener(*arguments, **keywords)

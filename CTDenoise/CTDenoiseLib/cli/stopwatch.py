"""How long a run waited for what it iterates over."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

_Item = TypeVar("_Item")


class Stopwatch(Generic[_Item]):
    """Passes items on and takes the time that each is waited for.

    Attributes:
        seconds: Waited so far, for all items together.
    """

    def __init__(self, items: Iterable[_Item]) -> None:
        self._items = iter(items)
        self.seconds = 0.0

    def __iter__(self) -> Iterator[_Item]:
        return self

    def __next__(self) -> _Item:
        start = time.perf_counter()
        try:
            return next(self._items)
        finally:
            self.seconds += time.perf_counter() - start

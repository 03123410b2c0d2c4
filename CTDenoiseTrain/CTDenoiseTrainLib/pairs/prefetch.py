"""Batches drawn ahead in threads while the network works."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from .batch import Batch, BatchSource


class Prefetcher:
    """Draws batches ahead, and hands them over in order.

    A batch is what its numbers say, whichever thread draws it, so the order of drawing does not matter. An error in
    drawing is raised where the batch is taken. Leaving the `with` block, for whatever reason, waits only for batches
    whose drawing has begun.

    Example:
        >>> with Prefetcher(source, ([step * 16 + i for i in range(16)] for step in range(100))) as batches:
        ...     for batch in batches:
        ...         learn_from(batch)
    """

    def __init__(
        self, source: BatchSource, numbers: Iterable[Sequence[int]], *, ahead: int = 3, threads: int = 1
    ) -> None:
        """Draw nothing yet.

        Args:
            source: Draws the batches; must be thread-safe.
            numbers: Numbers of the pairs of each batch, in order; may be endless.
            ahead: Batches that are ready or in the making at most.
            threads: That draw, each a batch of its own.
        """
        self._source = source
        self._numbers = iter(numbers)
        self._ahead = ahead
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pairs")
        self._waiting: deque[Future[Batch]] = deque()
        self._waited = 0.0

    @property
    def waited(self) -> float:
        """Seconds for which the taker of batches had to wait, in all."""
        return self._waited

    def __enter__(self) -> Prefetcher:
        self._fill()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        if not self._waiting:
            raise StopIteration
        started = time.perf_counter()
        batch = self._waiting.popleft().result()
        self._waited += time.perf_counter() - started
        self._fill()
        return batch

    def _fill(self) -> None:
        while len(self._waiting) < self._ahead:
            numbers = next(self._numbers, None)
            if numbers is None:
                return
            self._waiting.append(self._threads.submit(self._source.draw, numbers))

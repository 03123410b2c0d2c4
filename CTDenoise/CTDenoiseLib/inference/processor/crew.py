"""Threads that share the strips of an image among them."""

from __future__ import annotations

import functools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import torch

Strip = TypeVar("Strip")


class Crew:
    """A fixed number of threads, each of which computes alone: PyTorch's own threads stay out of it.

    A strip fits into the cache of the core that takes it through several steps; threads that share each single step
    would send it from core to core and wait for each other every time.

    Args:
        threads: At least 1. One alone is the caller's, who must have set PyTorch to one thread.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        if threads > 1:
            self._pool = ThreadPoolExecutor(threads, thread_name_prefix="strips")
            self._calm(threads)

    def _calm(self, threads: int) -> None:
        """Have each thread compute alone. The setting is the thread's own, but what it says of later threads is not."""
        together = threading.Barrier(threads)

        def compute_alone() -> None:
            # PyTorch gives a thread the number for all when it is first asked for: let that be before, not afterwards.
            torch.get_num_threads()
            torch.set_num_threads(1)
            together.wait()

        for done in [self._pool.submit(compute_alone) for _ in range(threads)]:
            done.result()
        torch.set_num_threads(threads)

    def share(self, work: Callable[[Strip], object], strips: Sequence[Strip]) -> None:
        """Do some work for each strip; returns when all is done, and raises the first error once nobody works on."""
        if self.threads == 1:
            _work_alone(work, strips)
            return
        waiting = deque(strips)

        def take_turns() -> None:
            try:
                with torch.inference_mode():
                    while (strip := _next(waiting)) is not None:
                        work(strip)
            except BaseException:
                waiting.clear()
                raise

        turns: list[Future[None]] = []
        try:
            for _ in range(min(self.threads, len(strips))):
                turns.append(self._pool.submit(take_turns))
            errors = [turn.exception() for turn in turns]
        except BaseException:
            # An interrupt finds the caller waiting. The memory may be used again only when nobody writes to it.
            waiting.clear()
            wait(turns)
            raise
        for error in errors:
            if error is not None:
                raise error


def _next(waiting: deque[Strip]) -> Strip | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _work_alone(work: Callable[[Strip], object], strips: Sequence[Strip]) -> None:
    with torch.inference_mode():
        for strip in strips:
            work(strip)


@functools.cache
def crew_of(threads: int) -> Crew:
    """The crew with so many threads, made at its first use."""
    return Crew(threads)

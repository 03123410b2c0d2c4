"""The same work on several things at once: numpy lets other threads run while it is in its loops."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Voxels. Below, threads take longer to start than they save.
_WORTH_THREADS = 50_000

Given = TypeVar("Given")
Result = TypeVar("Result")


def for_each(work: Callable[[Given], Result], given: Sequence[Given], *, voxels: int) -> list[Result]:
    """Results in order, computed at the same time if there are voxels enough."""
    threads = min(len(given), os.cpu_count() or 1)
    if threads < 2 or voxels < _WORTH_THREADS:
        return [work(one) for one in given]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, given))

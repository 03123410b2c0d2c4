"""Work on large volumes section by section: in threads, and into memory or a file that the caller provides."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

THREADS = min(8, os.cpu_count() or 1)

Allocate: TypeAlias = Callable[[tuple[int, int, int]], NDArray[np.float32]]
"""Makes room for so many sections, rows and columns of float32: in memory, or in a memory-mapped file."""


def in_memory(shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Room in memory."""
    return np.empty(shape, np.float32)


def each_section(work: Callable[[int], object], sections: int) -> None:
    """Call `work` with the index of each section, in threads: numpy and scipy let others run while they compute.

    What `work` raises is raised here, after the sections that were begun.
    """
    with ThreadPoolExecutor(THREADS, thread_name_prefix="sections") as threads:
        try:
            for done in [threads.submit(work, index) for index in range(sections)]:
                done.result()
        except BaseException:
            threads.shutdown(cancel_futures=True)
            raise

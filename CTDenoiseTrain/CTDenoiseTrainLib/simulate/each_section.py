"""Sections computed side by side in threads: scikit-image and NumPy let go of Python's lock in their loops."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray


def each_section(
    compute: Callable[[NDArray[Any]], NDArray[Any]], sections: NDArray[Any], *, shape: tuple[int, int]
) -> NDArray[np.float32]:
    """Results for each section on its own.

    Args:
        compute: Makes a result of the given shape from one section; must not depend on the order of sections.
        sections: Shape (rows, columns) for one section, or (n, rows, columns).
        shape: Of one result.

    Returns:
        The results, of `shape` or (n, *shape).
    """
    stack = sections.reshape(-1, *sections.shape[-2:])
    results = np.empty((len(stack), *shape), dtype=np.float32)

    def fill(index: int) -> None:
        results[index] = compute(stack[index])

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        try:
            for _ in threads.map(fill, range(len(stack))):
                pass
        except BaseException:
            # Ctrl-C is not to wait for sections that have not begun.
            threads.shutdown(cancel_futures=True)
            raise
    return results.reshape(*sections.shape[:-2], *shape)

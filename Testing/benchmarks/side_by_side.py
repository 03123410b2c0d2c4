"""How long something takes beside the plain way to do it, in the same run: alternating, so that both see one machine.

A benchmark file has `rows()`, which compares, and prints `table(rows())` when it is run itself.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        name: What is done.
        ours_ms: Median time of this project, in milliseconds.
        plain_ms: Median time of the plain way, in milliseconds.
        plain: What the plain way is, such as "numpy: mask of the whole box, boolean indexing".
        aim_ms: What ours should take at most; `None` without such an aim.
    """

    name: str
    ours_ms: float
    plain_ms: float
    plain: str
    aim_ms: float | None = None

    @property
    def text(self) -> str:
        """One line for people."""
        aim = "" if self.aim_ms is None else f" (aim {self.aim_ms:g} ms)"
        return f"{self.name}: {self.ours_ms:.1f} ms{aim}, {self.plain_ms:.1f} ms by {self.plain}"


def compare(
    name: str,
    ours: Callable[[], object],
    plain: Callable[[], object],
    *,
    plain_name: str,
    aim_ms: float | None = None,
    rounds: int = 15,
) -> Row:
    """Time both, alternating, after one round that does not count: it fills caches and imports.

    Args:
        name: What is done.
        ours: The way of this project.
        plain: The plain way to the same result.
        plain_name: What the plain way is.
        aim_ms: What ours should take at most.
        rounds: Of which the medians are taken.
    """
    ours()
    plain()
    times = [(_milliseconds(ours), _milliseconds(plain)) for _ in range(rounds)]
    ours_ms, plain_ms = (statistics.median(column) for column in zip(*times, strict=True))
    return Row(name, ours_ms, plain_ms, plain_name, aim_ms)


def table(rows: Iterable[Row]) -> str:
    """One line for each."""
    return "\n".join(row.text for row in rows)


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)

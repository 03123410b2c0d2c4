"""Some of many, evenly spread."""

from __future__ import annotations


def spread(count: int, *, most: int | None) -> list[int]:
    """Indices of at most `most` of so many things, evenly spread from the first to the last; `None` takes all.

    Example:
        >>> spread(10, most=3)
        [1, 5, 8]
    """
    taken = count if most is None else min(most, count)
    return [(2 * place + 1) * count // (2 * taken) for place in range(taken)]

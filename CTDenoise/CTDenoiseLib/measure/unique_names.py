"""Names that tables can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, count


def unique_names(names: Sequence[str]) -> list[str]:
    """The names in their order, numbered where one comes again: "FC51", "FC51 (2)"."""
    found: list[str] = []
    for name in names:
        candidates = chain([name], (f"{name} ({number})" for number in count(2)))
        found.append(next(candidate for candidate in candidates if candidate not in found))
    return found

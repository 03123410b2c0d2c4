"""Sets of section indices as text that people can read and attributes can hold, such as "0-11,14"."""

from __future__ import annotations

import re
from collections.abc import Iterable


def to_text(sections: Iterable[int]) -> str:
    """Write indices as ranges, both ends included, in ascending order; empty for none."""
    ranges: list[list[int]] = []
    for index in sorted(set(sections)):
        if ranges and ranges[-1][1] == index - 1:
            ranges[-1][1] = index
        else:
            ranges.append([index, index])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in ranges)


def from_text(text: str) -> frozenset[int]:
    """Read what `to_text` wrote; nothing of a text that it did not write."""
    sections: set[int] = set()
    for part in filter(None, text.split(",")):
        ends = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", part)
        if ends is None:
            return frozenset()
        first, last = ends.groups(default=ends[1])
        sections.update(range(int(first), int(last) + 1))
    return frozenset(sections)

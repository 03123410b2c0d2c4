"""In which order sections are denoised: what is on screen first, then outwards from there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence


def nearest_first(sections: Iterable[int], visible: Sequence[int]) -> list[int]:
    """Sections on screen in their own order, then the others by their distance from these; ascending without any."""
    place = {index: number for number, index in enumerate(visible)}
    ascending = sorted(place)
    if not ascending:
        return sorted(sections)

    def urgency(index: int) -> tuple[int, int, int]:
        at = bisect_left(ascending, index)
        distance = min(abs(index - neighbour) for neighbour in ascending[max(0, at - 1) : at + 1])
        return distance, place.get(index, 0), index

    return sorted(sections, key=urgency)


class WorkOrder:
    """The sections that a run has still to denoise, in the order in which the worker takes them.

    Args:
        sections: All of them.
        visible: Those on screen.
    """

    def __init__(self, sections: Iterable[int], visible: Sequence[int]) -> None:
        self._remaining = dict.fromkeys(nearest_first(sections, visible))

    def __iter__(self) -> Iterator[int]:
        return iter(self._remaining)

    def __contains__(self, section: object) -> bool:
        return section in self._remaining

    def __len__(self) -> int:
        return len(self._remaining)

    def strike_off(self, section: int) -> None:
        """A section is done."""
        self._remaining.pop(section, None)

    def put_first(self, sections: Collection[int]) -> tuple[int, ...]:
        """Sections that come next, in this order.

        Returns:
            Those of them that are still to be done.
        """
        first = tuple(index for index in sections if index in self._remaining)
        self._remaining = dict.fromkeys((*first, *self._remaining))
        return first

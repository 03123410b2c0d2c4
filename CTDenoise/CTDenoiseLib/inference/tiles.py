"""Sections in tiles, each read with a halo as wide as the network sees: the result is that of the whole section."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .padding import padded_size

# A tiling is worth a try only if its largest tile needs this share of the memory of the one before, or less.
_WORTHWHILE = 0.9
_MOST_PARTS = 16


@dataclass(frozen=True)
class Span:
    """One part of a side.

    Attributes:
        read: Pixels the network is given.
        write: Pixels whose result is kept.
    """

    read: slice
    write: slice

    @property
    def keep(self) -> slice:
        """Where the kept result lies within what was read."""
        return slice(self.write.start - self.read.start, self.write.stop - self.read.start)


@dataclass(frozen=True)
class Tiling:
    """A section divided into rows × columns of tiles.

    Attributes:
        rows: Parts along y.
        columns: Parts along x.
    """

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def __iter__(self) -> Iterator[tuple[Span, Span]]:
        return ((row, column) for row in self.rows for column in self.columns)

    @property
    def largest(self) -> tuple[int, int]:
        """Rows and columns of the largest tile with its halo."""
        return max(_width(span.read) for span in self.rows), max(_width(span.read) for span in self.columns)

    @property
    def pixels(self) -> int:
        """Pixels of the largest tile with its halo, to which the memory is proportional."""
        rows, columns = self.largest
        return rows * columns

    @property
    def work(self) -> int:
        """Pixels read in all, to which the time is proportional."""
        return sum(_width(span.read) for span in self.rows) * sum(_width(span.read) for span in self.columns)


def _width(part: slice) -> int:
    return int(part.stop - part.start)


def divide(length: int, *, parts: int, halo: int, stride: int) -> tuple[Span, ...]:
    """Divide a side so that all parts, read with their halos, are about equally long.

    Every part is read from a multiple of the stride to another, so that its pooling grid is that of the whole side; at
    the ends of the side the network sees the same edge as in the whole.

    Args:
        length: Of the side, a multiple of the stride.
        parts: How many at most.
        halo: Pixels that a result depends on to either side.
        stride: Of the network.
    """
    margin = padded_size(halo, multiple=stride)
    longest = padded_size(-(-(length + 2 * margin * (parts - 1)) // parts), multiple=stride)
    longest = max(longest, 2 * margin + stride)
    spans: list[Span] = []
    done = 0
    while done < length:
        start = max(0, done - margin)
        stop = min(length, start + longest)
        end = length if stop == length else stop - margin
        spans.append(Span(read=slice(start, stop), write=slice(done, end)))
        done = end
    return tuple(spans)


def tilings(rows: int, columns: int, *, halo: int, stride: int) -> tuple[Tiling, ...]:
    """The tilings to try one after the other as memory gets scarce, from the whole section to ever smaller tiles.

    Each has the least work among those that need as little memory. With a halo as wide as that of the HR-CNN, 219
    pixels, there is little to gain on small sections.
    """
    divided = [
        [divide(side, parts=parts, halo=halo, stride=stride) for parts in range(1, _MOST_PARTS + 1)]
        for side in (rows, columns)
    ]
    candidates = (Tiling(rows=down, columns=across) for down in divided[0] for across in divided[1])
    ladder: list[Tiling] = []
    for candidate in sorted(candidates, key=lambda tiling: (tiling.work, -tiling.pixels)):
        if not ladder or candidate.pixels <= _WORTHWHILE * ladder[-1].pixels:
            ladder.append(candidate)
    return tuple(ladder)

"""Which memory the features of each layer lie in, and how its rows are divided, for sections of one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from .program import GIVEN, Layer
from .steps import Shape, Step

# Numbers in a strip of features: with its transforms it stays in the caches, and a convolution is well worth its call.
_NUMBERS = 2**20
# Features begin at multiples of the size of a cache line.
_ALIGNMENT = 64


@dataclass(frozen=True)
class Stage:
    """A layer of a section.

    Attributes:
        shape: Rows, columns and channels of its features.
        offset: Byte of the memory at which they begin.
        strips: Rows that are computed together.
    """

    shape: Shape
    offset: int
    strips: tuple[range, ...]


@dataclass(frozen=True)
class Plan:
    """How a section is computed.

    Attributes:
        given: The window, which has no strips.
        stages: One a layer.
        size: Bytes in all.
    """

    given: Stage
    stages: tuple[Stage, ...]
    size: int


def make_plan(
    layers: Sequence[Layer], steps: Sequence[Step], given: Shape, *, dtype: torch.dtype, threads: int
) -> Plan:
    """Lay out memory so that features take the place of others that no later layer needs.

    Args:
        layers: Of the network.
        steps: That compute them.
        given: Rows, columns and sections of a window.
        dtype: Of the features; in bf16 the window lies there in two parts (see `kernels.split`). The features of the
            last layer are float32 and not laid out.
        threads: That share the strips.

    Raises:
        ValueError: Features of different sizes would be joined.
    """
    rows, columns, sections = given
    shapes = {GIVEN: (rows, columns, sections if dtype == torch.float32 else 2 * sections)}
    given_to: list[Shape] = []
    for number, (layer, step) in enumerate(zip(layers, steps, strict=True)):
        if len({shapes[source][:2] for source in layer.sources}) > 1:
            raise ValueError(f"{given[0]} × {given[1]} pixels are no multiples of the network's stride.")
        rows, columns, _ = shapes[layer.sources[0]]
        given_to.append((rows, columns, sum(shapes[source][2] for source in layer.sources)))
        shapes[number] = step.shape(given_to[-1])
    last_use = {source: number for number, layer in enumerate(layers) for source in layer.sources}
    room = _Room()
    offsets = {GIVEN: room.take(_bytes(shapes[GIVEN], dtype))}
    for number, layer in enumerate(layers[:-1]):
        offsets[number] = room.take(_bytes(shapes[number], dtype))
        for source in set(layer.sources):
            if last_use[source] == number:
                room.give_back(offsets[source])
    stages = tuple(
        Stage(shapes[number], offsets.get(number, 0), _strips(step, given_to[number], shapes[number], threads))
        for number, step in enumerate(steps)
    )
    return Plan(Stage(shapes[GIVEN], offsets[GIVEN], ()), stages, room.size)


def _bytes(shape: Shape, dtype: torch.dtype) -> int:
    rows, columns, channels = shape
    return _ALIGNMENT * -(-rows * columns * channels * dtype.itemsize // _ALIGNMENT)


def _strips(step: Step, source: Shape, target: Shape, threads: int) -> tuple[range, ...]:
    """As many rows at a time as the caches hold, but so few that every thread gets some."""
    rows, columns, _ = source if step.by_source else target
    most = min(_NUMBERS // (columns * max(source[2], target[2])), -(-rows // threads))
    height = max(step.rows_together, most - most % step.rows_together)
    return tuple(range(first, min(first + height, rows)) for first in range(0, rows, height))


class _Room:
    """Places in memory: the first gap that is wide enough is taken."""

    def __init__(self) -> None:
        self._taken: dict[int, int] = {}
        self.size = 0

    def take(self, size: int) -> int:
        ends = sorted([(0, 0), *((begin, begin + length) for begin, length in self._taken.items())])
        gaps = ((before[1], after[0]) for before, after in pairwise(ends))
        offset = next((begin for begin, end in gaps if end - begin >= size), ends[-1][1])
        self._taken[offset] = size
        self.size = max(self.size, offset + size)
        return offset

    def give_back(self, offset: int) -> None:
        del self._taken[offset]

"""A batch of pairs, and where batches come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """A batch of pairs.

    Attributes:
        sections: Noisy input in HU, shape (n, 2 · context + 1, side, side).
        noise: Noise of the centre section in HU, shape (n, 1, side, side).
        noise_hu: SD of the noise of each pair in HU, shape (n,).
    """

    sections: Tensor
    noise: Tensor
    noise_hu: Tensor


class BatchSource(Protocol):
    """Draws pairs. The pair of a number is always the same, whoever draws it and in whatever order.

    So a resumed training sees the pairs it would have seen, and several processes share a batch by its numbers.
    """

    def draw(self, numbers: Sequence[int]) -> Batch:
        """The pairs of these numbers, counted from 0 at the beginning of the training. Thread-safe."""

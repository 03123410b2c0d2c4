"""Pairs of noisy input and label for the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from ...pairs.batch import Batch
from .scans import Images


@dataclass(frozen=True, eq=False)
class ScanPairs:
    """Squares anywhere in the pictures, at the same place in input and label; a `BatchSource`.

    They are not turned or flipped: the streaks of a body lie along it, and the paper says nothing of turns.

    Attributes:
        inputs: HU, shape (n, y, x).
        labels: The same with less noise of its own, which the network cannot foresee and so does not learn.
        side: Rows and columns of a square; up to the whole picture.
        seed: Of all chance.
    """

    inputs: Images
    labels: Images
    side: int
    seed: int

    def draw(self, numbers: Sequence[int]) -> Batch:
        """The pairs of these numbers, counted from 0 at the beginning of the training. Thread-safe."""
        shape = (len(numbers), 1, self.side, self.side)
        sections, noise = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.float32)
        for place, number in enumerate(numbers):
            rng = np.random.default_rng([self.seed, number])
            picture = rng.integers(len(self.inputs))
            row, column = (int(rng.integers(size - self.side + 1)) for size in self.inputs.shape[1:])
            square = (picture, slice(row, row + self.side), slice(column, column + self.side))
            sections[place, 0] = self.inputs[square]
            noise[place, 0] = sections[place, 0] - self.labels[square]
        noise_hu = noise.std((1, 2, 3))
        return Batch(torch.from_numpy(sections), torch.from_numpy(noise), torch.from_numpy(noise_hu))

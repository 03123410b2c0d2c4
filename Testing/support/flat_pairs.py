"""The simplest pairs there are: white noise on a flat section, so that what a network can learn is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from CTDenoiseTrainLib.pairs.batch import Batch

TISSUE_HU = 40.0


@dataclass(frozen=True)
class FlatPairs:
    """A `BatchSource` of 40 HU with white noise.

    Attributes:
        noise_hu: SD of the noise.
        side: Rows and columns.
        context: Adjacent sections on each side.
    """

    noise_hu: float = 30.0
    side: int = 16
    context: int = 1

    def draw(self, numbers: Sequence[int]) -> Batch:
        noise = np.stack([self._noise(number) for number in numbers])
        centre = noise[:, self.context : self.context + 1]
        return Batch(
            sections=torch.from_numpy(TISSUE_HU + noise),
            noise=torch.from_numpy(centre.copy()),
            noise_hu=torch.full((len(numbers),), self.noise_hu),
        )

    def _noise(self, number: int) -> np.ndarray:
        shape = (2 * self.context + 1, self.side, self.side)
        noise = self.noise_hu * np.random.default_rng([0, number]).standard_normal(shape)
        return noise.astype(np.float32)

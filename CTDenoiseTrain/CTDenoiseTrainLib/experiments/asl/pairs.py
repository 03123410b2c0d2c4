"""What the network sees of a few subtractions, and the pairs of few and all that it learns from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from ...pairs.batch import Batch
from ...pairs.pair_case import Pair
from ...pairs.turns import draw_turn
from ...recipe.content import PatchOptions


def channels(subtractions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The channels of an input: the mean in the middle, each subtraction around it.

    The network predicts the noise of the middle one. The single subtractions tell it what has moved or failed. Where
    their number is odd, their standard deviation fills the last channel.

    Args:
        subtractions: A few, shape (n, y, x) with n of 2 or more.

    Returns:
        Shape (2 · context + 1, y, x).
    """
    single = list(subtractions)
    if len(single) % 2:
        single.append(subtractions.std(axis=0))
    middle = len(single) // 2
    return np.stack([*single[:middle], subtractions.mean(axis=0), *single[middle:]])


def context_of(averaged: int) -> int:
    """Channels on each side of the middle one, for an input of so many subtractions."""
    return (averaged + 1) // 2


class FewOfAll:
    """Patches of a few subtractions, with the mean of all as target; a `BatchSource`.

    The few are among all, as in the paper: what of their noise is in the target, too, the network learns to leave.
    """

    def __init__(self, subtractions: NDArray[np.float32], *, averaged: int, side: int, seed: int) -> None:
        """Choose what patches are drawn from.

        Args:
            subtractions: Shape (subjects, sections, pairs, y, x).
            averaged: How many make an input, drawn anew for each patch.
            side: Rows and columns of a patch.
            seed: Of all chance.
        """
        self._subtractions, self._averaged, self._side, self._seed = subtractions, averaged, side, seed

    def draw(self, numbers: Sequence[int]) -> Batch:
        """The pairs of these numbers, in ml/100 g/min. Thread-safe."""
        pairs = [self._pair(np.random.default_rng([self._seed, number])) for number in numbers]
        noise = np.stack([pair.noise for pair in pairs])[:, None]
        return Batch(
            sections=torch.from_numpy(np.stack([pair.sections for pair in pairs])),
            noise=torch.from_numpy(noise),
            noise_hu=torch.from_numpy(noise.std(axis=(1, 2, 3))),
        )

    def _pair(self, rng: np.random.Generator) -> Pair:
        subjects, sections, pairs, rows, columns = self._subtractions.shape
        subject, section = int(rng.integers(subjects)), int(rng.integers(sections))
        row, column = (int(rng.integers(size - self._side + 1)) for size in (rows, columns))
        place = slice(row, row + self._side), slice(column, column + self._side)
        all_pairs = self._subtractions[subject, section, rng.permutation(pairs)][:, place[0], place[1]]
        few = all_pairs[: self._averaged]
        pair = Pair(channels(few), few.mean(axis=0) - all_pairs.mean(axis=0))
        return draw_turn(PatchOptions(), rng).of_pair(pair)

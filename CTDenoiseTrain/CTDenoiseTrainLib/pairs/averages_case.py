"""Pairs of repeats of the same object: Noise2Noise (Lehtinen et al., ICML 2018), and averages of n of N repeats.

The input is the average of n repeats drawn at random, the target the average of the N − n others. The noise of the two
is independent, so the target is right on average, and that is what the squared error learns. The average of all N would
be less noisy, but holds the noise of the input: a network would learn to leave n/N of it.

Two scans are drawn in both directions. For arterial spin labelling the repeats are differences of label and control, of
which a site wants to take fewer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..recipe.content import PatchOptions
from .pair_case import Pair, Place
from .source_case import CaseDescription, SourceCase, window_sections
from .turns import draw_turn
from .volume_cache import StoredVolume


class AveragesCase(SourceCase):
    """Repeats of one object, voxel by voxel at the same place."""

    def __init__(
        self, description: CaseDescription, *, repeats: Sequence[StoredVolume], averaged: int, options: PatchOptions
    ) -> None:
        """Put together what was read.

        Args:
            description: Of the case.
            repeats: All of the same shape.
            averaged: How many make an input, fewer than there are.
            options: How patches are drawn.
        """
        super().__init__(description, repeats[0].shape)
        self._repeats = tuple(repeats)
        self._averaged = averaged
        self._options = options

    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The average of all repeats, shape (y, x)."""
        return np.asarray(self._average(self._repeats, [section], slice(None), slice(None))[0])

    def noise(self, section: int) -> NDArray[np.float32]:
        """What the input of `whole_pair` has and the average of the other repeats has not, shape (y, x)."""
        return self.whole_pair(section, context=0).noise

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """Repeats drawn at random, all flipped and turned together."""
        order = rng.permutation(len(self._repeats)).tolist()
        rows, columns = slice(place.row, place.row + side), slice(place.column, place.column + side)
        return draw_turn(self._options, rng).of_pair(self._pair(order, place.section, context, rows, columns))

    def whole_pair(self, section: int, *, context: int) -> Pair:
        """The first repeats against the others."""
        return self._pair(range(len(self._repeats)), section, context, slice(None), slice(None))

    def _pair(self, order: Sequence[int], section: int, context: int, rows: slice, columns: slice) -> Pair:
        chosen = [self._repeats[index] for index in order]
        sections = window_sections(section, context=context, sections=self.shape[0])
        noisy = self._average(chosen[: self._averaged], sections, rows, columns)
        target = self._average(chosen[self._averaged :], [section], rows, columns)[0]
        return Pair(noisy, noisy[context] - target)

    @staticmethod
    def _average(
        repeats: Sequence[StoredVolume], sections: Sequence[int], rows: slice, columns: slice
    ) -> NDArray[np.float32]:
        total = repeats[0].window(sections, rows, columns)
        for repeat in repeats[1:]:
            total += repeat.window(sections, rows, columns)
        return total / np.float32(len(repeats))

"""Patches for training, drawn inside the body and balanced between its tissues."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from ..errors import DataError
from ..recipe.content import PatchOptions
from .balanced_places import BalancedPlaces
from .batch import Batch
from .pair_case import Pair, PairCase, Place
from .split import CasePart

_MOST_DRAWS = 64


class PatchSource:
    """Draws pairs from cases; a `BatchSource`.

    Pair number i has a generator of its own, seeded with the seed and i, so it is the same whoever draws it and when.
    Constant and empty patches are drawn again.
    """

    def __init__(  # noqa: PLR0913 - what, how, and how it is watched
        self,
        parts: Sequence[CasePart],
        options: PatchOptions,
        *,
        context: int,
        seed: int,
        threads: int,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Find where patches may lie, and draw one pair of each case to see that it can be done.

        Args:
            parts: Cases and the sections that patches are centred on.
            options: How patches are drawn.
            context: Adjacent sections on each side.
            seed: Of all chance.
            threads: That look through the sections.
            check: Called after each section; may raise to end the search.

        Raises:
            DataError: There is no section; or a case is smaller than a patch, shows no body, or gives constant patches
                only.
        """
        parts = [part for part in parts if part.sections]
        self._cases = [part.case for part in parts]
        self._side = options.side
        self._context = context
        self._seed = seed
        self._places = BalancedPlaces(parts, options, seed=seed, threads=threads, check=check)
        for index, case in enumerate(self._cases):
            self._check_case(index, case)

    def draw(self, numbers: Sequence[int]) -> Batch:
        """The pairs of these numbers, counted from 0 at the beginning of the training. Thread-safe.

        Raises:
            DataError: Hardly any patch is more than a constant.
        """
        side = self._side
        sections = np.empty((len(numbers), 2 * self._context + 1, side, side), dtype=np.float32)
        noise = np.empty((len(numbers), 1, side, side), dtype=np.float32)
        for index, number in enumerate(numbers):
            pair = self._pair(number)
            sections[index], noise[index, 0] = pair.sections, pair.noise
        noise_hu = noise.std((1, 2, 3))
        return Batch(torch.from_numpy(sections), torch.from_numpy(noise), torch.from_numpy(noise_hu))

    def _pair(self, number: int) -> Pair:
        rng = np.random.default_rng([self._seed, number])
        for _ in range(_MOST_DRAWS):
            pair = self._pair_at(*self._places.draw(rng), rng)
            if pair is not None:
                return pair
        raise DataError(
            f"{_MOST_DRAWS} patches drawn one after the other are constant or have no noise in them. See whether the "
            "images have large empty parts inside the body, and leave those out."
        )

    def _check_case(self, index: int, case: PairCase) -> None:
        rng = np.random.default_rng([self._seed, index])
        for _ in range(_MOST_DRAWS):
            if self._pair_at(index, self._places.draw_in(index, rng), rng) is not None:
                return
        raise DataError(
            f"{case.name} gives only patches that are constant or have no noise in them: {_MOST_DRAWS} were drawn. "
            "See whether its images are empty, or the same twice, and leave it out."
        )

    def _pair_at(self, index: int, place: Place, rng: np.random.Generator) -> Pair | None:
        """The pair at a place, or `None` if there is nothing to learn from it."""
        pair = self._cases[index].patch(place, side=self._side, context=self._context, rng=rng)
        centre = pair.sections[self._context]
        # False for values that are no numbers, too.
        return pair if np.ptp(centre) > 0 and np.ptp(pair.noise) > 0 else None

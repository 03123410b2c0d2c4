"""Pairs of anatomy with little noise and the same with noise added: Madhavan et al. (AJNR 2024;45:96).

The input is target + α · noise, the noise a map of a real scanner, moved at random against the anatomy; the network
learns the noise that was added. What noise the target keeps, it learns to leave.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..recipe.content import PatchOptions
from .noise_windows import NoiseWindows
from .pair_case import Pair, Place
from .source_case import CaseDescription, SourceCase, window_sections
from .turns import draw_turn
from .volume_cache import StoredVolume

LEAST_SHIFT = 3
"""Noise is not left nearer to its place than this, where the target may keep a remainder of it."""


class AdditiveCase(SourceCase):
    """Target and noise map of one patient."""

    def __init__(
        self,
        description: CaseDescription,
        *,
        anatomy: StoredVolume,
        averaged: int,
        noise: Sequence[NoiseWindows],
        options: PatchOptions,
    ) -> None:
        """Put together what was read.

        Args:
            description: Of the case; its geometry is that of the averaged sections.
            anatomy: Sections before averaging.
            averaged: How many adjacent sections make a target.
            noise: Noise maps, of which each is drawn from equally.
            options: How patches are drawn.
        """
        sections, rows, columns = anatomy.shape
        super().__init__(description, (sections - averaged + 1, rows, columns))
        self._anatomy = anatomy
        self._averaged = averaged
        self._noise = tuple(noise)
        self._options = options

    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The target, shape (y, x)."""
        return np.asarray(self._targets([section], slice(None), slice(None))[0])

    def noise(self, section: int) -> NDArray[np.float32]:
        """The noise that `whole_pair` adds, shape (y, x)."""
        return self.whole_pair(section, context=0).noise

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """Target and noise, each flipped and turned for itself."""
        rows, columns = slice(place.row, place.row + side), slice(place.column, place.column + side)
        target = self._targets(self._window(place.section, context), rows, columns)
        scale = np.float32(rng.uniform(*self._options.noise_scale))
        windows = self._noise[int(rng.integers(len(self._noise)))]
        noise = scale * windows.draw(place, size=(side, side), context=context, rng=rng)
        target, noise = (draw_turn(self._options, rng).of(part) for part in (target, noise))
        return Pair(np.add(target, noise, order="C"), np.ascontiguousarray(noise[context]))

    def whole_pair(self, section: int, *, context: int) -> Pair:
        """With the noise of the map as strong as it is, moved in the same way each time."""
        target = self._targets(self._window(section, context), slice(None), slice(None))
        windows = self._noise[section % len(self._noise)]
        rng = np.random.default_rng(section)
        noise = windows.draw(Place(section, 0, 0), size=self.shape[1:], context=context, rng=rng)
        return Pair(target + noise, noise[context])

    def _window(self, section: int, context: int) -> list[int]:
        return window_sections(section, context=context, sections=self.shape[0])

    def _targets(self, sections: Sequence[int], rows: slice, columns: slice) -> NDArray[np.float32]:
        """Averages of adjacent sections, shape (len(sections), rows, columns); `sections` ascend without gaps."""
        first = sections[0]
        single = self._anatomy.window(range(first, sections[-1] + self._averaged), rows, columns)
        count = len(single) - self._averaged + 1
        averages = np.add.reduce([single[start : start + count] for start in range(self._averaged)])
        return np.asarray(averages[np.array(sections) - first] / np.float32(self._averaged), dtype=np.float32)

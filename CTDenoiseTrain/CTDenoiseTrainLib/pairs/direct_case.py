"""Pairs of two images of the same anatomy: low and full dose, sharp and smooth kernel, low and high resolution.

The network learns the difference of the two, whatever it is; flips and turns are those of both together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..recipe.content import PatchOptions
from .pair_case import Pair, Place
from .source_case import CaseDescription, SourceCase, window_sections
from .turns import draw_turn
from .volume_cache import StoredVolume


class DirectCase(SourceCase):
    """Two images of one patient, voxel by voxel at the same place."""

    def __init__(
        self, description: CaseDescription, *, noisy: StoredVolume, clean: StoredVolume, options: PatchOptions
    ) -> None:
        """Put together what was read; both images have the same shape."""
        super().__init__(description, noisy.shape)
        self._noisy = noisy
        self._clean = clean
        self._options = options

    def anatomy(self, section: int) -> NDArray[np.float32]:
        """The clean image, shape (y, x)."""
        return self._clean.section(section)

    def noise(self, section: int) -> NDArray[np.float32]:
        """What the noisy image has and the clean one has not, shape (y, x)."""
        return self._noisy.section(section) - self._clean.section(section)

    def patch(self, place: Place, *, side: int, context: int, rng: np.random.Generator) -> Pair:
        """Both images, flipped and turned together."""
        rows, columns = slice(place.row, place.row + side), slice(place.column, place.column + side)
        return draw_turn(self._options, rng).of_pair(self._pair(place.section, context, rows, columns))

    def whole_pair(self, section: int, *, context: int) -> Pair:
        """Both images as they are."""
        return self._pair(section, context, slice(None), slice(None))

    def _pair(self, section: int, context: int, rows: slice, columns: slice) -> Pair:
        sections = window_sections(section, context=context, sections=self.shape[0])
        noisy = self._noisy.window(sections, rows, columns)
        return Pair(noisy, noisy[context] - self._clean.window([section], rows, columns)[0])

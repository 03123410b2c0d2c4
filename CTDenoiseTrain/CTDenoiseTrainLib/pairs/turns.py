"""Flips and quarter turns of patches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..recipe.content import PatchOptions
from .pair_case import Pair


@dataclass(frozen=True)
class Turn:
    """One of the eight ways to lay a square.

    Attributes:
        flipped: Whether rows change their order first.
        quarters: Quarter turns after that.
    """

    flipped: bool
    quarters: int

    def of(self, patch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The last two axes laid this way; a view."""
        return np.rot90(patch[..., ::-1, :] if self.flipped else patch, self.quarters, axes=(-2, -1))

    def of_pair(self, pair: Pair) -> Pair:
        """Sections and noise laid alike."""
        return Pair(np.ascontiguousarray(self.of(pair.sections)), np.ascontiguousarray(self.of(pair.noise)))


def draw_turn(options: PatchOptions, rng: np.random.Generator) -> Turn:
    """One of the ways that the options allow, each as likely as any other.

    Flips alone are along rows and columns, so both together make half a turn.
    """
    flipped, quarters = bool(rng.integers(2)), int(rng.integers(4))
    if not options.rotations:
        quarters = quarters // 2 * 2
    if not options.flips:
        return Turn(False, quarters if options.rotations else 0)
    return Turn(flipped, quarters)

"""Which sections a report shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measure.sampling import MeasurableVolume, evenly_spread
from ..measure.uniform_region import UniformRegion
from .content import SectionPair
from .views import choose_detailed_section


@dataclass(frozen=True)
class SectionsToShow:
    """Indices of the sections to show.

    Attributes:
        uniform: That of the uniform region; if there is none, one in the middle.
        detailed: The one with the finest detail; may be the same.
    """

    uniform: int
    detailed: int

    @classmethod
    def choose(cls, before: MeasurableVolume, region: UniformRegion | None) -> SectionsToShow:
        """Choose from the input."""
        looked_at = evenly_spread(before.shape[0])
        uniform = looked_at[len(looked_at) // 2] if region is None else region.section
        return cls(uniform, choose_detailed_section(before))

    def pairs(
        self, before: MeasurableVolume, after: Callable[[int], NDArray[np.float32]]
    ) -> tuple[SectionPair, SectionPair]:
        """The two sections before and after.

        Args:
            before: The input.
            after: Gives HU of the result for an index, shape (y, x).
        """
        uniform, detailed = (
            SectionPair(index, before.section(index), after(index)) for index in (self.uniform, self.detailed)
        )
        return uniform, detailed

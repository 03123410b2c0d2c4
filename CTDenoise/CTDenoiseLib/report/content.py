"""What a report shows: sections before and after, and facts in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measure.uniform_region import UniformRegion


@dataclass(frozen=True)
class SectionPair:
    """One section before and after.

    Attributes:
        index: Of the section in the volume.
        input_hu: HU before, shape (y, x).
        output_hu: HU after, shape (y, x).
    """

    index: int
    input_hu: NDArray[np.float32]
    output_hu: NDArray[np.float32]

    @property
    def difference_hu(self) -> NDArray[np.float32]:
        """What was taken away: input minus output, HU, shape (y, x)."""
        return self.input_hu - self.output_hu


@dataclass(frozen=True)
class ReportContent:
    """Content of one report page. It holds no patient identifiers; do not put any into the texts.

    Attributes:
        source: What was denoised, such as the label of a series.
        spacing: Distance of pixel centres along (y, x) in mm.
        uniform: The section shown whole: that of the uniform region.
        detailed: The section whose finest detail is shown enlarged; may be the same.
        region: The uniform region that noise was read from, `None` if there is none.
        facts: Names and values for the table, in order.
        notes: Sentences to print below the table, such as warnings.
    """

    source: str
    spacing: tuple[float, float]
    uniform: SectionPair
    detailed: SectionPair
    region: UniformRegion | None
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()

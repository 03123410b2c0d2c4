"""What a report shows: sections before and after, what was measured in them, and facts in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measure.audit.residual_audit import Audit
from .figures import LineFigures, RegionFigures
from .views import Detail


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class ReportContent:
    """Content of one report page. It holds no patient identifiers; do not put any into the texts.

    Attributes:
        source: What was denoised, such as the label of a series.
        spacing: Distance of pixel centres along (y, x) in mm.
        overview: The section shown whole.
        flat: The part of it shown enlarged for its noise.
        detailed: The section whose finest detail is shown enlarged; may be the same.
        fine: That part of it.
        audit: Verdict on what was taken away.
        regions: Noise before and after.
        line: Sharpness before and after; `None` where no line can be drawn.
        facts: How the result came about: names and values, in order.
        notes: Sentences to print at the end, such as warnings.
    """

    source: str
    spacing: tuple[float, float]
    overview: SectionPair
    flat: Detail
    detailed: SectionPair
    fine: Detail
    audit: Audit
    regions: tuple[RegionFigures, ...]
    line: LineFigures | None
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()

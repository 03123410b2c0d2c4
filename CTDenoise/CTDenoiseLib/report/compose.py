"""Puts together what a report shows, from a sample of the sections of input and output."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..measure.audit.residual_audit import audit_volumes
from ..measure.sampling import MeasurableVolume, evenly_spread
from .choose_line import choose_line
from .choose_regions import uniform_regions
from .content import ReportContent, SectionPair
from .facts import Facts
from .figures import Drawn
from .views import choose_detail, choose_detailed_section, detail_around


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is known of a result besides its voxels.

    Attributes:
        source: What was denoised, in words that name no person.
        facts: How the result came about.
        notes: Sentences that a reader should know.
    """

    source: str
    facts: Facts
    notes: tuple[str, ...] = ()


def compose_report(
    before: MeasurableVolume,
    after: MeasurableVolume,
    subject: Subject,
    *,
    drawn: Drawn | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ReportContent:
    """Measure and choose what to show.

    Takes about 5 s for 512² pixels, whatever the number of sections.

    Args:
        before: The input. The sections that are looked at (`evenly_spread`), those beside them, and the section that
            the user drew in are enough.
        after: The output on the same voxels; the sections that are looked at and that one are enough.
        subject: What is known of the result.
        drawn: What the user drew; `None` for nothing.
        on_progress: Called after each section of the audit with the number done and the number of all.

    Raises:
        DifferentGridError: The volumes have different numbers of voxels.
    """
    drawn = Drawn() if drawn is None else drawn
    _, *pixel = before.geometry.spacing
    spacing = (pixel[0], pixel[1])
    audit = audit_volumes(before, after, on_progress=on_progress)
    regions = drawn.regions or uniform_regions(before, after)
    looked_at = evenly_spread(before.shape[0])
    shown = regions[0].section if regions else looked_at[len(looked_at) // 2]
    overview = _pair(before, after, shown if drawn.section is None else drawn.section)
    detailed = _pair(before, after, choose_detailed_section(before))
    centre = next((region.centre for region in regions if region.section == overview.index), None)
    fine = choose_detail(detailed.input_hu, spacing)
    return ReportContent(
        source=subject.source,
        spacing=spacing,
        overview=overview,
        flat=detail_around(overview.input_hu, spacing, centre),
        detailed=detailed,
        fine=fine,
        audit=audit,
        regions=regions,
        line=drawn.line or choose_line(detailed, spacing, fine),
        facts=subject.facts,
        notes=subject.notes,
    )


def _pair(before: MeasurableVolume, after: MeasurableVolume, section: int) -> SectionPair:
    return SectionPair(section, before.section(section), after.section(section))

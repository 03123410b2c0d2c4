"""The audit of a result, for the terminal, the files and the plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape

from ...measure.audit.audit_verdict import AuditFigure, AuditLevel
from ...measure.audit.residual_audit import CAUTION, Audit, audit_volumes
from ...measure.errors import DifferentGridError
from ...measure.record import MeasurementRecord
from ...measure.result_table import Column, ResultTable
from ...measure.small_vessels.retention import RetentionMap
from ..progress import RunProgress
from .answer import Findings
from .images import LoadedImage
from .show_table import Shown, in_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .retention import RetentionTest

_COLOURS = {AuditLevel.GREEN: "green", AuditLevel.AMBER: "yellow", AuditLevel.RED: "red"}
_DEFINITIONS = (
    "The residual is before − after. Of pure noise each figure lies in the range stated beside it.",
    "Green: noise explains it, or it is too small to matter. Amber: look. Red: anatomy or HU were changed.",
)
_RETENTION = (
    "they were inserted into uniform soft tissue of the input as its own resolution shows them; retained is what is "
    "left of them after denoising, as a share of what was inserted."
)


def audit_findings(
    before: LoadedImage, after: LoadedImage, test: RetentionTest | None, progress: RunProgress
) -> Findings:
    """Audit a result.

    Args:
        before: The input.
        after: The output, of the same voxels.
        test: Of small vessels, if asked for.
        progress: Shows what is done.

    Raises:
        MeasurementError: The images have different voxels, or there is no place for vessels.
    """
    if not before.image.grid.is_same_as(after.image.grid):
        raise DifferentGridError(
            f"{after.name} has other voxels than {before.name}; audit a result of the same voxels."
        )
    progress.step("Auditing")
    audit = audit_volumes(before.volume, after.volume, on_progress=progress.count)
    retention = None if test is None else test.run(before.volume, progress)
    tables = [audit.table()]
    settings: dict[str, str | float | int | bool | None] = {"sections looked at": audit.sections}
    if test is not None and retention is not None:
        tables.append(retention.table())
        card = test.denoiser.card
        settings |= {
            "model of the vessel test": f"{card.name} {card.version}",
            "weights of the vessel test, SHA256": card.weights.sha256,
            "strength of the vessel test": test.strength,
            "section of the vessel test": retention.section + 1,
        }
    record = MeasurementRecord(
        images=(before.identity, after.identity),
        settings={"verdict": audit.level.value, **settings},
        tables=tuple(tables),
        notes=(*_DEFINITIONS, *dict.fromkeys(audit.reasons), *_facts(retention)),
    )

    def draw() -> Figure:
        from ...report.plot_audit import plot_audit

        return plot_audit(audit, before.volume, after.volume, retention=retention)

    return Findings(
        record=record,
        shown=[Shown(_in_short(audit)), *([] if retention is None else [Shown(_vessels(retention))])],
        csv=tables[0],
        verdict=_verdict(audit),
        facts=_facts(retention),
        draw=draw,
    )


def _verdict(audit: Audit) -> list[str]:
    level = audit.level
    sentences = [f"  {escape(reason)}" for reason in dict.fromkeys(audit.reasons)]
    return [f"Verdict: [bold {_COLOURS[level]}]{level.value}[/]", *sentences, ""]


def _in_short(audit: Audit) -> ResultTable:
    """Each figure in words beside what pure noise gives."""
    columns = (
        Column("figure", "Figure"),
        Column("value", "Value"),
        Column("noise", "Pure noise"),
        Column("level", "Level"),
    )
    rows = tuple(
        (figure.name, _value(figure), _noise(figure), figure.level.value if figure.level else "not judged")
        for figure in audit.figures
    )
    count = "1 section" if audit.sections == 1 else f"{audit.sections} sections"
    return ResultTable(f"Residual audit of {count}", columns, rows)


def _vessels(retention: RetentionMap) -> ResultTable:
    """A row for each diameter, a column for each contrast."""
    contrasts = sorted({cell.vessel.contrast for cell in retention.cells})
    diameters = sorted({cell.vessel.diameter for cell in retention.cells})
    shares = {
        (cell.vessel.diameter, cell.vessel.contrast): in_words(100 * cell.share, "%", 100 * cell.error)
        for cell in retention.cells
    }
    columns = [Column(f"contrast_{contrast:g}", f"{contrast:g} HU", "%") for contrast in contrasts]
    rows = ((f"{diameter:g}", *(shares[diameter, contrast] for contrast in contrasts)) for diameter in diameters)
    title = f"Retained contrast of vessels {retention.direction.value}"
    return ResultTable(title, (Column("diameter", "Diameter", "mm"), *columns), tuple(rows))


def _value(figure: AuditFigure) -> str:
    return f"{in_words(figure.value, figure.unit, figure.error)} {figure.unit}".rstrip()


def _noise(figure: AuditFigure) -> str:
    if figure.pure_noise is None:
        return ""
    low, high = (in_words(bound, figure.unit) for bound in figure.pure_noise)
    return f"{low} to {high} {figure.unit}".rstrip() if low != high else f"{low} {figure.unit}".rstrip()


def _facts(retention: RetentionMap | None) -> list[str]:
    if retention is None:
        return [CAUTION]
    return [f"Vessels lie in section {retention.section + 1}: {_RETENTION}", CAUTION]

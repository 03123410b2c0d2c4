"""The audit on the page: the verdict in colour and words, its reasons, and each figure beside what noise gives."""

from __future__ import annotations

from collections.abc import Iterator

from ..measure.audit.audit_verdict import AuditFigure, AuditLevel
from ..measure.audit.residual_audit import CAUTION, Audit
from .colours import FAINT, INK, LEVEL_COLOURS
from .sheet import Area, Sheet, line_height, wrapped
from .words import signed

WORDS = {
    AuditLevel.GREEN: "Green: what was taken away is like noise",
    AuditLevel.AMBER: "Amber: look closer",
    AuditLevel.RED: "Red: more than noise was taken away",
}
_GREEN_REASON = "Each figure is what pure noise gives, or differs from it by too little to matter."
_SIZE, _TABLE_SIZE = 7.0, 6.5
_ROW_INCHES, _CHIP_INCHES = 0.118, 0.26
_TABLE_INCHES, _GAP_INCHES = 3.25, 0.25
_SHORT_NAMES = {
    "edge_ratio": "Residual, edges / flat",
    "edge_correlation": "Correlation with edges",
    "detail": "Detail taken at edges",
    "shift_contrast_or_spongy_bone": "HU shift, contrast, spongiosa",
    "texture": "Frequency of noise left",
}


def draw_verdict(sheet: Sheet, audit: Audit, area: Area) -> None:
    """Draw the audit into an area."""
    _write_figures(sheet, audit, Area(area.right - _TABLE_INCHES, area.top, _TABLE_INCHES, area.height))
    sheet.write(area.left, area.top + 0.1, "Audit", size=9, weight="bold")
    sheet.chip(area.left + 0.45, area.top + 0.1, WORDS[audit.level], LEVEL_COLOURS[audit.level])
    below = _CHIP_INCHES
    width = area.width - _TABLE_INCHES - _GAP_INCHES
    _write_reasons(sheet, audit, Area(area.left, area.top + below, width, area.height - below))


def _write_reasons(sheet: Sheet, audit: Audit, area: Area) -> None:
    """As many as there is room for above the caution; the table holds them all."""
    caution = list(wrapped(CAUTION, area.width, size=_SIZE))
    bottom = area.bottom - len(caution) * line_height(_SIZE)
    sheet.write_lines(CAUTION, Area(area.left, bottom, area.width), size=_SIZE, color=FAINT)
    reasons, top = list(_reasons(audit)), area.top
    for written, reason in enumerate(reasons):
        lines, left_over = len(list(wrapped(reason, area.width, size=_SIZE))), len(reasons) - written
        if top + (lines + (left_over > 1)) * line_height(_SIZE) > bottom:
            sheet.write_lines(f"… and {left_over} more, see the table.", Area(area.left, top, area.width), size=_SIZE)
            break
        top = sheet.write_lines(reason, Area(area.left, top, area.width), size=_SIZE)


def _reasons(audit: Audit) -> Iterator[str]:
    if audit.level is not AuditLevel.GREEN:
        yield from audit.reasons
        return
    yield _GREEN_REASON
    informing = {figure.key: figure for figure in audit.figures if figure.level is None}
    yield from (informing[key].sentence for key in ("sd", "texture") if key in informing)


def _write_figures(sheet: Sheet, audit: Audit, area: Area) -> None:
    """A row for each figure that is judged."""
    left, found, noise = area.left + 0.12, area.left + 0.6 * area.width, area.right
    for place, words in ((found, "found"), (noise, "pure noise gives")):
        sheet.write(place, area.top + 0.05, words, size=_TABLE_SIZE, color=FAINT, ha="right")
    rows = list(_judged(audit))
    step = min(_ROW_INCHES, (area.height - 0.1) / max(1, len(rows)))
    for number, figure in enumerate(rows, start=1):
        middle = area.top + 0.06 + number * step
        if figure.level is not None:
            sheet.dot(area.left + 0.04, middle, LEVEL_COLOURS[figure.level])
        colour = FAINT if figure.level is None else INK
        sheet.write(left, middle, _short_name(figure), size=_TABLE_SIZE, color=colour)
        sheet.write(found, middle, _value(figure), size=_TABLE_SIZE, ha="right", color=colour)
        sheet.write(noise, middle, _noise_range(figure), size=_TABLE_SIZE, ha="right", color=colour)
        sheet.rule(area.left, middle + step / 2, area.width)


def _short_name(figure: AuditFigure) -> str:
    if figure.key in _SHORT_NAMES:
        return _SHORT_NAMES[figure.key]
    return figure.name.replace("Shift of the mean", "HU shift")


def _judged(audit: Audit) -> Iterator[AuditFigure]:
    return (figure for figure in audit.figures if figure.level is not None or figure.key == "texture")


def _value(figure: AuditFigure) -> str:
    if figure.value is None:
        return "not known"
    if not figure.unit:
        return signed(figure.value, 2, plus="")
    return f"{signed(figure.value, 1)} {figure.unit}"


def _noise_range(figure: AuditFigure) -> str:
    if figure.pure_noise is None:
        return ""
    low, high = figure.pure_noise
    digits, plus = (1, "+") if figure.unit else (2, "")
    return f"{signed(low, digits, plus)} to {signed(high, digits, plus)} {figure.unit}".strip()

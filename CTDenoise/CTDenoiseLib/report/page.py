"""The page itself: an A4 sheet, written as PNG or PDF."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from .. import __version__
from ..atomic import file_in_the_making
from .charts import draw_profile, draw_spectra
from .colours import FAINT, OUTPUT_COLOUR
from .content import ReportContent
from .path import check_report_path
from .pictures import PictureRow, draw_row
from .sheet import A4_INCHES, Area, Sheet, line_height, shortened, wrapped
from .tables import write_facts, write_features, write_regions
from .verdict import draw_verdict
from .views import choose_window, window_around

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEFT, _WIDTH = 0.45, 7.37
_HALF, _BETWEEN = 3.5, 0.37
_AXIS, _GAP = 0.34, 0.02
_FOOTER = A4_INCHES[1] - 0.22
_SMALL = 6.5


def write_report(content: ReportContent, path: Path, *, overwrite: bool = False) -> None:
    """Draw the page and write it.

    Args:
        content: What to show.
        path: A name ending in `.png` or `.pdf`.
        overwrite: Whether an existing file may be replaced.

    Raises:
        ReportError: Neither PNG nor PDF.
        OutputExistsError: The file exists.
        WriteFailedError: The disk is full or the place not writable.
    """
    check_report_path(path)
    # Into memory, so that whoever stops the drawing finds no unfinished file.
    page = BytesIO()
    draw_report(content).savefig(page, format=path.suffix.lower().removeprefix("."))
    with file_in_the_making(path, overwrite=overwrite) as unfinished:
        unfinished.write_bytes(page.getbuffer())


def draw_report(content: ReportContent) -> Figure:
    """Draw the page as a matplotlib figure."""
    sheet = Sheet()
    _write_heading(sheet, content)
    draw_verdict(sheet, content.audit, Area(_LEFT, 0.72, _WIDTH, 1.4))
    below = _draw_pictures(sheet, content, top=2.17)
    below = _draw_charts(sheet, content, top=below + 0.38)
    _write_tables(sheet, content, top=below + 0.33)
    return sheet.page


def _write_heading(sheet: Sheet, content: ReportContent) -> None:
    right = _LEFT + _WIDTH
    sheet.write(_LEFT, 0.31, "CTDenoise report", size=15, weight="bold")
    sheet.write(right, 0.31, "Research use only", size=10, weight="bold", color=OUTPUT_COLOUR, ha="right")
    sheet.write(_LEFT, 0.52, shortened(content.source, _WIDTH, size=8.5), size=8.5, color=FAINT)
    sheet.write(_LEFT, _FOOTER, f"CTDenoise {__version__} · not a medical device", size=_SMALL, color=FAINT)


def _draw_pictures(sheet: Sheet, content: ReportContent, *, top: float) -> float:
    overview, detailed, spacing = content.overview, content.detailed, content.spacing
    fine, regions, line = content.fine, content.regions, content.line
    frames = (content.flat, fine) if detailed.index == overview.index else (content.flat,)
    window = choose_window(overview.input_hu, spacing)
    wide = window_around(detailed.input_hu[fine.rows, fine.columns], spacing)
    rows = (
        (PictureRow(overview, spacing, window, frames=frames, regions=regions, line=line), 2.6),
        (PictureRow(overview, spacing, window, part=content.flat, regions=regions), 1.3),
        (PictureRow(detailed, spacing, wide, part=fine, line=line), 1.3),
    )
    for row, height in rows:
        top = draw_row(sheet, row, Area(_LEFT, top, _WIDTH, height)) + _GAP
    return top


def _draw_charts(sheet: Sheet, content: ReportContent, *, top: float) -> float:
    left = Area(_LEFT + _AXIS, top, _HALF - _AXIS, 1.3)
    right = replace(left, left=left.left + _HALF + _BETWEEN)
    draw_profile(sheet.axes(left), content.line)
    draw_spectra(sheet.axes(right), content.audit.texture)
    return left.bottom


def _write_tables(sheet: Sheet, content: ReportContent, *, top: float) -> None:
    left, right = Area(_LEFT, top, _HALF), Area(_LEFT + _HALF + _BETWEEN, top, _HALF)
    below = write_regions(sheet, content.regions, left)
    write_features(sheet, content.line, replace(left, top=below + 0.06))
    below = write_facts(sheet, content.facts, right) + 0.06
    _write_notes(sheet, content.notes, replace(right, top=below, height=_FOOTER - below))


def _write_notes(sheet: Sheet, notes: tuple[str, ...], area: Area) -> None:
    """As many lines as there is room for."""
    lines = [line for note in notes for line in wrapped(note, area.width, size=_SMALL)]
    room = max(1, int(area.height / line_height(_SMALL)))
    if len(lines) > room:
        lines[room - 1 :] = [f"… and {len(lines) - room + 1} more lines of notes, which the run told."]
    for number, line in enumerate(lines):
        middle = area.top + (number + 0.5) * line_height(_SMALL)
        sheet.write(area.left, middle, line, size=_SMALL, color=OUTPUT_COLOUR)

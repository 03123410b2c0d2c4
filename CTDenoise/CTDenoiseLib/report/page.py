"""The page itself: an A4 sheet with two rows of pictures, a profile and a table, written as PNG or PDF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from .. import __version__
from ..atomic import file_in_the_making
from ..errors import CTDenoiseError
from .content import ReportContent
from .pictures import FAINT, INK, INPUT_COLOUR, MARK_COLOUR, OUTPUT_COLOUR, RULE, PictureRow, draw_row
from .views import (
    Detail,
    ProfileLine,
    choose_detail,
    choose_profile,
    choose_window,
    detail_around,
    window_around,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SUFFIXES = (".png", ".pdf")
_A4_INCHES = (8.27, 11.69)
_DOTS_PER_INCH = 220
_ROW_INCHES = (2.6, 1.73, 1.73, 1.65, 1.55)
_NOTE_LETTERS = 125
_MARGINS = {"left": 0.055, "right": 0.945, "top": 0.925, "bottom": 0.04, "hspace": 0.18, "wspace": 0.03}


class ReportError(CTDenoiseError):
    """The report cannot be written as asked."""


def check_report_path(path: Path) -> None:
    """See that a report can have this name.

    Raises:
        ReportError: Neither PNG nor PDF.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise ReportError(f"A report is a PNG or PDF page; name it “{path.stem}.png” or “{path.stem}.pdf”.")


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
    spacing, uniform, detailed = content.spacing, content.uniform, content.detailed
    flat = detail_around(uniform.input_hu, spacing, content.region)
    fine = choose_detail(detailed.input_hu, spacing)
    line = choose_profile(uniform.input_hu, spacing, content.region)
    frames = [(flat, "white")]
    if detailed.index == uniform.index:
        frames.append((fine, "white"))
    if content.region is not None:
        frames.append((Detail(content.region.rows, content.region.columns), MARK_COLOUR))
    window = choose_window(uniform.input_hu, spacing)
    wide = window_around(detailed.input_hu[fine.rows, fine.columns], spacing)

    page = Figure(figsize=_A4_INCHES, dpi=_DOTS_PER_INCH, facecolor="white")
    grid = GridSpec(5, 3, figure=page, height_ratios=_ROW_INCHES, **_MARGINS)
    _write_heading(page, content)
    draw_row(page, grid, 0, PictureRow(uniform, spacing, window, frames=tuple(frames), line=line))
    draw_row(page, grid, 1, PictureRow(uniform, spacing, window, part=flat))
    draw_row(page, grid, 2, PictureRow(detailed, spacing, wide, part=fine))
    _draw_profile(page.add_subplot(grid[3, :]), content, line)
    _write_table(page.add_subplot(grid[4, :]), content)
    return page


def _write_heading(page: Figure, content: ReportContent) -> None:
    page.text(0.055, 0.972, "CTDenoise report", size=15, weight="bold", color=INK, va="center")
    page.text(0.945, 0.972, "Research use only", size=10, weight="bold", color=OUTPUT_COLOUR, va="center", ha="right")
    page.text(0.055, 0.951, content.source, size=8.5, color=FAINT, va="center")
    page.text(0.055, 0.022, f"CTDenoise {__version__} · not a medical device", size=7, color=FAINT, va="center")


def _draw_profile(axes: Axes, content: ReportContent, line: ProfileLine) -> None:
    for picture, colour, label, width in (
        (content.uniform.input_hu, INPUT_COLOUR, "input", 0.8),
        (content.uniform.output_hu, OUTPUT_COLOUR, "output", 1.4),
    ):
        distance, values = line.sample(picture, content.spacing)
        axes.plot(distance, values, color=colour, linewidth=width, label=label)
    axes.margins(x=0)
    axes.set_title("HU along the yellow line", size=8.5, loc="left", color=INK, pad=4)
    axes.set_xlabel("distance / mm", size=7.5, color=INK, labelpad=2)
    axes.tick_params(labelsize=7, colors=INK, length=2.5)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=7.5, frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1)


def _write_table(axes: Axes, content: ReportContent) -> None:
    """Facts in two columns of name and value, notes below them."""
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    rows = -(-len(content.facts) // 2)
    notes = [line for note in content.notes for line in wrap(note, _NOTE_LETTERS)]
    step = min(0.085, 0.95 / max(1, rows + len(notes)))
    for index, (name, value) in enumerate(content.facts):
        column, row = divmod(index, rows)
        left, top = 0.515 * column, 0.93 - step * row
        axes.text(left, top, name, size=7.5, color=FAINT, va="center")
        axes.text(left + 0.135, top, value, size=7.5, color=INK, va="center")
        axes.plot((left, left + 0.485), (top - step / 2,) * 2, color=RULE, linewidth=0.6)
    for row, note in enumerate(notes):
        axes.text(0, 0.93 - step * (rows + row + 0.15), note, size=7, color=OUTPUT_COLOUR, va="center")

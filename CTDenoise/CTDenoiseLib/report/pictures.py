"""A row of pictures: input, output and their difference in the same geometry, with windows and scale bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from .colours import FAINT, INK, MARK_COLOUR
from .content import SectionPair
from .figures import LineFigures, RegionFigures, Span
from .sheet import Area, Sheet
from .views import Detail, Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TITLE_INCHES = 0.17
_GAP_INCHES = 0.06
_OUTLINE = [withStroke(linewidth=0.9, foreground="black")]
_DIFFERENCE = Window(width=200, level=0)


@dataclass(frozen=True, eq=False)
class PictureRow:
    """What a row shows.

    Attributes:
        pair: The section before and after.
        spacing: Pixel spacing (y, x) in mm.
        window: Of input and output; the difference is shown at ±100 HU.
        part: The enlarged part, `None` for the whole section.
        frames: Rectangles to draw into the input.
        regions: Regions to draw into the input, as far as they lie in this section.
        line: Line to draw into the input, likewise.
    """

    pair: SectionPair
    spacing: tuple[float, float]
    window: Window
    part: Detail | None = None
    frames: tuple[Detail, ...] = ()
    regions: tuple[RegionFigures, ...] = ()
    line: LineFigures | None = None

    @property
    def size_mm(self) -> tuple[float, float]:
        """Height and width of what is shown."""
        rows, columns = self._cut(self.pair.input_hu).shape
        return rows * self.spacing[0], columns * self.spacing[1]

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the first pixel shown."""
        return (0, 0) if self.part is None else (self.part.rows.start, self.part.columns.start)

    def pictures(self) -> tuple[tuple[str, NDArray[np.float32], Window, str], ...]:
        """Title, HU, window and the window in words of the three pictures."""
        pair, window = self.pair, self.window
        place = f"section {pair.index + 1}"
        return (
            (f"Input, {place}", self._cut(pair.input_hu), window, str(window)),
            (f"Output, {place}", self._cut(pair.output_hu), window, str(window)),
            ("Input − output", self._cut(pair.difference_hu), _DIFFERENCE, "±100 HU"),
        )

    def _cut(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        return picture if self.part is None else picture[self.part.rows, self.part.columns]


def draw_row(sheet: Sheet, row: PictureRow, area: Area) -> float:
    """Draw the three pictures of a row side by side; returns where they end below."""
    each = (area.width - 2 * _GAP_INCHES) / 3
    down, across = row.size_mm
    top, height = area.top + _TITLE_INCHES, min(area.height - _TITLE_INCHES, each * down / across)
    for column, (title, values, window, in_words) in enumerate(row.pictures()):
        axes = sheet.axes(Area(area.left + column * (each + _GAP_INCHES), top, each, height))
        low, high = window.limits
        axes.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="bicubic", extent=(0.0, across, down, 0.0))
        axes.set_axis_off()
        axes.set_title(title, size=8.5, loc="left", pad=3, color=INK)
        axes.set_title(in_words, size=7, loc="right", pad=3, color=FAINT)
        _draw_scale_bar(axes, down, across)
        if column == 0:
            _draw_marks(axes, row)
    return top + height


def _draw_marks(axes: Axes, row: PictureRow) -> None:
    step_y, step_x = row.spacing
    first_row, first_column = row.corner
    for part in row.frames:
        corner = (part.columns.start - first_column) * step_x, (part.rows.start - first_row) * step_y
        height = (part.rows.stop - part.rows.start) * step_y
        width = (part.columns.stop - part.columns.start) * step_x
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor="white", linewidth=0.8))
    for region in row.regions:
        if region.section == row.pair.index:
            _draw_region(axes, region, row)
    if row.line is not None and row.line.section == row.pair.index:
        y, x = np.array(row.line.path).T
        across, down = (x + 0.5 - first_column) * step_x, (y + 0.5 - first_row) * step_y
        axes.plot(across, down, color=MARK_COLOUR, linewidth=0.9, path_effects=_OUTLINE)


def _draw_region(axes: Axes, region: RegionFigures, row: PictureRow) -> None:
    step_y, step_x = row.spacing
    first_row, first_column = row.corner
    edges = np.array(list(outlines(region.spans))) - (first_row, first_column)
    axes.add_collection(LineCollection(list(edges[..., ::-1] * (step_x, step_y)), colors=MARK_COLOUR, linewidths=0.8))
    y, x = edges[..., 0].min() * step_y, edges[..., 1].max() * step_x
    label = axes.text(x, y, f" {region.name}", color=MARK_COLOUR, size=6, va="center", parse_math=False)
    label.set(path_effects=_OUTLINE, clip_on=True)


def outlines(spans: tuple[Span, ...]) -> Iterator[NDArray[np.float64]]:
    """Edges of the pixels of a region as pieces of line: corners (y, x) of pixels, shape (n, 2)."""
    pixels = {(row, column) for row, first, stop in spans for column in range(first, stop)}
    for row, column in pixels:
        for beside, start, end in (
            ((row - 1, column), (row, column), (row, column + 1)),
            ((row + 1, column), (row + 1, column), (row + 1, column + 1)),
            ((row, column - 1), (row, column), (row + 1, column)),
            ((row, column + 1), (row, column + 1), (row + 1, column + 1)),
        ):
            if beside not in pixels:
                yield np.array([start, end], dtype=np.float64)


def _draw_scale_bar(axes: Axes, height: float, width: float) -> None:
    length = scale_bar_length(width)
    left, bottom = 0.04 * width, height - 0.04 * width
    axes.plot([left, left + length], [bottom, bottom], color="white", linewidth=2, path_effects=_OUTLINE)
    label = axes.text(left + length / 2, bottom - 0.02 * width, f"{length:g} mm", color="white", size=6.5)
    label.set(ha="center", va="bottom", path_effects=_OUTLINE)


def scale_bar_length(width: float) -> float:
    """The longest of 1, 2, 5 · 10ⁿ mm that fits a quarter of a picture of this width in mm."""
    quarter = width / 4
    power = 10.0 ** np.floor(np.log10(quarter))
    # The half is for a quarter a rounding error below a power of ten.
    return float(max(step * power for step in (0.5, 1, 2, 5) if step * power <= quarter))

"""A row of pictures: input, output and their difference in the same geometry, with windows and scale bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from .content import SectionPair
from .views import Detail, ProfileLine, Window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec

# Blue and vermilion of Okabe and Ito, told apart by every kind of colour vision.
INPUT_COLOUR = "#0072B2"
OUTPUT_COLOUR = "#D55E00"
INK = "#1b1f24"
FAINT = "#6b7280"
RULE = "#e5e7eb"
MARK_COLOUR = "#F0E442"
_OUTLINE = [withStroke(linewidth=0.9, foreground="black")]
_DIFFERENCE = Window(width=200, level=0)


@dataclass(frozen=True)
class PictureRow:
    """What a row shows.

    Attributes:
        pair: The section before and after.
        spacing: Pixel spacing (y, x) in mm.
        window: Of input and output; the difference is shown at ±100 HU.
        part: The enlarged part, `None` for the whole section.
        frames: Rectangles to draw into the input, with their colours.
        line: Profile line to draw into the input.
    """

    pair: SectionPair
    spacing: tuple[float, float]
    window: Window
    part: Detail | None = None
    frames: tuple[tuple[Detail, str], ...] = ()
    line: ProfileLine | None = None

    @property
    def size_mm(self) -> tuple[float, float]:
        """Height and width of what is shown."""
        rows, columns = self._cut(self.pair.input_hu).shape
        return rows * self.spacing[0], columns * self.spacing[1]

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


def draw_row(page: Figure, grid: GridSpec, row: int, pictures: PictureRow) -> None:
    """Draw the three pictures of a row."""
    height, width = pictures.size_mm
    for column, (title, values, window, in_words) in enumerate(pictures.pictures()):
        axes = page.add_subplot(grid[row, column])
        low, high = window.limits
        extent = (0.0, width, height, 0.0)
        axes.imshow(values, cmap="gray", vmin=low, vmax=high, interpolation="bicubic", extent=extent)
        axes.set_axis_off()
        axes.set_title(title, size=8.5, loc="left", pad=3, color=INK)
        axes.set_title(in_words, size=7, loc="right", pad=3, color=FAINT)
        _draw_scale_bar(axes, height, width)
        if column == 0:
            _draw_marks(axes, pictures)


def _draw_marks(axes: Axes, pictures: PictureRow) -> None:
    step_y, step_x = pictures.spacing
    for part, colour in pictures.frames:
        corner = part.columns.start * step_x, part.rows.start * step_y
        height = (part.rows.stop - part.rows.start) * step_y
        width = (part.columns.stop - part.columns.start) * step_x
        axes.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=colour, linewidth=0.8))
    if pictures.line is not None:
        (y0, x0), (y1, x1) = pictures.line.start, pictures.line.end
        across = [(x0 + 0.5) * step_x, (x1 + 0.5) * step_x]
        down = [(y0 + 0.5) * step_y, (y1 + 0.5) * step_y]
        axes.plot(across, down, color=MARK_COLOUR, linewidth=0.9, path_effects=_OUTLINE)


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

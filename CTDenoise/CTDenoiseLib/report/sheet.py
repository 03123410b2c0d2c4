"""A sheet of paper to draw on: places in inches from the top left corner, and text wrapped by its true width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from .colours import INK, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

A4_INCHES = (8.27, 11.69)
_DOTS_PER_INCH = 220
_POINTS_PER_INCH = 72.0
_LINE_SPACING = 1.35


@dataclass(frozen=True)
class Area:
    """A part of the page, in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float = 0.0

    @property
    def right(self) -> float:
        """Its right side."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower side."""
        return self.top + self.height


class Sheet:
    """A page of A4; all places are in inches.

    Attributes:
        page: The figure, to be saved.
    """

    def __init__(self) -> None:
        width, height = A4_INCHES
        self.page = Figure(figsize=A4_INCHES, dpi=_DOTS_PER_INCH, facecolor="white")
        self._paper = self.page.add_axes((0.0, 0.0, 1.0, 1.0), label="paper")
        self._paper.set_axis_off()
        self._paper.set(xlim=(0.0, width), ylim=(height, 0.0))

    def axes(self, area: Area) -> Axes:
        """Axes that fill an area."""
        across, down = A4_INCHES
        return self.page.add_axes((area.left / across, 1 - area.bottom / down, area.width / across, area.height / down))

    def write(self, left: float, top: float, words: str, *, size: float = 7.0, color: str = INK, **style: Any) -> None:
        """Text in one line, its middle at `top`."""
        # Names and notes may hold dollar signs, which are no formulas.
        self._paper.text(left, top, words, size=size, color=color, va="center_baseline", parse_math=False, **style)

    def write_lines(self, words: str, area: Area, *, size: float = 7.0, color: str = INK) -> float:
        """Text in as many lines as it takes, from the top of an area; returns where the next would begin."""
        top = area.top
        for line in wrapped(words, area.width, size=size):
            top += line_height(size)
            self.write(area.left, top - line_height(size) / 2, line, size=size, color=color)
        return top

    def rule(self, left: float, top: float, width: float) -> None:
        """A thin line across."""
        self._paper.plot((left, left + width), (top, top), color=RULE, linewidth=0.6)

    def dot(self, left: float, top: float, color: str) -> None:
        """A coloured dot as high as small letters."""
        self._paper.plot([left], [top], marker="o", markersize=4.5, color=color, markeredgewidth=0)

    def chip(self, left: float, top: float, words: str, color: str, *, size: float = 9.0) -> None:
        """White words on a colour, their middle at `top`."""
        box = {"boxstyle": "round,pad=0.35,rounding_size=0.3", "facecolor": color, "edgecolor": "none"}
        self.write(left + 0.06, top, words, size=size, color="white", weight="bold", bbox=box)


def line_height(size: float) -> float:
    """Distance of lines in inches, for letters of a size in points."""
    return _LINE_SPACING * size / _POINTS_PER_INCH


def wrapped(words: str, width: float, *, size: float) -> Iterator[str]:
    """The lines of a text that are no wider than `width` in inches, but for a single word that is."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if line and _text_width(longer, size) > width:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


def shortened(words: str, width: float, *, size: float) -> str:
    """A text that is no wider than `width` in inches; what is cut off is told by an ellipsis."""
    if _text_width(words, size) <= width:
        return words
    kept = next(end for end in range(len(words) - 1, -1, -1) if _text_width(words[:end] + "…", size) <= width)
    return words[:kept].rstrip() + "…"


@cache
def _text_width(words: str, size: float) -> float:
    """In inches."""
    width, _, _ = TextToPath().get_text_width_height_descent(words, FontProperties(size=size), ismath=False)
    return float(width) / _POINTS_PER_INCH

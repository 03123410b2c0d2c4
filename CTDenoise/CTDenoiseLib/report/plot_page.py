"""What plots of measurements share: a page, axes with units, colours of images, PNG and PDF."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from .. import __version__
from .colours import FAINT, INK, INPUT_COLOUR, OUTPUT_COLOUR, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# After the two of the report further ones of Okabe and Ito, told apart by every kind of colour vision.
_COLOURS = (INPUT_COLOUR, OUTPUT_COLOUR, "#009E73", "#CC79A7", "#8C6D00", INK)
# Without colours, styles tell three and more curves apart.
_STYLES = ("-", "-", "--", "-.", ":", (0, (6, 2)))
_DOTS_PER_INCH = 200
WIDTH_INCHES = 8.27
# Share of the height of a chart that a line of the legend takes.
_ROOM_A_LINE = 0.09
_LARGEST_NAME = 32


def new_plot(height: float) -> Figure:
    """An empty page as wide as A4, of this height in inches."""
    return Figure(figsize=(WIDTH_INCHES, height), dpi=_DOTS_PER_INCH, facecolor="white", layout="constrained")


def rendered(plot: Figure, path: Path) -> bytes:
    """The plot as the content of a file whose suffix tells the format, signed at the bottom."""
    signature = f"CTDenoise {__version__} · research use only"
    plot.supxlabel(signature, size=6, color=FAINT, x=0.99, ha="right")
    page = BytesIO()
    # Letters as letters, not as outlines, so that they can be searched and changed.
    with mpl.rc_context({"pdf.fonttype": 42}):
        plot.savefig(page, format=path.suffix.lower().removeprefix("."))
    return page.getvalue()


def colour_of(place: int) -> str:
    """Colour of an image by its place among those compared, from 0."""
    return _COLOURS[place % len(_COLOURS)]


def shortened(name: str) -> str:
    """A name that fits a legend."""
    return name if len(name) <= _LARGEST_NAME else f"{name[: _LARGEST_NAME - 1].rstrip()}…"


def prepare(axes: Axes, *, title: str, x_title: str, y_title: str) -> None:
    """Give axes their titles with units, and the looks of the report."""
    axes.set_title(title, size=8.5, loc="left", color=INK)
    axes.set_xlabel(x_title, size=8, color=INK)
    axes.set_ylabel(y_title, size=8, color=INK)
    axes.tick_params(labelsize=7.5, colors=INK, length=2.5)
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def draw_curve(  # noqa: PLR0913 - a curve has so many properties
    axes: Axes,
    place: int,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    label: str,
    error: NDArray[np.float64] | None = None,
) -> None:
    """Draw the curve of one image, with a band of its standard uncertainty; the first is thin, as it is noisy."""
    colour, style = colour_of(place), _STYLES[place % len(_STYLES)]
    axes.plot(x, y, color=colour, linestyle=style, linewidth=0.9 if place == 0 else 1.3, label=label)
    if error is not None:
        axes.fill_between(x, y - error, y + error, color=colour, alpha=0.18, linewidth=0)


def add_legend(axes: Axes) -> None:
    """Name the curves above them, in room made for it."""
    labels = axes.get_legend_handles_labels()[1]
    lines = sum(label.count("\n") + 1 for label in labels)
    low, high = axes.get_ylim()
    axes.set_ylim(top=low + (high - low) * (1 + _ROOM_A_LINE * lines))
    axes.legend(fontsize=7.5, frameon=False, loc="upper right", borderaxespad=0.1)

"""Sections in plots: pictures in mm with window and scale bar, and outlines of what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from .colours import INK, MARK_COLOUR
from .pictures import scale_bar_length

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

OUTLINE = [withStroke(linewidth=1.8, foreground="black")]
_OUTLINE_OF_BAR = [withStroke(linewidth=3.2, foreground="black")]
_LABEL_SHARE = 0.12
_LETTERS: dict[str, Any] = {"color": "white", "size": 6.5, "path_effects": OUTLINE}


def draw_picture(  # noqa: PLR0913 - a picture needs all this to be read
    axes: Axes,
    picture: NDArray[np.floating],
    spacing: tuple[float, float],
    *,
    title: str,
    limits: tuple[float, float],
    words: str,
    colours: str = "gray",
) -> AxesImage:
    """Draw a section; coordinates are mm from its upper left corner.

    Args:
        axes: Where.
        picture: Shape (y, x); NaN is black.
        spacing: Distance of rows and of columns (y, x) in mm.
        title: What it is.
        limits: Values of the first and of the last colour.
        words: The same for people, such as "W 400  L 40 HU".
        colours: Name of the colour map.
    """
    height, width = (size * step for size, step in zip(picture.shape, spacing, strict=True))
    low, high = limits
    image = axes.imshow(
        picture,
        cmap=mpl.colormaps[colours].with_extremes(bad="black"),
        vmin=low,
        vmax=high,
        interpolation="nearest",
        extent=(0, width, height, 0),
    )
    axes.set_axis_off()
    axes.set_title(title, size=8, loc="left", color=INK, pad=3)
    axes.text(0.97 * width, height - 0.04 * width, words, ha="right", va="bottom", **_LETTERS)
    length = scale_bar_length(width)
    left, bottom = 0.04 * width, height - 0.04 * width
    axes.plot([left, left + length], [bottom, bottom], color="white", linewidth=2, path_effects=_OUTLINE_OF_BAR)
    axes.text(left + length / 2, bottom - 0.015 * width, f"{length:g} mm", ha="center", va="bottom", **_LETTERS)
    return image


def draw_outline(
    axes: Axes, mask: NDArray[np.bool_], first: tuple[int, int], spacing: tuple[float, float], *, label: str = ""
) -> None:
    """Draw the border of pixels, with a label above it.

    Args:
        axes: Those of the picture.
        mask: The pixels, shape (y, x).
        first: Row and column in the picture of the first of them.
        spacing: Distance of rows and of columns (y, x) in mm.
        label: Text above.
    """
    padded = np.pad(mask, 1).astype(float)
    y, x = (
        (start + np.arange(size) - 0.5) * step for start, size, step in zip(first, padded.shape, spacing, strict=True)
    )
    axes.contour(x, y, padded, levels=[0.5], colors=[MARK_COLOUR], linewidths=0.9)
    if label:
        # Kept within the picture.
        left, right = sorted(axes.get_xlim())
        middle = float(np.clip(x.mean(), left + _LABEL_SHARE * (right - left), right - _LABEL_SHARE * (right - left)))
        near_top = y[0] < _LABEL_SHARE * max(axes.get_ylim())
        letters = {**_LETTERS, "color": MARK_COLOUR, "size": 6, "va": "top" if near_top else "bottom"}
        axes.text(middle, float(y[-1] if near_top else y[0]), label, ha="center", **letters)

"""Plot of how images differ from a reference: both side by side with their difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..measure.image import MeasuredImage
from ..measure.sampling import evenly_spread
from .plot_page import new_plot, shortened
from .plot_picture import draw_picture
from .views import Window, choose_window

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_IMAGES = 3
_LEAST_HU = 1.0
_DEVIATIONS = 3


def plot_differences(
    reference: MeasuredImage, others: Sequence[MeasuredImage], *, window: tuple[float, float] | None
) -> Figure:
    """Draw the section that differs most of each image, three images at most, in a row with the reference.

    Args:
        reference: What is taken for true.
        others: What is judged, of the same voxels.
        window: Lowest and highest HU to show; `None` for a window that suits the section.
    """
    spacing = reference.grid.spacing[1:]
    shown = others[:_MOST_IMAGES]
    page = new_plot(2.95 * len(shown))
    for row, other in zip(page.subplots(len(shown), 3, squeeze=False), shown, strict=True):
        section = _most_different(reference, other, window)
        one, two = (_section(image, section) for image in (reference, other))
        grey = choose_window(one, spacing) if window is None else _as_window(window)
        for axes, image, hu in ((row[0], reference, one), (row[1], other, two)):
            title = f"{shortened(image.name)}, section {section + 1}"
            draw_picture(axes, hu, spacing, title=title, limits=grey.limits, words=str(grey))
        difference = two - one
        seen = (one > grey.limits[0]) & (one < grey.limits[1])
        largest = max(_LEAST_HU, round(_DEVIATIONS * float(difference[seen].std()) if seen.any() else 0))
        title = f"{shortened(other.name)} − reference"
        draw_picture(row[2], difference, spacing, title=title, limits=(-largest, largest), words=f"±{largest:g} HU")
    return page


def _section(image: MeasuredImage, section: int) -> NDArray[np.float32]:
    return np.asarray(image.values[section], dtype=np.float32)


def _as_window(limits: tuple[float, float]) -> Window:
    low, high = limits
    return Window(width=high - low, level=(low + high) / 2)


def _most_different(reference: MeasuredImage, other: MeasuredImage, window: tuple[float, float] | None) -> int:
    """Index of the section with the largest root mean square difference, of sections evenly spread."""
    low, high = window or (-np.inf, np.inf)

    def difference(section: int) -> float:
        one, two = (_section(image, section).clip(low, high) for image in (reference, other))
        return float(np.square(one - two, dtype=np.float64).mean())

    return max(evenly_spread(len(reference.values)), key=difference)

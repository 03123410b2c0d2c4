"""Plot of line profiles: where the line lies, and HU along it in all images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..measure.image import MeasuredImage
from ..measure.profiles.profile import Profiles
from .colours import MARK_COLOUR
from .plot_page import add_legend, draw_curve, new_plot, prepare, shortened
from .plot_picture import OUTLINE, draw_picture
from .views import choose_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_LINES = 5


def plot_profiles(names: Sequence[str], profiles: Sequence[Profiles], images: Sequence[MeasuredImage]) -> Figure:
    """Draw a row for each line, five at most.

    Args:
        names: Of the lines.
        profiles: Along each.
        images: What they were taken of; the first is shown.
    """
    shown = list(zip(names, profiles, strict=True))[:_MOST_LINES]
    page = new_plot(2.9 * len(shown))
    panels = page.subplots(len(shown), 2, squeeze=False, width_ratios=(1, 1.9))
    for (picture, chart), (name, found) in zip(panels, shown, strict=True):
        _draw_place(picture, found, images[0])
        _draw_curves(chart, name, found)
    return page


def _draw_place(axes: Axes, profiles: Profiles, image: MeasuredImage) -> None:
    """The section in which most of the line lies, with all of it."""
    index = image.grid.to_index(profiles.points)
    section = int(np.clip(np.rint(np.median(index[:, 0])), 0, len(image.values) - 1))
    spacing = image.grid.spacing[1:]
    hu = np.asarray(image.values[section], dtype=np.float32)
    window = choose_window(hu, spacing)
    title = f"{shortened(image.name)}, section {section + 1}"
    draw_picture(axes, hu, spacing, title=title, limits=window.limits, words=str(window))
    y, x = ((part + 0.5) * step for part, step in zip(index[:, 1:].T, spacing, strict=True))
    axes.plot(x, y, color=MARK_COLOUR, linewidth=1.0, path_effects=OUTLINE)
    axes.plot(x[:1], y[:1], color=MARK_COLOUR, marker="o", markersize=3, path_effects=OUTLINE)


def _draw_curves(axes: Axes, name: str, profiles: Profiles) -> None:
    width = profiles.settings.width_mm
    across = f", mean over {width:g} mm" if width else ""
    prepare(axes, title=f"{name}, from the dot{across}", x_title="distance / mm", y_title="HU")
    curves = zip(profiles.names, profiles.hu, profiles.standard_error, strict=True)
    for place, (image, hu, error) in enumerate(curves):
        draw_curve(axes, place, profiles.distance_mm, hu, label=shortened(image), error=error)
    axes.margins(x=0)
    add_legend(axes)

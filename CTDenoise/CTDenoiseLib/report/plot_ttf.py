"""Plot of task transfer functions: the edge, its profile, and what of each spatial frequency survives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Circle
from numpy.typing import NDArray

from ..measure.measured import Measured
from ..measure.resolution.edge_place import DiscEdge
from ..measure.resolution.ttf import TaskTransferFunction
from .colours import FAINT, MARK_COLOUR
from .plot_page import add_legend, draw_curve, new_plot, prepare, shortened
from .plot_picture import draw_picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_EDGES = 5
_MARGIN = 0.3


@dataclass(frozen=True, eq=False)
class EdgeToPlot:
    """One edge in one image.

    Attributes:
        edge: Name of the edge.
        image: Name of the image.
        hu: Mean of the sections around the edge in HU, shape (y, x).
        spacing: Distance of its rows and columns (y, x) in mm.
        ttf: What was measured.
    """

    edge: str
    image: str
    hu: NDArray[np.float64]
    spacing: tuple[float, float]
    ttf: TaskTransferFunction


def plot_transfer(edges: Sequence[EdgeToPlot]) -> Figure:
    """Draw a row for each edge with all images, five at most."""
    names = list(dict.fromkeys(each.edge for each in edges))[:_MOST_EDGES]
    images = list(dict.fromkeys(each.image for each in edges))
    page = new_plot(2.8 * len(names))
    panels = page.subplots(len(names), 3, squeeze=False, width_ratios=(0.7, 1, 1.1))
    for (picture, profile, transfer), name in zip(panels, names, strict=True):
        of_edge = [each for each in edges if each.edge == name]
        _draw_edge(picture, of_edge[0])
        prepare(profile, title="Edge spread function", x_title="distance from the edge / mm", y_title="HU")
        prepare(transfer, title="Task transfer function", x_title="spatial frequency / mm⁻¹", y_title="TTF")
        for level in (0.5, 0.1):
            transfer.axhline(level, color=FAINT, linewidth=0.7, linestyle=":")
        for each in of_edge:
            place, ttf = images.index(each.image), each.ttf
            draw_curve(profile, place, ttf.edge.position_mm, ttf.edge.esf_hu, label=shortened(each.image))
            label = f"{shortened(each.image)}, {_falls(ttf)}"
            draw_curve(transfer, place, ttf.frequency, ttf.value, label=label, error=ttf.standard_error)
        transfer.set_xlim(0, max(each.ttf.frequency[-1] for each in of_edge))
        transfer.set_ylim(bottom=0)
        add_legend(transfer)
    return page


def _draw_edge(axes: Axes, each: EdgeToPlot) -> None:
    low, high = float(np.nanpercentile(each.hu, 2)), float(np.nanpercentile(each.hu, 98))
    margin = _MARGIN * (high - low)
    limits = low - margin, high + margin
    words = f"{limits[0]:.0f} to {limits[1]:.0f} HU".replace("-", "−")
    draw_picture(axes, each.hu, each.spacing, title=f"{each.edge}, {shortened(each.image)}", limits=limits, words=words)
    found, (step_y, step_x) = each.ttf.found, each.spacing
    if isinstance(found, DiscEdge):
        middle = (found.centre[1] + 0.5) * step_x, (found.centre[0] + 0.5) * step_y
        axes.add_patch(Circle(middle, found.radius_mm, fill=False, edgecolor=MARK_COLOUR, linewidth=0.9))
        return
    foot = np.array(found.normal) * found.offset_mm + np.array(each.spacing) / 2
    along = np.array([-found.normal[1], found.normal[0]]) * sum(
        size * step for size, step in zip(each.hu.shape, each.spacing, strict=True)
    )
    (y0, x0), (y1, x1) = foot - along, foot + along
    axes.plot([x0, x1], [y0, y1], color=MARK_COLOUR, linewidth=0.9, scalex=False, scaley=False)


def _falls(ttf: TaskTransferFunction) -> str:
    return f"f50 {ttf.f50.value:.2f} mm⁻¹" if isinstance(ttf.f50, Measured) else "no f50"

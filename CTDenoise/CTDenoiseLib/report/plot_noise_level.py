"""Plot of the global noise level: maps of the local standard deviation, and how often each occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..measure.image import MeasuredImage
from ..measure.measured import Measured
from ..measure.noise.global_noise_level import GlobalNoiseLevel, local_deviation_map, noise_windows, window_pixels
from ..measure.sampling import evenly_spread
from .plot_page import add_legend, colour_of, draw_curve, new_plot, prepare, shortened
from .plot_picture import draw_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

_MOST_MAPS = 4
_BINS = 100
_MOST_SECTIONS = 12


def plot_noise_level(
    levels: Sequence[GlobalNoiseLevel], images: Sequence[MeasuredImage], *, tissue_hu: tuple[float, float]
) -> Figure:
    """Draw the section with most tissue of each image, four images at most.

    Args:
        levels: Of each image.
        images: The images, of the same voxels.
        tissue_hu: Lowest and highest HU of the tissue.
    """
    levels, images = levels[:_MOST_MAPS], images[:_MOST_MAPS]
    spacing = images[0].grid.spacing[1:]
    section, tissue = _most_tissue(images[0], tissue_hu)
    maps = [
        local_deviation_map(np.asarray(image.values[section], dtype=np.float32), window=window_pixels(spacing))
        for image in images
    ]
    highest = 2.5 * max(each.level.value for each in levels if isinstance(each.level, Measured))
    page = new_plot(5.0)
    above, below = page.subfigures(2, 1, squeeze=False, height_ratios=(1.15, 1))[:, 0]
    panels = above.subplots(1, len(maps), squeeze=False)[0]
    for axes, level, deviations in zip(panels, levels, maps, strict=True):
        picture = draw_picture(
            axes,
            np.where(tissue, deviations, np.nan),
            spacing,
            title=f"{shortened(level.name)}, section {section + 1}",
            limits=(0, highest),
            words="",
            colours="viridis",
        )
    bar = above.colorbar(picture, ax=list(panels), shrink=0.85, pad=0.01)
    bar.set_label("local standard deviation / HU", size=8)
    bar.ax.tick_params(labelsize=7.5)
    _draw_charts(below, levels, [deviations[tissue] for deviations in maps], section=section, highest=highest)
    return page


def _draw_charts(
    page: SubFigure,
    levels: Sequence[GlobalNoiseLevel],
    deviations: Sequence[NDArray[np.float64]],
    *,
    section: int,
    highest: float,
) -> None:
    """How often each deviation occurs in the section shown, and the level of all sections."""
    histogram, by_section = page.subplots(1, 2)
    unit = "local standard deviation / HU"
    prepare(
        histogram,
        title=f"Uniform soft tissue of section {section + 1}",
        x_title=unit,
        y_title="share of the windows / %",
    )
    prepare(by_section, title="Level by section; dashed: median", x_title="section", y_title="noise level / HU")
    edges = np.linspace(0, highest, _BINS + 1)
    for place, (level, found) in enumerate(zip(levels, deviations, strict=True)):
        share = 100 * np.histogram(found, edges)[0] / max(found.size, 1)
        draw_curve(histogram, place, (edges[1:] + edges[:-1]) / 2, share, label=_label(level))
        sections = np.array([float(index + 1) for index in sorted(level.sections)])
        values = np.array([level.sections[index] for index in sorted(level.sections)])
        draw_curve(by_section, place, sections, values, label=level.name)
        by_section.plot(sections, values, ".", color=colour_of(place), markersize=4)
        if isinstance(level.level, Measured):
            by_section.axhline(level.level.value, color=colour_of(place), linewidth=0.8, linestyle="--")
    histogram.set_xlim(0, highest)
    for axes in (histogram, by_section):
        axes.set_ylim(bottom=0)
    add_legend(histogram)


def _most_tissue(image: MeasuredImage, tissue_hu: tuple[float, float]) -> tuple[int, NDArray[np.bool_]]:
    """Index of the section that has most tissue to read noise from, and where."""
    spacing = image.grid.spacing[1:]
    masks = {
        section: noise_windows(
            np.nan_to_num(np.asarray(image.values[section], dtype=np.float32)),
            pixel_spacing=spacing,
            window=window_pixels(spacing),
            tissue_hu=tissue_hu,
        )
        for section in evenly_spread(len(image.values), most=_MOST_SECTIONS)
    }
    return max(masks.items(), key=lambda item: int(item[1].sum()))


def _label(level: GlobalNoiseLevel) -> str:
    value = f", {level.level.value:.1f} HU" if isinstance(level.level, Measured) else ""
    return f"{shortened(level.name)}{value}"

"""Plot of regions of interest: where they lie, and how often each HU occurs in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..measure.image import MeasuredImage
from ..measure.regions.histogram import roi_histogram
from ..measure.regions.region import Region, region_voxels
from ..measure.regions.shapes import NamedShape
from .plot_page import WIDTH_INCHES, draw_curve, new_plot, prepare, shortened
from .plot_picture import draw_outline, draw_picture
from .views import choose_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_PICTURES = 5
_MOST_HISTOGRAMS = 6
_A_ROW = 3
_HISTOGRAM_INCHES = 2.0


def plot_regions(shapes: Sequence[NamedShape], images: Sequence[MeasuredImage], *, resample: bool = False) -> Figure:
    """Draw the sections with regions, and a histogram of each region with all images.

    Of many, five sections and six regions are drawn. If all regions lie in one section, it is drawn of each image.

    Args:
        shapes: Regions that the images hold.
        images: At least one.
        resample: Whether images of other voxels than the first count, interpolated.
    """
    grid = images[0].grid
    comparable = [image for image in images if resample or image.grid.is_same_as(grid)]
    regions = [region_voxels(shape.shape, grid) for shape in shapes]
    middles = [region.sections[len(region.sections) // 2] for region in regions]
    sections = sorted(set(middles))[:_MOST_PICTURES]
    same_voxels = [image for image in comparable if image.grid.is_same_as(grid)]
    pictures = [(images[0], section) for section in sections]
    if len(sections) == 1:
        pictures = [(image, sections[0]) for image in same_voxels[:_MOST_PICTURES]]
    histograms = shapes[:_MOST_HISTOGRAMS]
    rows = -(-len(histograms) // _A_ROW)
    _, height, width = np.array(grid.shape) * grid.spacing
    picture_inches = min(3.2, WIDTH_INCHES / len(pictures) * height / width) + 0.3
    page = new_plot(picture_inches + _HISTOGRAM_INCHES * rows)
    above, below = page.subfigures(2, 1, squeeze=False, height_ratios=(picture_inches, _HISTOGRAM_INCHES * rows))[:, 0]
    for axes, (image, section) in zip(above.subplots(1, len(pictures), squeeze=False)[0], pictures, strict=True):
        _draw_section(axes, image, section, shapes, regions, window_of=images[0])
    panels = below.subplots(rows, min(_A_ROW, len(histograms)), squeeze=False).ravel()
    for panel, shape in zip(panels, histograms, strict=False):
        _draw_histogram(panel, shape, comparable, resample=resample)
    for panel in panels[len(histograms) :]:
        panel.set_axis_off()
    if len(comparable) > 1:
        handles, labels = panels[0].get_legend_handles_labels()
        below.legend(handles, labels, loc="outside upper right", ncols=len(labels), fontsize=7.5, frameon=False)
    return page


def _draw_section(  # noqa: PLR0913 - all that a picture shows
    axes: Axes,
    image: MeasuredImage,
    section: int,
    shapes: Sequence[NamedShape],
    regions: Sequence[Region],
    *,
    window_of: MeasuredImage,
) -> None:
    spacing = image.grid.spacing[1:]
    window = choose_window(np.asarray(window_of.values[section], dtype=np.float32), spacing)
    title = f"{shortened(image.name)}, section {section + 1}"
    hu = np.asarray(image.values[section], dtype=np.float32)
    draw_picture(axes, hu, spacing, title=title, limits=window.limits, words=str(window))
    for shape, region in zip(shapes, regions, strict=True):
        z, y, x = region.indices().T
        here = z == section
        if not here.any():
            continue
        row, column = int(y[here].min()), int(x[here].min())
        mask = np.zeros((int(y[here].max()) - row + 1, int(x[here].max()) - column + 1), dtype=bool)
        mask[y[here] - row, x[here] - column] = True
        draw_outline(axes, mask, (row, column), spacing, label=shape.name)


def _draw_histogram(axes: Axes, shape: NamedShape, images: Sequence[MeasuredImage], *, resample: bool) -> None:
    own_widths = [np.diff(roi_histogram(shape.shape, [image], resample=resample).edges)[0] for image in images]
    # Between the widths that suit the noisiest and the least noisy image.
    width = max(1.0, float(np.rint(np.sqrt(min(own_widths) * max(own_widths)))))
    found = roi_histogram(shape.shape, images, bin_hu=width, resample=resample)
    prepare(axes, title=f"{shape.name}, {int(found.counts[0].sum())} voxels", x_title="HU", y_title="voxels / %")
    # Down to 0 on both sides.
    centres = np.concatenate([found.centres[:1] - width, found.centres, found.centres[-1:] + width])
    for place, (image, share) in enumerate(zip(images, found.share, strict=True)):
        draw_curve(axes, place, centres, np.pad(share, 1), label=shortened(image.name))
    axes.set_ylim(bottom=0)

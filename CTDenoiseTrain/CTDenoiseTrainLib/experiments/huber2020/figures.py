"""The figures of the experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.report.colours import MARK_COLOUR
from CTDenoiseLib.report.plot_page import WIDTH_INCHES, add_legend, draw_curve, new_plot, prepare
from CTDenoiseLib.report.plot_picture import OUTLINE, draw_picture

from .bones import BoneLine, bone_profiles
from .measure import WINDOW_HU

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BONE_WINDOW_HU = (-770.0, 1730.0)
_DETAIL_MM = 25.0


def plot_losses_side_by_side(
    pictures: Mapping[str, NDArray[np.float32]], bone: BoneLine, noise: Mapping[str, float], *, pixel_mm: float
) -> Figure:
    """Whole pictures in the soft tissue window, a bone in the bone window, and the profile across it.

    Args:
        pictures: HU by name, each of shape (n, y, x).
        bone: The line.
        noise: Of each in HU, by name.
        pixel_mm: Side of a pixel.
    """
    each = WIDTH_INCHES / len(pictures)
    page = new_plot(2 * each + 3.4)
    grid = page.add_gridspec(3, len(pictures), height_ratios=(each, each, 2.8))
    spacing = pixel_mm, pixel_mm
    y, x = ((np.array([bone.start[axis], bone.end[axis]]) + 0.5) * pixel_mm for axis in (0, 1))
    for column, (name, stack) in enumerate(pictures.items()):
        picture = stack[bone.section]
        whole, detail = (page.add_subplot(grid[row, column]) for row in (0, 1))
        title = f"{name}, noise {noise[name]:.1f} HU"
        draw_picture(whole, picture, spacing, title=title, limits=WINDOW_HU, words="W 400  L 40 HU")
        draw_picture(detail, picture, spacing, title="bone, W 2500  L 480 HU", limits=_BONE_WINDOW_HU, words="")
        # Texts of the whole picture would lie outside.
        for text in detail.texts:
            text.set_visible(False)
        detail.set_xlim(x.mean() - _DETAIL_MM, x.mean() + _DETAIL_MM)
        detail.set_ylim(y.mean() + _DETAIL_MM, y.mean() - _DETAIL_MM)
        whole.plot(x, y, color=MARK_COLOUR, linewidth=0.9, path_effects=OUTLINE)
        detail.plot(x, y, color=MARK_COLOUR, linewidth=0.8, linestyle=":")
    profiles = bone_profiles(pictures, bone, pixel_mm=pixel_mm)
    chart = page.add_subplot(grid[2, :])
    prepare(chart, title="Profile across the bone, mean over 2 mm", x_title="distance / mm", y_title="HU")
    for place, (name, hu) in enumerate(zip(profiles.names, profiles.hu, strict=True)):
        draw_curve(chart, place, profiles.distance_mm, hu, label=name)
    chart.margins(x=0)
    add_legend(chart)
    return page


def plot_texture_and_training(
    measured: Mapping[str, Mapping[str, Any]], losses: Mapping[str, Sequence[float]], *, steps_per_epoch: int
) -> Figure:
    """Noise power spectra of all pictures, and the training losses of the networks.

    Args:
        measured: See `measure_pictures`.
        losses: Mean squared error in HU² of each epoch, by network.
        steps_per_epoch: Steps of an epoch.
    """
    page = new_plot(3.4)
    power, course = page.subplots(1, 2)
    prepare(power, title="Noise power spectrum", x_title="spatial frequency / mm⁻¹", y_title="NPS / HU² mm²")
    for place, (name, own) in enumerate(measured.items()):
        label = f"{name}: {own['noise']:.1f} HU, mean {own['mean_frequency']:.2f} mm⁻¹"
        draw_curve(power, place, np.array(own["frequency"]), np.array(own["power"]), label=label)
    power.set_xlim(left=0)
    power.set_ylim(bottom=0)
    add_legend(power)
    prepare(course, title="Training", x_title="step", y_title="mean squared error of the epoch / HU²")
    for place, (name, values) in enumerate(losses.items(), start=1):
        steps = steps_per_epoch * np.arange(1, len(values) + 1)
        draw_curve(course, place, steps.astype(np.float64), np.array(values), label=name)
    course.set_xlim(left=0)
    add_legend(course)
    return page

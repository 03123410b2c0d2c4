"""Plot of noise power spectra: where the squares lie, the spectra, and their shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..measure.image import MeasuredImage
from ..measure.noise.nps import NoisePowerSpectrum
from ..measure.noise.nps_regions import NpsRegions
from .plot_page import add_legend, colour_of, draw_curve, new_plot, prepare, shortened
from .plot_picture import draw_outline, draw_picture
from .views import choose_window

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_noise_power(
    spectra: Sequence[tuple[str, NoisePowerSpectrum]], squares: NpsRegions, image: MeasuredImage
) -> Figure:
    """Draw spectra with their uncertainty, and divided by the variance, so that their shapes compare.

    Args:
        spectra: Of each image with its name, taken in the same squares.
        squares: Where.
        image: The first image, to show the squares in.
    """
    page = new_plot(3.4)
    place, power, shape = page.subplots(1, 3, width_ratios=(0.85, 1, 1))
    _draw_place(place, squares, image)
    prepare(power, title="Noise power spectrum", x_title="spatial frequency / mm⁻¹", y_title="NPS / HU² mm²")
    prepare(shape, title="… over variance", x_title="spatial frequency / mm⁻¹", y_title="NPS / variance / mm²")
    for number, (name, spectrum) in enumerate(spectra):
        label = f"{shortened(name)}\n{spectrum.noise:.1f} HU, mean {spectrum.mean_frequency:.2f} mm⁻¹"
        for axes, divisor in ((power, 1.0), (shape, spectrum.variance)):
            draw_curve(
                axes,
                number,
                spectrum.frequency,
                spectrum.power / divisor,
                label=label,
                error=spectrum.uncertainty / divisor,
            )
        shape.axvline(spectrum.mean_frequency, color=colour_of(number), linewidth=0.8, linestyle=":")
    for axes in (power, shape):
        axes.set_xlim(left=0, right=float(spectra[0][1].edges[-1]))
        axes.set_ylim(bottom=0)
    add_legend(power)
    return page


def _draw_place(axes: Axes, squares: NpsRegions, image: MeasuredImage) -> None:
    """The section with most squares."""
    sections, counts = np.unique(squares.corners[:, 0], return_counts=True)
    section = int(sections[counts.argmax()])
    spacing = squares.pixel_spacing
    hu = np.asarray(image.values[section], dtype=np.float32)
    window = choose_window(hu, spacing)
    title = f"{shortened(image.name)}, section {section + 1}"
    draw_picture(axes, hu, spacing, title=title, limits=window.limits, words=str(window))
    square = np.ones((squares.side, squares.side), dtype=bool)
    for _, row, column in squares.corners[squares.corners[:, 0] == section].tolist():
        draw_outline(axes, square, (row, column), spacing)
    count = f"{len(squares.corners)} squares of {squares.side}² pixels in {len(sections)} sections"
    axes.text(
        0,
        -0.03,
        count if len(sections) > 1 else count[: count.index(" in ")],
        size=7,
        transform=axes.transAxes,
        va="top",
    )

"""Plot of an audit: the section that tells most, a map of what was taken from edges, the texture of noise, vessels."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from ..measure.audit.residual_audit import Audit
from ..measure.audit.residual_map import LARGEST_SCORE, residual_map
from ..measure.sampling import MeasurableVolume
from ..measure.small_vessels.retention import RetentionMap
from .colours import FAINT, INK, LEVEL_COLOURS
from .plot_page import add_legend, draw_curve, new_plot, prepare
from .plot_picture import draw_picture
from .views import choose_window
from .words import signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

_LETTERS_A_LINE = 135
_DEVIATIONS = 3
_DARK_BELOW = 0.5


def plot_audit(
    audit: Audit, before: MeasurableVolume, after: MeasurableVolume, *, retention: RetentionMap | None = None
) -> Figure:
    """Draw the verdict, the section whose residual follows the edges most, spectra, and vessels or figures.

    Args:
        audit: What was found.
        before: The input.
        after: The output.
        retention: What is left of small vessels, if it was tested.
    """
    reasons = [line for reason in dict.fromkeys(audit.reasons) for line in wrap(reason, _LETTERS_A_LINE)]
    page = new_plot(5.6 + 0.14 * len(reasons))
    ratios = 0.4 + 0.14 * len(reasons), 2.6, 2.6
    heading, pictures, charts = page.subfigures(3, 1, squeeze=False, height_ratios=ratios)[:, 0]
    level = audit.level
    title = {"size": 12, "weight": "bold", "color": LEVEL_COLOURS[level], "va": "top"}
    heading.text(0.01, 0.95, f"Residual audit: {level.value}", **title)
    heading.text(0.01, 0.05, "\n".join(reasons), size=7.5, color=INK, va="bottom", linespacing=1.3)
    _draw_section(pictures, audit, before, after)
    spectra, right = charts.subplots(1, 2, width_ratios=(1, 1.25))
    _draw_spectra(spectra, audit)
    if retention is None:
        _draw_figures(right, audit)
    else:
        _draw_retention(right, retention)
    return page


def _draw_section(page: SubFigure, audit: Audit, before: MeasurableVolume, after: MeasurableVolume) -> None:
    section = before.shape[0] // 2 if audit.worst_section is None else audit.worst_section
    spacing = before.geometry.spacing[1:]
    one, two = before.section(section), after.section(section)
    grey = choose_window(one, spacing)
    first, second, third, fourth = page.subplots(1, 4)
    draw_picture(first, one, spacing, title=f"Input, section {section + 1}", limits=grey.limits, words=str(grey))
    draw_picture(second, two, spacing, title="Output", limits=grey.limits, words=str(grey))
    residual = one - two
    seen = (one > grey.limits[0]) & (one < grey.limits[1])
    largest = max(1, round(_DEVIATIONS * float(residual[seen].std()) if seen.any() else 1))
    draw_picture(third, residual, spacing, title="Taken away", limits=(-largest, largest), words=f"±{largest} HU")
    scores = residual_map(one, two)
    if scores is None:
        fourth.set_axis_off()
        fourth.set_title("No edges that stand out of the noise", size=8, loc="left", color=INK, pad=3)
        return
    title = "Detail taken (red), added (blue)"
    limits = -LARGEST_SCORE, LARGEST_SCORE
    picture = draw_picture(fourth, scores, spacing, title=title, limits=limits, words="", colours="RdBu_r")
    bar = page.colorbar(picture, ax=fourth, shrink=0.7, pad=0.02, ticks=(-10, -5, 0, 5, 10))
    bar.set_label("standard score", size=7)
    bar.ax.tick_params(labelsize=6.5)


def _draw_spectra(axes: Axes, audit: Audit) -> None:
    prepare(axes, title="Noise power in uniform tissue", x_title="spatial frequency / mm⁻¹", y_title="NPS / HU² mm²")
    texture = audit.texture
    if texture is None:
        axes.text(0.5, 0.5, "not measured", ha="center", va="center", size=8, transform=axes.transAxes)
        return
    for place, (name, spectrum) in enumerate(
        (("input", texture.before), ("output", texture.after), ("taken away", texture.residual))
    ):
        label = f"{name}, {spectrum.noise:.1f} HU"
        draw_curve(axes, place, spectrum.frequency, spectrum.power, label=label, error=spectrum.uncertainty)
    axes.set_xlim(0, float(texture.before.edges[-1]))
    axes.set_ylim(bottom=0)
    add_legend(axes)


def _draw_figures(axes: Axes, audit: Audit) -> None:
    """The judged figures in words: level, name, value and what pure noise gives."""
    axes.set_axis_off()
    axes.set_title("Judged figures, and what pure noise gives", size=8.5, loc="left", color=INK)
    judged = [figure for figure in audit.figures if figure.level is not None]
    for row, figure in enumerate(judged):
        top = 0.93 - 0.88 * row / max(len(judged), 8)
        look: dict[str, Any] = {"va": "center", "transform": axes.transAxes}
        if figure.level is not None:
            axes.text(0.0, top, "●", size=8, color=LEVEL_COLOURS[figure.level], **look)
        name = figure.name.replace("Shift of the mean", "Mean HU")
        axes.text(0.04, top, name, size=7.5, color=INK, **look)
        value = "–" if figure.value is None else f"{signed(figure.value, 2, plus='')} {figure.unit}"
        axes.text(0.76, top, value, size=7.5, color=INK, ha="right", **look)
        if figure.pure_noise is not None:
            noise = " to ".join(signed(bound, 2, plus="") for bound in figure.pure_noise)
            axes.text(1.0, top, noise, size=7, color=FAINT, ha="right", **look)


def _draw_retention(axes: Axes, retention: RetentionMap) -> None:
    """Share that is left by diameter and contrast."""
    diameters = sorted({cell.vessel.diameter for cell in retention.cells})
    contrasts = sorted({cell.vessel.contrast for cell in retention.cells})
    shares = np.full((len(contrasts), len(diameters)), np.nan)
    for cell in retention.cells:
        row, column = contrasts.index(cell.vessel.contrast), diameters.index(cell.vessel.diameter)
        shares[row, column] = 100 * cell.share
        error = 100 * cell.error
        text = f"{100 * cell.share:.0f}\n±{error:.{0 if error >= 1 else 1}f}"
        colour = "white" if cell.share < _DARK_BELOW else INK
        axes.text(column, row, text, ha="center", va="center", size=7.5, color=colour)
    picture = axes.imshow(shares, cmap="cividis", vmin=0, vmax=100, origin="lower", aspect="auto")
    axes.set_xticks(range(len(diameters)), [f"{diameter:g}" for diameter in diameters])
    axes.set_yticks(range(len(contrasts)), [f"{contrast:g}" for contrast in contrasts])
    axes.tick_params(labelsize=7.5, length=0, colors=INK)
    axes.set_xlabel("diameter / mm", size=8, color=INK)
    axes.set_ylabel("contrast / HU", size=8, color=INK)
    axes.set_title(f"Vessels left in section {retention.section + 1}", size=8.5, loc="left", color=INK)
    bar = axes.figure.colorbar(picture, ax=axes, pad=0.02)
    bar.set_label("retained contrast / %", size=7.5)
    bar.ax.tick_params(labelsize=7)

"""The two charts of a report: HU along a line, and noise power spectra, each of input and output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..measure.audit.noise_texture import NoiseTexture
from .colours import FAINT, INK, INPUT_COLOUR, OUTPUT_COLOUR, RULE
from .figures import LineFigures, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DECADES = 4
# Titles begin where the numbers of the axis do.
_LEFT = -0.11


def draw_profile(axes: Axes, line: LineFigures | None) -> None:
    """HU of input and output along the line."""
    if line is None:
        _say(axes, "HU along a line", "The section is too small for a line.")
        return
    place = "" if line.section is None else f", section {line.section + 1}"
    width = f", mean over {line.width_mm:g} mm across" if line.width_mm else ""
    axes.plot(line.distance, numbers(line.before), color=INPUT_COLOUR, linewidth=0.9, label="input")
    axes.plot(line.distance, numbers(line.after), color=OUTPUT_COLOUR, linewidth=1.3, label="output")
    axes.margins(x=0)
    _finish(axes, f"HU along the yellow line{place}{width}", "distance / mm")


def draw_spectra(axes: Axes, texture: NoiseTexture | None) -> None:
    """Noise power spectra of input and output in the same uniform squares."""
    if texture is None:
        _say(axes, "Noise power spectrum / HU²·mm²", "Not measured: there is too little uniform tissue.")
        return
    for spectrum, colour, name, width in (
        (texture.before, INPUT_COLOUR, "input", 0.9),
        (texture.after, OUTPUT_COLOUR, "output", 1.3),
    ):
        label = f"{name}: {spectrum.noise:.1f} HU, mean {spectrum.mean_frequency:.2f} mm⁻¹"
        axes.plot(spectrum.frequency, spectrum.power, color=colour, linewidth=width, label=label)
    power = np.concatenate([texture.before.power, texture.after.power])
    highest = float(power.max())
    # Below, where filters leave nothing, the lines would press all that matters together.
    lowest = max(float(power.min()) / 1.5, highest / 10**_DECADES)
    axes.set_yscale("log")
    axes.set_ylim(lowest, 1.5 * highest)
    axes.margins(x=0)
    title = f"Noise power spectrum / HU²·mm², {texture.before.regions} uniform squares"
    _finish(axes, title, "spatial frequency / mm⁻¹")


def _finish(axes: Axes, title: str, x_label: str) -> None:
    axes.set_title(title, size=8, loc="left", x=_LEFT, color=INK, pad=14)
    axes.set_xlabel(x_label, size=7, color=INK, labelpad=1.5)
    axes.tick_params(labelsize=6.5, colors=INK, length=2.5, which="both")
    axes.grid(color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(
        fontsize=6.2,
        frameon=False,
        ncols=2,
        loc="lower left",
        bbox_to_anchor=(_LEFT, 1.0),
        borderaxespad=0.1,
        borderpad=0.1,
        handlelength=1.3,
        columnspacing=1.0,
    )


def _say(axes: Axes, title: str, sentence: str) -> None:
    axes.set_axis_off()
    axes.set_title(title, size=8, loc="left", x=_LEFT, color=INK, pad=14)
    axes.text(0.0, 0.9, sentence, size=7, color=FAINT, transform=axes.transAxes)

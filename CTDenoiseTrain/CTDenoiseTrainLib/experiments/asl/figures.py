"""The figures of the experiment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.report.colours import FAINT
from CTDenoiseLib.report.plot_page import colour_of, new_plot, prepare
from CTDenoiseLib.report.plot_picture import draw_picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNIT = "ml/100 g/min"
_PERFUSION, _DIFFERENCE = (0.0, 80.0), (-60.0, 60.0)


@dataclass(frozen=True)
class ShownSection:
    """One section of a subject; perfusion in ml/100 g/min, each of shape (y, x).

    Attributes:
        name: Who.
        truth: True perfusion.
        all_pairs: Mean of all pairs.
        few: Mean of a few.
        network: What the network makes of those few.
    """

    name: str
    truth: NDArray[np.float32]
    all_pairs: NDArray[np.float32]
    few: NDArray[np.float32]
    network: NDArray[np.float32]


def plot_maps(shown: Sequence[ShownSection], *, averaged: int, pairs: int, pixel_mm: float) -> Figure:
    """Perfusion maps of some subjects, a row for each, and below how far those of a few pairs are from the mean of all.

    Args:
        shown: Two subjects.
        averaged: How many pairs the few are.
        pairs: In all.
        pixel_mm: Side of a pixel.
    """
    page = new_plot(2.0 * (len(shown) + 1) + 0.3)
    panels = page.subplots(len(shown) + 1, 4)
    spacing = pixel_mm, pixel_mm
    names = "true perfusion", f"mean of all {pairs} pairs", f"mean of {averaged} pairs", f"network, {averaged} pairs"
    for row, own in zip(panels, shown, strict=False):
        pictures = own.truth, own.all_pairs, own.few, own.network
        for axes, name, picture in zip(row, names, pictures, strict=True):
            title = f"{own.name}: {name}"
            map_ = draw_picture(axes, picture, spacing, title=title, limits=_PERFUSION, words="", colours="inferno")
    differences = [
        (f"{own.name}: {name} − of all", picture - own.all_pairs)
        for own in shown
        for name, picture in ((f"mean of {averaged}", own.few), ("network", own.network))
    ]
    for axes, (title, picture) in zip(panels[-1], differences, strict=True):
        difference = draw_picture(axes, picture, spacing, title=title, limits=_DIFFERENCE, words="", colours="RdBu_r")
    for image, rows, name in ((map_, panels[:-1], "perfusion"), (difference, panels[-1:], "difference")):
        bar = page.colorbar(image, ax=rows, shrink=0.75, aspect=12 * len(rows), pad=0.01)
        bar.set_label(f"{name} / {UNIT}", size=7.5)
        bar.ax.tick_params(labelsize=7)
    return page


def plot_errors(errors: Mapping[int, Mapping[str, tuple[Sequence[float], Sequence[float]]]], *, pairs: int) -> Figure:
    """The error of each subject, averaging against network.

    Args:
        errors: By the number of pairs averaged and the name of the cohort: errors of averaging and of the network
            against the mean of all, subject by subject.
        pairs: In all.
    """
    page = new_plot(3.6)
    for axes, (averaged, cohorts) in zip(page.subplots(1, len(errors), squeeze=False)[0], errors.items(), strict=True):
        prepare(
            axes,
            title=f"{averaged} of {pairs} pairs, against the mean of all {pairs}",
            x_title=f"mean squared error of averaging / ({UNIT})²",
            y_title=f"of the network / ({UNIT})²",
        )
        highest = 1.05 * max(max(one) for one, _ in cohorts.values())
        axes.plot([0, highest], [0, highest], color=FAINT, linewidth=0.8, linestyle=":", label="equal")
        axes.plot([0, highest], [0, 0.6 * highest], color=FAINT, linewidth=0.8, linestyle="--", label="40 % lower")
        for place, (name, (averaging, network)) in enumerate(cohorts.items()):
            axes.scatter(averaging, network, s=14, color=colour_of(place), marker="os"[place % 2], label=name)
        axes.set_xlim(0, highest)
        axes.set_ylim(0, highest)
        axes.legend(fontsize=7, frameon=False, loc="upper left")
    return page

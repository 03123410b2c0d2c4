"""Charts: measures by model or by share of the data, and losses by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.figure import Figure

from CTDenoiseLib.report.colours import FAINT, INPUT_COLOUR, OUTPUT_COLOUR

from .measure import CrossTest

_MEASURES = (
    ("residual_variance", "Residual variance [HU²]"),
    ("nrmse", "NRMSE [%]"),
    ("ssim", "SSIM"),
)


def measures_figure(
    tests: Mapping[str, CrossTest], *, across: str, aim: CrossTest | None = None, aim_words: str = ""
) -> Figure:
    """Residual variance, NRMSE and SSIM against the self-test, mean and standard deviation over the pictures.

    Args:
        tests: By what is on the axis.
        across: What that is.
        aim: Drawn as a line to compare with.
        aim_words: What that is.
    """
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    for axes, (name, words) in zip(figure.subplots(1, len(_MEASURES)), _MEASURES, strict=True):
        spreads = [getattr(found, name) for found in tests.values()]
        means, deviations = [spread.mean for spread in spreads], [spread.sd for spread in spreads]
        axes.errorbar(list(tests), means, yerr=deviations, marker="o", capsize=3, color=INPUT_COLOUR)
        if aim is not None:
            axes.axhline(getattr(aim, name).mean, color=OUTPUT_COLOUR, linestyle="--", label=aim_words)
            axes.legend(fontsize=8)
        axes.set(xlabel=across, ylabel=words)
        axes.grid(color=FAINT, alpha=0.25)
    return figure


def curves_figure(curves: Mapping[str, tuple[Sequence[int], Sequence[float]]], *, words: str) -> Figure:
    """Losses by step.

    Args:
        curves: Steps and losses in HU², by name.
        words: What the loss is.
    """
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    colours = mpl.colormaps["viridis"]
    for index, (name, (steps, losses)) in enumerate(curves.items()):
        axes.plot(steps, losses, label=name, color=colours(0.95 * index / max(1, len(curves) - 1)))
    axes.set(xlabel="Step", ylabel=f"{words} [HU²]", yscale="log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="y", which="both", labelsize=8)
    axes.grid(color=FAINT, alpha=0.25, which="both")
    axes.legend(fontsize=8)
    return figure

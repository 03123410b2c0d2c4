"""Crops of all methods side by side, with what each took away below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.quality_data import Crop, DataSet, Outputs
from benchmarks.quality_methods import Picture
from CTDenoiseLib.report.plot_picture import draw_picture

_INCHES = 2.4
# What was taken away is shown up to so many standard deviations of the noise, in steps of so many HU.
_DEVIATIONS, _STEP_HU = 2.5, 10


def draw_crops(folder: Path, data: DataSet, outputs: Mapping[str, Outputs]) -> tuple[str, ...]:
    """Draw each crop of a data set.

    Args:
        folder: For the files.
        data: What was denoised.
        outputs: Of each method by its name; the input is shown before them.

    Returns:
        Names of the files.
    """
    files = []
    for number, crop in enumerate(data.crops, start=1):
        pictures = {name: output[crop.image][crop.place] for name, output in outputs.items()}
        before = data.images[crop.image].input[crop.place]
        shown = dict([crop.reference]) if crop.reference else {}
        figure = _figure(crop, {"input": before, **shown, **pictures}, before, _difference_limit(data, crop))
        files.append(f"{data.name}-{number}.png")
        figure.savefig(folder / files[-1], dpi=150)
    return tuple(files)


def _figure(crop: Crop, pictures: Mapping[str, Picture], before: Picture, limit: float) -> Figure:
    part = crop.rows, crop.columns
    rows, columns = before[part].shape
    ratio = rows * crop.spacing[0] / (columns * crop.spacing[1])
    figure = Figure(figsize=(_INCHES * len(pictures), 2 * (_INCHES * ratio + 0.25)), layout="constrained")
    axes = figure.subplots(2, len(pictures), squeeze=False)
    low, high = crop.window
    for column, (name, picture) in enumerate(pictures.items()):
        words = f"{low:g} to {high:g} HU"
        draw_picture(axes[0, column], picture[part], crop.spacing, title=name, limits=crop.window, words=words)
        below = axes[1, column]
        if picture is before:
            below.set_axis_off()
            continue
        draw_picture(
            below, (before - picture)[part], crop.spacing,
            title="input − this", limits=(-limit, limit), words=f"±{limit:g} HU",
        )  # fmt: skip
    return figure


def _difference_limit(data: DataSet, crop: Crop) -> float:
    return _STEP_HU * round(_DEVIATIONS * data.images[crop.image].noise[crop.place].deviation / _STEP_HU + 0.5)

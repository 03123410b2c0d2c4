"""A picture of a section before and after training, for people: the images, and below them what was taken away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.atomic import file_in_the_making
from CTDenoiseLib.report.plot_page import WIDTH_INCHES, new_plot, rendered
from CTDenoiseLib.report.plot_picture import draw_picture
from CTDenoiseLib.report.views import Window, choose_window

from .validator import Preview

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Picture = NDArray[np.float32]

_DIFFERENCE_COLOURS = "RdBu_r"
_TITLE_INCHES = 0.3
_FOOT_INCHES = 0.35
# A picture of constants or without any difference still needs a scale.
_LEAST_DIFFERENCE_HU = 1.0


def draw_side_by_side(
    path: Path,
    after: Preview,
    *,
    before: Preview | None = None,
    window: Window | None = None,
    overwrite: bool = False,
) -> None:
    """Write a PNG of the middle section: input, before, after and target in one window, and what differs below.

    Below the images before and after stands what was taken from the input, below the target the noise of the input;
    all differences have the same colours.

    Args:
        path: The file to be, `.png`.
        after: From `Validator.preview` of the trained network.
        before: The same sections from the parent's network, if there is one.
        window: Grey scale of the images; `None` chooses one for the input.
        overwrite: Whether an existing file may be replaced.

    Raises:
        OutputExistsError: The file is there and may not be replaced.
        WriteFailedError: The disk does not take it.
    """
    middle = len(after.input) // 2
    noisy = after.input[middle]
    images = {"Before": before.now[middle]} if before is not None else {}
    images["After"] = after.now[middle]
    if after.target is not None:
        images["Target"] = after.target[middle]
    content = _draw(noisy, images, after, window or choose_window(noisy, after.spacing[1:]))
    with file_in_the_making(path, overwrite=overwrite) as file:
        file.write_bytes(content)


def _draw(noisy: Picture, images: dict[str, Picture], preview: Preview, window: Window) -> bytes:
    spacing = preview.spacing[1:]
    columns = 1 + len(images)
    rows, across = (size * step for size, step in zip(noisy.shape, spacing, strict=True))
    height = 2 * (WIDTH_INCHES / columns * rows / across + _TITLE_INCHES) + _FOOT_INCHES
    plot = new_plot(height)
    axes = plot.subplots(2, columns, squeeze=False)
    strongest = max(_strength(noisy - image) for image in images.values())
    for column, (title, image) in enumerate({"Input": noisy, **images}.items()):
        draw_picture(axes[0, column], image, spacing, title=title, limits=window.limits, words=str(window))
        if column:
            _draw_difference(axes[1, column], noisy - image, spacing, f"Input − {title.lower()}", strongest)
    axes[1, 0].set_axis_off()
    axes[1, 0].text(0.0, 1.0, preview.title, size=8, va="top", wrap=True, transform=axes[1, 0].transAxes)
    return rendered(plot, Path("side_by_side.png"))


def _draw_difference(
    axes: Axes, difference: Picture, spacing: tuple[float, float], title: str, strongest: float
) -> None:
    draw_picture(
        axes,
        difference,
        spacing,
        title=title,
        limits=(-strongest, strongest),
        words=f"±{strongest:.0f} HU",
        colours=_DIFFERENCE_COLOURS,
    )


def _strength(difference: Picture) -> float:
    """HU that all but a few pixels stay below."""
    return max(_LEAST_DIFFERENCE_HU, float(np.percentile(np.abs(difference), 99)))

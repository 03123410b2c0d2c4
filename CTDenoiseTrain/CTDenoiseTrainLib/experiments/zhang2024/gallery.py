"""Pictures side by side: outputs with their difference from the self-test, and noise alone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from CTDenoiseLib.report.plot_picture import draw_picture

from ...simulate.attenuation import WATER_ATTENUATION_PER_MM
from .measure import SOFT_WINDOW_HU

Picture = NDArray[np.float32]

RESIDUAL_HU = round(0.0007 / WATER_ATTENUATION_PER_MM * 1000)
"""The paper shows residuals within ±0.007 cm⁻¹."""

_BODY_ABOVE_HU = -300.0
_PART_SHARE = 0.3
_PANEL_INCHES = 1.9


def gallery_figure(
    truth: Picture, noisy: Picture, outputs: Mapping[str, Picture], *, own: Picture, pixel_mm: float
) -> Figure:
    """Outputs above their residuals, for a part at the edge of the body and one at its centre.

    Args:
        truth: Without noise, in HU; shape (y, x), as all pictures.
        noisy: Input.
        outputs: By name.
        own: Output of the self-test.
        pixel_mm: Side of a pixel.
    """
    count = len(outputs) + 1
    figure = Figure(figsize=(_PANEL_INCHES * count, _PANEL_INCHES * 4.5), dpi=130, layout="constrained")
    grid = figure.subplots(4, count)
    spacing = (pixel_mm, pixel_mm)
    for upper, (place, part) in zip((0, 2), _parts(truth).items(), strict=True):
        for row, name, picture in ((upper, f"Input, {place}", noisy), (upper + 1, f"Truth, {place}", truth)):
            draw_picture(grid[row, 0], picture[part], spacing, title=name, limits=SOFT_WINDOW_HU, words="")
        for column, (name, output) in enumerate(outputs.items(), 1):
            draw_picture(grid[upper, column], output[part], spacing, title=name, limits=SOFT_WINDOW_HU, words="")
            draw_picture(
                grid[upper + 1, column],
                (output - own)[part],
                spacing,
                title="− self-test",
                limits=(-RESIDUAL_HU, RESIDUAL_HU),
                words="",
            )
    low, high = SOFT_WINDOW_HU
    figure.suptitle(f"Pictures: {low:g} to {high:g} HU. Differences: ±{RESIDUAL_HU} HU.", size=9)
    return figure


def noise_figure(noises: Mapping[str, tuple[Picture, float]], *, limit_hu: float) -> Figure:
    """Noise alone, by resolution, with the side of a pixel in mm."""
    figure = Figure(figsize=(3.4 * 3, 3.6 * 2), dpi=130, layout="constrained")
    for axes, (name, (noise, pixel_mm)) in zip(figure.subplots(2, 3).ravel(), noises.items(), strict=False):
        draw_picture(
            axes,
            noise,
            (pixel_mm, pixel_mm),
            title=name,
            limits=(-limit_hu, limit_hu),
            words=f"±{limit_hu:.0f} HU",
        )
    return figure


def _parts(truth: Picture) -> dict[str, tuple[slice, slice]]:
    """A square on the right side of the body, and one at its centre."""
    side = int(_PART_SHARE * truth.shape[0])
    rows, columns = np.nonzero(truth > _BODY_ABOVE_HU)
    middle_row, middle_column = int(np.median(rows)), int(np.median(columns))
    skin = int(columns[rows == middle_row].max())
    return {
        "edge": _square(middle_row, skin - side // 3, side, truth.shape),
        "centre": _square(middle_row, middle_column, side, truth.shape),
    }


def _square(row: int, column: int, side: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
    first_row, first_column = (
        min(max(middle - side // 2, 0), size - side) for middle, size in zip((row, column), shape, strict=True)
    )
    return slice(first_row, first_row + side), slice(first_column, first_column + side)

"""Where things of a phantom lie in its sections."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.image import Grid, MeasuredImage

from .settings import Settings
from .shapes import Floats, Place


def pixel_of(place: Place, settings: Settings) -> tuple[float, float]:
    """Row and column, fractions included, of a place in mm from the middle."""
    middle = (settings.matrix - 1) / 2
    return place[0] / settings.pixel_mm + middle, place[1] / settings.pixel_mm + middle


def square_around(place: Place, half_mm: float, settings: Settings) -> tuple[slice, slice]:
    """Rows and columns of the smallest square of pixels that holds all within `half_mm` along either."""
    half = half_mm / settings.pixel_mm
    rows, columns = (slice(math.floor(at - half), math.ceil(at + half) + 1) for at in pixel_of(place, settings))
    return rows, columns


def distances(place: Place, settings: Settings) -> NDArray[np.float64]:
    """Distance of all pixels from a place in mm, shape (y, x)."""
    row, column = pixel_of(place, settings)
    y, x = np.ogrid[: settings.matrix, : settings.matrix]
    return np.asarray(np.hypot(y - row, x - column) * settings.pixel_mm)


def as_image(section: Floats | NDArray[np.float64], name: str, settings: Settings) -> MeasuredImage:
    """A section (y, x) in a world whose x and y are those of the phantom in mm."""
    start = -(settings.matrix - 1) / 2 * settings.pixel_mm
    world = np.array(
        [[0, 0, settings.pixel_mm, start], [0, settings.pixel_mm, 0, start], [1, 0, 0, 0], [0, 0, 0, 1]], dtype=float
    )
    return MeasuredImage(name, np.asarray(section)[None], Grid((1, *section.shape), world))

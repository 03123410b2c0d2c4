"""A thorax drawn from ellipses, and noise of a scanner on it: input and output of denoisers whose faults are known."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.volume import Geometry, Volume

from .noise_phantom import filtered_back_projection, noise_sections

PIXEL_MM = 0.8
NOISE_HU = 30.0
_FINER = 3


@lru_cache
def thorax(*, side: int = 256, blur: float = 0.8) -> NDArray[np.float32]:
    """A section without noise, shape (side, side): fat, muscle, heart, lungs with vessels, ribs and spine, in air.

    Args:
        side: Rows and columns.
        blur: Standard deviation of the Gaussian that blurs all edges, in pixels.
    """
    axis = np.linspace(-1, 1, _FINER * side)
    place = np.meshgrid(axis, axis, indexing="ij")
    section = np.full((axis.size, axis.size), -1000.0)
    section[_ellipse(place, 0, 0, 0.72, 0.92)] = -100
    section[_ellipse(place, 0, 0, 0.66, 0.86)] = 50
    for side_of_body in (-1, 1):
        section[_ellipse(place, -0.05, 0.45 * side_of_body, 0.42, 0.28)] = -860
        for row, column, radius in _lung_vessels():
            section[_ellipse(place, row, column * side_of_body, radius, radius)] = 40
        for row, column in ((-0.52, 0.45), (-0.2, 0.78), (0.2, 0.78), (0.5, 0.5)):
            section[_ellipse(place, row, column * side_of_body, 0.035, 0.05)] = 900
            section[_ellipse(place, row, column * side_of_body, 0.015, 0.03)] = 250
    section[_ellipse(place, 0.42, 0, 0.15, 0.15)] = 1000
    section[_ellipse(place, 0.42, 0, 0.1, 0.1)] = 220
    blurred = gaussian_filter(section, _FINER * blur)
    pixels = blurred[_FINER // 2 :: _FINER, _FINER // 2 :: _FINER].astype(np.float32)
    pixels.flags.writeable = False
    return pixels


def scanner_noise(
    rng: np.random.Generator, *, sections: int = 1, side: int = 256, sd: float = NOISE_HU, uneven: bool = False
) -> NDArray[np.float32]:
    """Noise of filtered back-projection, shape (sections, side, side).

    Args:
        rng: Source of chance.
        sections: How many, independent of each other.
        side: Rows and columns.
        sd: Standard deviation in HU.
        uneven: Whether it is stronger in the middle of the body than at its rim, by two to one.
    """
    spectrum = filtered_back_projection(sd, peak_frequency=0.25)
    noise = noise_sections(rng, spectrum, pixel_spacing=(PIXEL_MM, PIXEL_MM), shape=(sections, side, side))
    return (noise * (unevenness(side) if uneven else 1)).astype(np.float32)


def unevenness(side: int = 256) -> NDArray[np.float64]:
    """Factor by which uneven noise is stronger or weaker, 1.3 in the middle and 0.65 at the corners."""
    axis = np.linspace(-1, 1, side)
    return 0.65 * 2 ** np.maximum(1 - np.hypot(axis[:, np.newaxis], axis), 0)


def as_volume(hu: NDArray[np.floating], *, spacing: float = PIXEL_MM) -> Volume:
    """A volume of sections 2 mm apart with square pixels."""
    sections = hu.reshape(-1, *hu.shape[-2:])
    return Volume(np.ascontiguousarray(sections, dtype=np.float32), Geometry(spacing=(2.0, spacing, spacing)))


def _ellipse(
    place: tuple[NDArray[np.float64], ...], row: float, column: float, height: float, width: float
) -> NDArray[np.bool_]:
    y, x = place
    return np.asarray(np.hypot((y - row) / height, (x - column) / width) < 1)


def _lung_vessels() -> list[tuple[float, float, float]]:
    """Row, column and radius of vessels of one lung, from large to small."""
    turns = np.arange(24) * 2.4
    distance = np.sqrt((np.arange(24) + 0.5) / 24)
    radius = np.linspace(0.03, 0.006, 24)
    return list(
        zip(-0.05 + 0.34 * distance * np.sin(turns), 0.45 + 0.21 * distance * np.cos(turns), radius, strict=True)
    )

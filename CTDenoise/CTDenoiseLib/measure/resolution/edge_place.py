"""Where an edge lies in the sections, and how far every pixel is from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DiscEdge:
    """The circular edge of a disc, or of a rod cut across.

    Attributes:
        centre: In pixels (y, x), fractions included, in the middle of the sections.
        drift: Shift of the centre from one section to the next in pixels (y, x); not zero when a rod is tilted.
        radius_mm: Of the disc.
        width_mm: 10–90 % distance of the edge, of the Gaussian fitted; a pixel or more.
        contrast_hu: Disc minus surroundings.
        slope: Slope of the surroundings in HU/mm along (y, x).
    """

    centre: tuple[float, float]
    drift: tuple[float, float]
    radius_mm: float
    width_mm: float
    contrast_hu: float
    slope: tuple[float, float]

    def distances(self, shape: tuple[int, int, int], pixel_spacing: tuple[float, float]) -> Floats:
        """Distance of every pixel outwards from the edge in mm, negative inside, shape (n, y, x)."""
        y, x = self._offsets(shape, pixel_spacing)
        return np.asarray(np.hypot(y, x) - self.radius_mm)

    def places(self, shape: tuple[int, int, int], pixel_spacing: tuple[float, float]) -> Floats:
        """Where along the edge every pixel lies, from 0 to 1 around the circle, shape (n, y, x)."""
        y, x = self._offsets(shape, pixel_spacing)
        return np.asarray(np.arctan2(y, x) / (2 * np.pi) % 1)

    def _offsets(self, shape: tuple[int, int, int], pixel_spacing: tuple[float, float]) -> list[Floats]:
        """Offsets (y, x) of the pixels from the centre in their section, in mm."""
        section = np.arange(shape[0])[:, None, None] - (shape[0] - 1) / 2
        grids = (np.arange(shape[1])[None, :, None], np.arange(shape[2])[None, None, :])
        parts = zip(grids, self.centre, self.drift, pixel_spacing, strict=True)
        return [(grid - middle - drift * section) * step for grid, middle, drift, step in parts]


@dataclass(frozen=True)
class StraightEdge:
    """A straight edge.

    Attributes:
        normal: Unit vector (y, x) in mm across the edge, towards the higher HU.
        offset_mm: Distance of the edge from pixel (0, 0) along the normal, in the middle of the sections.
        drift_mm: Shift of the edge along the normal from one section to the next; not zero when the edge is tilted.
        width_mm: 10–90 % distance of the edge, of the Gaussian fitted; a pixel or more.
        contrast_hu: Higher minus lower side.
        slope: Slope of both sides in HU/mm along (y, x).
    """

    normal: tuple[float, float]
    offset_mm: float
    drift_mm: float
    width_mm: float
    contrast_hu: float
    slope: tuple[float, float]

    @property
    def angle_degrees(self) -> float:
        """Angle between the edge and the nearer of rows and columns, 0 to 45."""
        smaller, larger = sorted(map(abs, self.normal))
        return float(np.degrees(np.arctan2(smaller, larger)))

    def distances(self, shape: tuple[int, int, int], pixel_spacing: tuple[float, float]) -> Floats:
        """Distance of every pixel from the edge in mm, negative on the lower side, shape (n, y, x)."""
        section = np.arange(shape[0])[:, None, None] - (shape[0] - 1) / 2
        y, x = (np.arange(size) * step for size, step in zip(shape[1:], pixel_spacing, strict=True))
        along_normal = y[None, :, None] * self.normal[0] + x[None, None, :] * self.normal[1]
        return np.asarray(along_normal - self.offset_mm - self.drift_mm * section)

    def places(self, shape: tuple[int, int, int], pixel_spacing: tuple[float, float]) -> Floats:
        """Where along the edge every pixel lies, from 0 to 1 through the picture, shape (n, y, x)."""
        y, x = (np.arange(size) * step for size, step in zip(shape[1:], pixel_spacing, strict=True))
        along = y[:, None] * self.normal[1] - x[None, :] * self.normal[0]
        share = (along - along.min()) / np.ptp(along)
        return np.broadcast_to(np.minimum(share, 1 - 1e-9), shape)

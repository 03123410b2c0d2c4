"""Noise of rays that go through the whole trunk, reconstructed in the small field around the spine.

Filtered back-projection is linear, so the noise of an image is the reconstruction of the noise of its rays. Here the
trunk is an ellipse of water with the drawn spine in it; only rays through the field are reconstructed, since those
beside it add next to nothing there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .attenuation import WATER_ATTENUATION_PER_MM, attenuation_of
from .counts import noisy_line_integrals
from .projection import project
from .scan import ParallelScan
from .spine_shapes import Floats

_COARSER = 4
_SPINE_TO_BACK_MM = 62.0


@dataclass(frozen=True)
class Trunk:
    """Outline of the body.

    Attributes:
        half_axes_mm: Along (y, x).
    """

    half_axes_mm: tuple[float, float]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Trunk:
        """About 350 × 250 mm."""
        return cls((rng.uniform(112, 135), rng.uniform(160, 188)))

    def paths_mm(self, scan: ParallelScan) -> NDArray[np.float64]:
        """Length of each ray of a scan around the spine inside the ellipse, shape (views, rays)."""
        b, a = self.half_axes_mm
        across, along = np.cos(scan.angles)[:, None], np.sin(scan.angles)[:, None]
        from_middle = (np.arange(scan.rays) - (scan.rays - 1) / 2) * scan.ray_spacing_mm
        offset = from_middle[None] + along * (b - _SPINE_TO_BACK_MM)
        extent = (a * across) ** 2 + (b * along) ** 2
        return np.asarray(2 * a * b * np.sqrt(np.maximum(extent - offset**2, 0)) / extent)


def field_scan(matrix: int, pixel_mm: float) -> ParallelScan:
    """Rays a pixel apart through the whole of a square field.

    The views are as many as keep frequencies of two thirds of the Nyquist frequency apart in the whole field.
    """
    rays = math.ceil(matrix * math.sqrt(2)) + 9
    return ParallelScan(views=math.ceil(1.2 * matrix), rays=rays, ray_spacing_mm=pixel_mm)


def trunk_line_integrals(section: Floats, *, pixel_mm: float, trunk: Trunk, scan: ParallelScan) -> NDArray[np.float64]:
    """Line integrals through the trunk with the field's anatomy in it, shape (views, rays).

    Args:
        section: HU of the field, square, shape (y, x).
        pixel_mm: Its pixels.
        trunk: Around it.
        scan: Of the field.
    """
    side = len(section) // _COARSER * _COARSER
    coarse = section[:side, :side].reshape(side // _COARSER, _COARSER, -1, _COARSER).mean(axis=(1, 3))
    beyond_water = attenuation_of(coarse) - np.float32(WATER_ATTENUATION_PER_MM)
    y, x = np.mgrid[-1 : 1 : len(coarse) * 1j, -1 : 1 : len(coarse) * 1j]
    # Round, since the field's corners would come and go with the angle.
    anatomy = project(np.where(np.hypot(y, x) <= 1, beyond_water, 0), pixel_mm=_COARSER * pixel_mm, scan=scan)
    return np.maximum(WATER_ATTENUATION_PER_MM * trunk.paths_mm(scan) + anatomy, 0)


def ray_noise(
    line_integrals: NDArray[np.float64],
    *,
    sections: int,
    photons: float,
    section_correlation: float,
    rng: np.random.Generator,
) -> Floats:
    """Noise of the line integrals of adjacent sections, shape (sections, views, rays).

    Args:
        line_integrals: Of one section, shape (views, rays); all sections are taken to attenuate alike.
        sections: How many.
        photons: Sent along each ray.
        section_correlation: Correlation of the noise of adjacent sections, 0 to 0.5; none beyond those.
        rng: Source of the noise.
    """
    shape = (sections + 1, *line_integrals.shape)
    noise = np.empty(shape, np.float32)
    for section in noise:
        section[:] = noisy_line_integrals(line_integrals, photons=photons, rng=rng) - line_integrals
    # n + r·m of independent n and m of the same SD has the correlation r / (1 + r²) with m + r·l.
    r = 0.0 if not section_correlation else (1 - math.sqrt(1 - 4 * section_correlation**2)) / (2 * section_correlation)
    return np.asarray((noise[:-1] + np.float32(r) * noise[1:]) / np.float32(math.hypot(1, r)))

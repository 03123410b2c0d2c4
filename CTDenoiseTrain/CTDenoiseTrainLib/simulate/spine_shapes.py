"""Shapes in a section, as signed distances in mm (negative inside), and how they are painted without steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

Floats = NDArray[np.float32]
Point = tuple[float, float]


def pixel_axis(count: int, step_mm: float, middle_mm: float = 0.0) -> Floats:
    """Places along an axis in mm: `count` of them, evenly spaced around its middle."""
    return np.asarray((np.arange(count) - (count - 1) / 2) * step_mm + middle_mm, dtype=np.float32)


def ellipse(y: Floats, x: Floats, centre: Point, half_axes: Point) -> Floats:
    """Distance from an ellipse, exact on its outline and good near it.

    Args:
        y: Of the pixels in mm.
        x: Of the pixels in mm, broadcastable with `y`.
        centre: (y, x) in mm.
        half_axes: Along y and x in mm.
    """
    a, b = (np.float32(axis) for axis in half_axes)
    v, u = (y - np.float32(centre[0])) / a, (x - np.float32(centre[1])) / b
    scaled = np.sqrt(v * v + u * u)
    gradient = np.sqrt((v / a) ** 2 + (u / b) ** 2)
    return np.asarray((scaled - 1) * scaled / np.maximum(gradient, np.float32(1e-6)), dtype=np.float32)


def capsule(y: Floats, x: Floats, ends: tuple[Point, Point], radii: tuple[float, float]) -> Floats:
    """Distance from a bar with round ends whose radius changes evenly from the first end to the second, all in mm."""
    (y0, x0), (y1, x1) = ends
    along_y, along_x = np.float32(y1 - y0), np.float32(x1 - x0)
    dy, dx = y - np.float32(y0), x - np.float32(x0)
    share = np.clip((dy * along_y + dx * along_x) / (along_y**2 + along_x**2), 0, 1)
    radius = np.float32(radii[0]) + share * np.float32(radii[1] - radii[0])
    return np.asarray(np.hypot(dy - share * along_y, dx - share * along_x) - radius, dtype=np.float32)


def union(parts: Sequence[Floats], *, fillet_mm: float = 0.0) -> Floats:
    """Distance from the union, with rounded inner corners where parts meet (polynomial smooth minimum)."""
    joined = parts[0]
    for part in parts[1:]:
        if fillet_mm:
            near = np.maximum(np.float32(fillet_mm) - np.abs(joined - part), 0) / np.float32(fillet_mm)
            joined = np.minimum(joined, part) - near * near * np.float32(fillet_mm / 4)
        else:
            joined = np.minimum(joined, part)
    return joined


def coverage(distance: Floats, pixel_mm: float) -> Floats:
    """Share of each pixel inside a shape: edges one pixel wide, as the mean over a pixel's area makes them."""
    return np.asarray(np.clip(np.float32(0.5) - distance / np.float32(pixel_mm), 0, 1), dtype=np.float32)


def paint(section: Floats, distance: Floats, hu: float | Floats, pixel_mm: float) -> None:
    """Replace what lies inside a shape, in place."""
    section += coverage(distance, pixel_mm) * (np.asarray(hu, dtype=np.float32) - section)


def grain(shape: tuple[int, int, int], sigma: tuple[float, float, float], rng: np.random.Generator) -> Floats:
    """Random field of mean 0 and SD 1 with Gaussian correlation; `sigma` in voxels along (z, y, x).

    Long correlation is drawn on a coarser grid and interpolated, which costs little and looks the same.
    """
    steps = [max(1.0, side / 3) for side in sigma]
    coarse = [max(2, int(np.ceil(count / step)) + 1) for count, step in zip(shape, steps, strict=True)]
    white = rng.standard_normal(coarse).astype(np.float32)
    field = gaussian_filter(white, [side / step for side, step in zip(sigma, steps, strict=True)], mode="reflect")
    if max(steps) > 1:
        field = zoom(field, steps, order=1, mode="nearest")
    missing = [(0, max(0, wanted - side)) for side, wanted in zip(field.shape, shape, strict=True)]
    field = np.pad(field, missing, mode="edge")[tuple(slice(wanted) for wanted in shape)]
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)

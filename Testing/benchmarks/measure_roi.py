"""Regions of interest: their voxels, their statistics in three volumes, and the table."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skimage.draw import polygon2mask

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.markups.smooth_curve import smooth_curve
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.roi_statistics import roi_statistics
from CTDenoiseLib.measure.regions.roi_table import roi_table
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Ellipsoid, NamedShape
from support.tilted_grid import rotation, tilted_grid

SHAPE = (500, 1024, 1024)
GRID = tilted_grid(SHAPE)
TURNED = rotation(20, 30, 40)
BOX = Box((0, 0, 0), TURNED, (100, 100, 100))
# The middle, in which all regions lie: the rest of a volume of zeros takes no memory.
MIDDLE = slice(160, 340), slice(400, 624)

PLAIN = "numpy: mask of the box around, [mask], std, percentile"


def rows() -> tuple[Row, ...]:
    """Three volumes of 1024² × 500 of whole numbers and of float32."""
    whole, floating = _images(np.int16), _images(np.float32)
    ten = [NamedShape(f"ROI {place}", Ellipsoid((20 * place - 90, 0, 0), TURNED, (30, 28, 0))) for place in range(10)]
    control = 40 * np.stack((np.sin(np.arange(9) * 0.7), np.cos(np.arange(9) * 0.7), np.zeros(9)), axis=1)
    outline = smooth_curve(control + GRID.to_world(np.array([250.0, 511, 511])), closed=True)
    corners = GRID.to_index(outline)[:, 1:]
    return (
        compare(
            "statistics of a turned box of 10⁶ voxels, 3 volumes, int16",
            lambda: roi_statistics(BOX, whole),
            lambda: _plain_statistics(BOX, whole),
            plain_name=PLAIN,
            aim_ms=30,
        ),
        compare(
            "the same, float32",
            lambda: roi_statistics(BOX, floating),
            lambda: _plain_statistics(BOX, floating),
            plain_name=PLAIN,
            aim_ms=30,
        ),
        compare(
            "voxels of a turned box of 10⁶",
            lambda: region_voxels(BOX, GRID),
            lambda: _plain_mask(BOX, GRID),
            plain_name="numpy: mask of the box around",
        ),
        compare(
            "voxels of a closed curve of 8 cm",
            lambda: region_voxels(ClosedCurve(outline), GRID),
            lambda: polygon2mask(SHAPE[1:], corners),
            plain_name="skimage.draw.polygon2mask",
        ),
        compare(
            "table of 10 turned ellipses, 3 volumes, int16",
            lambda: roi_table(ten, whole, background="ROI 0"),
            lambda: [_plain_statistics(each.shape, whole) for each in ten],
            plain_name=PLAIN,
            aim_ms=16,
        ),
    )


def _images(kind: type[np.generic]) -> list[MeasuredImage]:
    rng = np.random.default_rng(0)
    noise = rng.normal(40, 30, (8, MIDDLE[1].stop - MIDDLE[1].start, SHAPE[2])).astype(kind)
    images = []
    for number in range(3):
        values: NDArray[np.generic] = np.zeros(SHAPE, dtype=kind)
        for section in range(MIDDLE[0].start, MIDDLE[0].stop):
            values[section, MIDDLE[1]] = noise[(section + number) % len(noise)]
        images.append(MeasuredImage(f"Volume {number}", values, GRID))
    return images


def _plain_statistics(shape: Box | Ellipsoid, images: list[MeasuredImage]) -> list[tuple[float, ...]]:
    """The plain way with numpy: the mask once, then each volume."""
    box, mask = _plain_mask(shape, GRID)
    found = []
    for image in images:
        values = image.values[box][mask].astype(np.float64)
        percentiles = np.percentile(values, (5, 25, 50, 75, 95))
        found.append((values.mean(), values.std(ddof=1), values.min(), values.max(), *percentiles))
    return found


def _plain_mask(shape: Box | Ellipsoid, grid: Grid) -> tuple[tuple[slice, ...], NDArray[np.bool_]]:
    """The box of whole voxels around a shape, and which of its voxels are inside."""
    half = np.maximum(shape.size, 1.0) / 2
    corners = grid.to_index(shape.centre + (np.stack(np.indices((2, 2, 2)), axis=-1) * 2 - 1) * half @ shape.axes)
    low, high = np.floor(corners.min(axis=(0, 1, 2))).astype(int), np.ceil(corners.max(axis=(0, 1, 2))).astype(int)
    box = tuple(slice(max(0, first), last + 1) for first, last in zip(low, high, strict=True))
    indices = np.stack(np.meshgrid(*(np.arange(part.start, part.stop) for part in box), indexing="ij"), axis=-1)
    local = (grid.to_world(indices) - shape.centre) @ shape.axes.T / half
    inside = (np.abs(local) < 1).all(axis=-1)
    if isinstance(shape, Ellipsoid):
        inside &= np.square(local[..., :2]).sum(axis=-1) < 1
    return box, inside


if __name__ == "__main__":
    print(table(rows()))

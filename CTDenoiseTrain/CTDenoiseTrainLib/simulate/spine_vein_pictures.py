"""Pictures of veins: what they add to each voxel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .spine_shapes import Floats
from .spine_veins import Points, Vein, VoxelGrid

_PARTS = 3


@dataclass(frozen=True)
class PaintedVeins:
    """Pictures of veins.

    Attributes:
        hu: What they add to the tissue, shape (z, y, x).
        labels: 0 far from any vein, i + 1 in the surroundings of vein i, shape (z, y, x).
        cores: 0, or i + 1 along the axis of vein i: within half its radius, or 0.6 of a pixel if that is more.
    """

    hu: Floats
    labels: NDArray[np.int16]
    cores: NDArray[np.int16]


def paint_veins(veins: Sequence[Vein], grid: VoxelGrid, *, margin_mm: float = 0.45) -> PaintedVeins:
    """Paint veins as voxels show them that average over their volume.

    Args:
        veins: None within another's `margin_mm`.
        grid: Of the stack.
        margin_mm: How far the surroundings of a vein reach from its wall.
    """
    hu = np.zeros(grid.shape, np.float32)
    labels, cores = np.zeros(grid.shape, np.int16), np.zeros(grid.shape, np.int16)
    for number, vein in enumerate(veins, start=1):
        radius = vein.diameter_mm / 2
        tree = cKDTree(_finer(vein.course))
        places, middles = _voxels_around(vein.course, radius + margin_mm, grid)
        distance = tree.query(middles)[0]
        near = distance <= radius + margin_mm
        places, middles, distance = places[near], middles[near], distance[near]
        index = tuple(places.T)
        share = _share_inside(tree, middles, distance, radius, grid.spacing)
        hu[index] += (vein.contrast_hu * share).astype(np.float32)
        labels[index] = number
        cores[tuple(places[distance <= max(0.5 * radius, 0.6 * grid.spacing[1])].T)] = number
    return PaintedVeins(hu, labels, cores)


def _finer(course: Points) -> Points:
    """The course with points every few hundredths of a millimetre."""
    along = np.arange(len(course))
    fine = np.linspace(0, len(course) - 1, 5 * len(course))
    return np.stack([np.interp(fine, along, axis) for axis in course.T], axis=1)


def _voxels_around(course: Points, reach: float, grid: VoxelGrid) -> tuple[NDArray[np.intp], Points]:
    """Indices (n, 3) and middles in mm of the voxels in cubes around the points of a course."""
    steps = [np.arange(-np.ceil(reach / size) - 1, np.ceil(reach / size) + 2, dtype=np.intp) for size in grid.spacing]
    cube = np.stack(np.meshgrid(*steps, indexing="ij"), axis=-1).reshape(-1, 3)
    found = (np.unique(grid.indices(course), axis=0)[:, None] + cube).reshape(-1, 3)
    found = found[((found >= 0) & (found < grid.shape)).all(axis=1)]
    marked = np.zeros(grid.shape, np.bool_)
    marked[tuple(found.T)] = True
    places = np.argwhere(marked)
    return places, grid.origin + places * grid.spacing


def _share_inside(
    tree: cKDTree, middles: Points, distance: Points, radius: float, spacing: tuple[float, float, float]
) -> Points:
    """Share of each voxel in the tube: of 27 points in it where the wall may cross it."""
    share = (distance < radius).astype(np.float64)
    crossed = np.abs(distance - radius) < np.linalg.norm(spacing) / 2
    offsets = (np.arange(_PARTS) - (_PARTS - 1) / 2) / _PARTS
    inner = np.stack(np.meshgrid(*(offsets * size for size in spacing), indexing="ij"), axis=-1).reshape(-1, 3)
    inside = tree.query((middles[crossed][:, None] + inner).reshape(-1, 3))[0] < radius
    share[crossed] = inside.reshape(-1, len(inner)).mean(axis=1)
    return share

"""Grids in any direction, for measures that must not care."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from CTDenoiseLib.measure.image import Grid


def rotation(*degrees: float) -> NDArray[np.float64]:
    """Matrix of a rotation by angles about x, y and z; its columns are the axes of a grid turned by these."""
    return Rotation.from_euler("xyz", degrees, degrees=True).as_matrix()


def tilted_grid(
    shape: tuple[int, int, int],
    *,
    spacing: Sequence[float] = (1.0, 1.0, 1.0),
    degrees: Sequence[float] = (0.0, 0.0, 0.0),
    centre: Sequence[float] = (0.0, 0.0, 0.0),
) -> Grid:
    """A grid around a world point.

    Args:
        shape: Sections, rows and columns.
        spacing: Along (z, y, x) in mm.
        degrees: By which it is turned about x, y and z.
        centre: World (x, y, z) of its middle in mm.
    """
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(*degrees)[:, ::-1] * spacing
    matrix[:3, 3] = centre - matrix[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape, matrix)


def voxel_centres(grid: Grid) -> NDArray[np.float64]:
    """World (x, y, z) of all voxel centres, shape (z, y, x, 3)."""
    return grid.to_world(np.stack(np.indices(grid.shape), axis=-1))

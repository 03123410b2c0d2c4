"""What is measured: the Hounsfield units of one image, and where its voxels lie in the world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..volume import Geometry, Volume

# Grids that differ by less than this share of a voxel anywhere have the same voxels.
_SAME_PLACE = 1e-3


@dataclass(frozen=True, eq=False)
class Grid:
    """Where the voxels of an image lie in the world.

    The world is any right-handed frame in mm, the same for images and shapes that are measured together: DICOM's
    patient coordinates (LPS) for files, Slicer's (RAS) in a scene, parent transforms included.

    Attributes:
        shape: Number of sections, rows and columns (z, y, x).
        world_from_index: Affine matrix (4, 4) from voxel indices (z, y, x, 1) to world (x, y, z, 1) in mm.
    """

    shape: tuple[int, int, int]
    world_from_index: NDArray[np.float64]

    @classmethod
    def of(cls, geometry: Geometry, shape: tuple[int, int, int]) -> Grid:
        """The grid of a volume, in LPS."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.transpose(geometry.direction) * geometry.spacing
        matrix[:3, 3] = geometry.origin
        return cls(shape, matrix)

    @cached_property
    def index_from_world(self) -> NDArray[np.float64]:
        """The inverse matrix (4, 4)."""
        return np.asarray(np.linalg.inv(self.world_from_index))

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along (z, y, x) in mm."""
        z, y, x = np.linalg.norm(self.world_from_index[:3, :3], axis=0).tolist()
        return z, y, x

    @cached_property
    def voxel_volume(self) -> float:
        """In mm³."""
        return float(abs(np.linalg.det(self.world_from_index[:3, :3])))

    def to_index(self, world: NDArray[np.float64]) -> NDArray[np.float64]:
        """Voxel indices (z, y, x), fractions included, of world points (x, y, z), both of shape (..., 3)."""
        matrix = self.index_from_world
        return np.asarray(world @ matrix[:3, :3].T + matrix[:3, 3])

    def to_world(self, index: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
        """World points (x, y, z) in mm of voxel indices (z, y, x), both of shape (..., 3)."""
        matrix = self.world_from_index
        return np.asarray(index @ matrix[:3, :3].T + matrix[:3, 3])

    def is_same_as(self, other: Grid) -> bool:
        """Whether both have the same voxels: as many, and none further apart than a thousandth of its size."""
        if self is other:
            return True
        if self.shape != other.shape:
            return False
        apart = np.abs(self._corners - other._corners).max()
        return bool(apart <= _SAME_PLACE * min(self.spacing))

    @cached_property
    def _corners(self) -> NDArray[np.float64]:
        """World points of the eight outermost voxels."""
        return self.to_world(np.indices((2, 2, 2)).reshape(3, -1).T * (np.array(self.shape) - 1))


@dataclass(frozen=True, eq=False)
class MeasuredImage:
    """An image to measure.

    Attributes:
        name: What tables and legends call it.
        values: HU, any real type, shape (z, y, x); may be memory-mapped, and is never changed.
        grid: Where the voxels lie.
        padding_hu: Lowest and highest HU that mark "no data"; `None` without.
        sections: Indices of the sections that hold data, such as those denoised so far; `None` for all.

    Raises:
        ValueError: There are not as many values as the grid has voxels.
    """

    name: str
    values: NDArray[np.generic]
    grid: Grid
    padding_hu: tuple[float, float] | None = None
    sections: frozenset[int] | None = None

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            raise ValueError(f"Values of shape {self.values.shape} do not fill a grid of shape {self.grid.shape}")

    @classmethod
    def of(cls, volume: Volume, *, name: str) -> MeasuredImage:
        """A volume in memory, in LPS; its padding is the widest of all sections."""
        padding = None
        if volume.padding is not None and volume.has_padding:
            padding = float(np.nanmin(volume.padding[:, 0])), float(np.nanmax(volume.padding[:, 1]))
        return cls(name, volume.hu, Grid.of(volume.geometry, volume.shape), padding)

    def is_padding(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of these values of the image are padding, same shape."""
        if self.padding_hu is None:
            return np.zeros(values.shape, dtype=bool)
        low, high = self.padding_hu
        if np.issubdtype(values.dtype, np.integer):
            # Compared in their own type, which takes a tenth of the time.
            stored = np.iinfo(values.dtype)
            low, high = math.ceil(max(low, stored.min)), math.floor(min(high, stored.max))
        return np.asarray(np.greater_equal(values, low) & np.less_equal(values, high))

    def has_no_data(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of these values of the image are padding or no number, same shape."""
        missing = self.is_padding(values)
        if np.issubdtype(values.dtype, np.floating):
            missing |= ~np.isfinite(values)
        return missing

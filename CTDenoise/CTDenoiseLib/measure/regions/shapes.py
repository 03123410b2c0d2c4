"""Shapes of regions of interest (ROI) in the world: box, ellipsoid, cylinder, closed curve and label.

A voxel belongs to a shape when its centre lies inside, as in the phantom practice of counting no partial voxels
(IEC 61223-3-5). A shape thinner along one of its axes than the layers of voxels counts as one layer thick, that whose
centres are nearest its middle plane: an ellipsoid of size (30, 20, 0) is an ellipse in one section, a cylinder of no
height a disc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import MeasurementError
from ..image import Grid
from .polygon import inside_polygon
from .spans import Spans, convex_spans, spans_of_mask, spans_where

_SMALLEST_DETERMINANT = 1e-6
_NEARLY_ACROSS = 0.9
# A circle has six times the product of its spreads.
_BALANCED_LOOPS = 1e-2


class InvalidShapeError(MeasurementError):
    """A shape encloses nothing."""


class Shape(Protocol):
    """Anything that knows which voxels of a grid it holds."""

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid.

        Raises:
            InvalidShapeError: The shape encloses nothing.
            OutsideImageError: It lies outside the grid.
        """


@dataclass(frozen=True)
class NamedShape:
    """A shape with the name that tables show."""

    name: str
    shape: Shape


class _Frame:
    """Centre and axes of a shape, checked and read-only."""

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]

    def __post_init__(self) -> None:
        _freeze(self, "centre", (3,))
        _freeze(self, "axes", (3, 3))
        if abs(np.linalg.det(self.axes)) < _SMALLEST_DETERMINANT:
            raise InvalidShapeError("The axes of the region lie in one plane; draw it again.")


@dataclass(frozen=True, eq=False)
class Box(_Frame):
    """A box, in any direction.

    Attributes:
        centre: World (x, y, z) in mm.
        axes: Unit vectors along its edges as rows, shape (3, 3); after a shearing transform not at right angles.
        size: Lengths of its edges in mm; one may be 0 for a rectangle.
    """

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    size: NDArray[np.float64]

    def __post_init__(self) -> None:
        super().__post_init__()
        _freeze(self, "size", (3,))
        _check_size(self.size)

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid."""
        return convex_spans(grid, centre=self.centre, axes=self.axes, size=self.size)


@dataclass(frozen=True, eq=False)
class Ellipsoid(_Frame):
    """An ellipsoid, in any direction.

    Attributes:
        centre: World (x, y, z) in mm.
        axes: Unit vectors along its axes as rows, shape (3, 3).
        size: Its three diameters in mm; one may be 0 for an ellipse.
    """

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    size: NDArray[np.float64]

    def __post_init__(self) -> None:
        super().__post_init__()
        _freeze(self, "size", (3,))
        _check_size(self.size)

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid."""
        return convex_spans(grid, centre=self.centre, axes=self.axes, size=self.size, round_axes=(0, 1, 2))


@dataclass(frozen=True, eq=False)
class Cylinder(_Frame):
    """A cylinder of circular or elliptic cross-section, in any direction.

    Attributes:
        centre: World (x, y, z) in mm, half-way up.
        axes: Unit vectors as rows, shape (3, 3); the third is the cylinder's axis.
        diameters: Along the first and second axis in mm.
        height: Along the third axis in mm; 0 for a disc.
    """

    centre: NDArray[np.float64]
    axes: NDArray[np.float64]
    diameters: tuple[float, float]
    height: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_size(self.size)

    @property
    def size(self) -> NDArray[np.float64]:
        """Both diameters and the height in mm, shape (3,)."""
        return np.array([*self.diameters, self.height], dtype=np.float64)

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid."""
        return convex_spans(grid, centre=self.centre, axes=self.axes, size=self.size, round_axes=(0, 1))


@dataclass(frozen=True, eq=False)
class ClosedCurve:
    """What a flat closed polygon encloses; where it crosses itself, by the even-odd rule.

    Attributes:
        points: World (x, y, z) of the corners in mm, shape (n, 3); the last is joined to the first.
        thickness: Across its plane in mm; `None` for one layer of voxels, that nearest the plane.
    """

    points: NDArray[np.float64]
    thickness: float | None = None

    def __post_init__(self) -> None:
        _freeze(self, "points", (-1, 3))
        if len(self.points) < 3:
            raise InvalidShapeError("A closed curve needs at least three points; draw more of it.")

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid.

        Raises:
            InvalidShapeError: The curve encloses nothing, or is not flat within the longest side of a voxel.
            OutsideImageError: It lies outside the grid.
        """
        centre = self.points.mean(axis=0)
        axes = _plane_axes(self.points - centre, grid)
        across, up, off = axes @ (self.points - centre).T
        if np.ptp(off) > max(grid.spacing):
            raise InvalidShapeError(
                f"The curve is not flat: its points lie within {np.ptp(off):.1f} mm across their plane. "
                "Draw it in one slice."
            )
        low, high = np.array([across.min(), up.min()]), np.array([across.max(), up.max()])
        box = convex_spans(
            grid,
            centre=centre + (low + high) / 2 @ axes[:2],
            axes=axes,
            size=np.array([*(high - low) + 2 * max(grid.spacing), self.thickness or 0.0]),
        )

        def enclosed(indices: NDArray[np.intp]) -> NDArray[np.bool_]:
            return inside_polygon((grid.to_world(indices) - centre) @ axes[:2].T, np.stack((across, up), axis=1))

        return spans_where(box, enclosed)


@dataclass(frozen=True, eq=False)
class LabelShape:
    """Voxels of a label, such as a segment.

    Attributes:
        mask: Not zero inside, shape (z, y, x).
        grid: Where its voxels lie. A voxel of another grid belongs to the label voxel that its centre lies in.

    Raises:
        InvalidShapeError: The mask is empty.
        ValueError: The mask has not as many voxels as the grid.
    """

    mask: NDArray[np.generic]
    grid: Grid

    def __post_init__(self) -> None:
        if self.mask.shape != self.grid.shape:
            raise ValueError(f"A mask of shape {self.mask.shape} does not fill a grid of shape {self.grid.shape}")
        if not self.mask.any():
            raise InvalidShapeError("The label holds no voxel; draw some, or choose another one.")

    def spans(self, grid: Grid) -> Spans:
        """Voxels whose centre is inside, also beyond the edges of the grid."""
        if grid.is_same_as(self.grid):
            return spans_of_mask(self.mask)
        shape = np.array(self.grid.shape)
        edges = self.grid.world_from_index[:3, :3].T
        box = convex_spans(
            grid,
            centre=self.grid.to_world((shape - 1) / 2),
            axes=edges / np.linalg.norm(edges, axis=1, keepdims=True),
            size=shape * np.array(self.grid.spacing),
        )

        def labelled(indices: NDArray[np.intp]) -> NDArray[np.bool_]:
            nearest = np.floor(self.grid.to_index(grid.to_world(indices)) + 0.5).astype(np.intp)
            inside = ((nearest >= 0) & (nearest < shape)).all(axis=1)
            z, y, x = nearest.clip(0, shape - 1).T
            return np.asarray(inside & (self.mask[z, y, x] != 0))

        return spans_where(box, labelled)


def _freeze(owner: object, name: str, shape: tuple[int, ...]) -> None:
    """Replace an attribute by a read-only array of this shape, −1 for any length."""
    values: ArrayLike = getattr(owner, name)
    array = np.array(values, dtype=np.float64).reshape(shape)
    if not np.isfinite(array).all():
        raise InvalidShapeError("The region has a place or a size that is no number; draw it again.")
    array.flags.writeable = False
    object.__setattr__(owner, name, array)


def _check_size(size: NDArray[np.float64]) -> None:
    if not (np.isfinite(size) & (size >= 0)).all() or np.count_nonzero(size) < 2:
        raise InvalidShapeError("The region has no extent; draw it larger.")


def _plane_axes(points: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Unit vectors along and (the third) across the plane of a polygon around the origin, shape (3, 3).

    The normal is that of the enclosed area (Newell): its sense comes from the order of the points. Loops of a figure
    of eight cancel each other; its normal is that of the plane nearest its points. The first follows the rows of the
    grid. Both are the same in any frame of coordinates, and so are the voxels on an edge.
    """
    _, spread, directions = np.linalg.svd(points, full_matrices=False)
    if spread[1] <= _SMALLEST_DETERMINANT * spread[0]:
        raise InvalidShapeError("The closed curve encloses no area; draw it again.")
    area = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0) / 2
    if np.linalg.norm(area) < _BALANCED_LOOPS * spread[0] * spread[1] / len(points):
        area = directions[2]
    normal = area / np.linalg.norm(area)
    along_row, along_column = (grid.world_from_index[:3, axis] / grid.spacing[axis] for axis in (2, 1))
    first = along_row if abs(normal @ along_row) < _NEARLY_ACROSS else along_column
    first = first - (first @ normal) * normal
    first /= np.linalg.norm(first)
    return np.stack((first, np.cross(normal, first), normal))

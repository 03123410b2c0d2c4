"""Which sections of a volume are on screen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import vtk

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode, vtkMRMLVolumeNode

# A view is looked at in so many points along each side. Between them a linear transform has no surprises; of a bent
# section, a smaller piece could be missed.
_POINTS = 33
_SHARES = np.stack(np.meshgrid(np.linspace(0, 1, _POINTS), np.linspace(0, 1, _POINTS)), axis=-1)  # (x, y) of each
# A view this close to the centre of a section, in sections, shows nothing of its neighbours.
_ON_CENTRE = 0.01


def visible_sections(volume_node: vtkMRMLVolumeNode | None, slice_nodes: Iterable[vtkMRMLSliceNode]) -> tuple[int, ...]:
    """Indices of the sections (along K) that slice views cut, oblique and reformatted views and slabs included.

    Parent transforms of the volume count, also those that are not linear. Between two sections both are seen, as Slicer
    interpolates.

    Returns:
        Each index once, those first that are best to compute first: of the view that shows the fewest sections, from
        its centre outwards. Empty when no view cuts the volume, or there is no volume. An oblique view may give a
        few sections too many, never too few.
    """
    if volume_node is None or volume_node.GetImageData() is None:
        return ()
    in_views = [_sections_in_view(volume_node, slice_node) for slice_node in slice_nodes]
    in_views.sort(key=len)
    return tuple(dict.fromkeys(chain.from_iterable(in_views)))


def _sections_in_view(volume_node: vtkMRMLVolumeNode, slice_node: vtkMRMLSliceNode) -> list[int]:
    """Sections that one view cuts, from its centre outwards."""
    size = volume_node.GetImageData().GetDimensions()
    ijk = _to_ijk(volume_node, _points_in_view(slice_node))
    low, high = _cells(ijk)
    # Voxels reach half their side beyond their centres.
    inside = ((high >= -0.5) & (low <= np.array(size) - 0.5)).all(axis=-1)
    if not inside.any():
        return []
    first = np.floor(low[inside][:, 2] + _ON_CENTRE).astype(int).clip(0)
    last = np.ceil(high[inside][:, 2] - _ON_CENTRE).astype(int).clip(max=size[2] - 1)
    cut = np.zeros(size[2], dtype=bool)
    for pair in np.unique(first * size[2] + last):  # most pieces of a view cut the same
        cut[pair // size[2] : pair % size[2] + 1] = True
    centre = ijk[ijk.shape[0] // 2, _POINTS // 2, _POINTS // 2, 2]
    return sorted(np.flatnonzero(cut).tolist(), key=lambda index: abs(index - centre))


def _points_in_view(slice_node: vtkMRMLSliceNode) -> NDArray[np.float64]:
    """World coordinates (RAS, mm) of points all over a view, and on both faces of its slab: (depth, y, x, 3)."""
    width, height, _ = slice_node.GetDimensions()
    to_ras = _array(slice_node.GetXYToRAS())
    plane: NDArray[np.float64] = (_SHARES * (width, height) - 0.5) @ to_ras[:3, :2].T + to_ras[:3, 3]
    if not slice_node.GetSlabReconstructionEnabled():
        return plane[None]
    normal = _array(slice_node.GetSliceToRAS())[:3, 2]
    depth = np.array([-0.5, 0.0, 0.5]) * slice_node.GetSlabReconstructionThickness()
    points: NDArray[np.float64] = plane + depth[:, None, None, None] * normal
    return points


def _to_ijk(volume_node: vtkMRMLVolumeNode, world: NDArray[np.float64]) -> NDArray[np.float64]:
    """Voxel coordinates (i, j, k) of world points."""
    parent = volume_node.GetParentTransformNode()
    local = world
    if parent is not None and not parent.IsTransformToWorldLinear():
        from_world = vtk.vtkGeneralTransform()
        parent.GetTransformFromWorld(from_world)
        local = np.array([from_world.TransformPoint(point) for point in world.reshape(-1, 3)]).reshape(world.shape)
    elif parent is not None:
        matrix = vtk.vtkMatrix4x4()
        parent.GetMatrixTransformFromWorld(matrix)
        local = _transformed(local, _array(matrix))
    matrix = vtk.vtkMatrix4x4()
    volume_node.GetRASToIJKMatrix(matrix)
    return _transformed(local, _array(matrix))


def _transformed(points: NDArray[np.float64], matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _cells(ijk: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lowest and highest coordinates within each piece of the view between neighbouring points, shape (y, x, 3)."""
    corners = np.stack([ijk[:, :-1, :-1], ijk[:, 1:, :-1], ijk[:, :-1, 1:], ijk[:, 1:, 1:]])
    return corners.min(axis=(0, 1)), corners.max(axis=(0, 1))


def _array(matrix: vtk.vtkMatrix4x4) -> NDArray[np.float64]:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])

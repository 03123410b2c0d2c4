"""Voxels of volume nodes as numpy arrays, without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vtk.util.numpy_support import vtk_to_numpy

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray


def scalars_of(node: slicer.vtkMRMLVolumeNode | None) -> Any | None:
    """The VTK array of a node's voxels; `None` when it holds no image."""
    image = None if node is None else node.GetImageData()
    return None if image is None else image.GetPointData().GetScalars()


def voxels_of(node: slicer.vtkMRMLVolumeNode | None) -> NDArray[Any] | None:
    """The voxels themselves, shape (z, y, x), writable; `None` unless there is one value in each.

    To be asked for anew at each use: the array is only good as long as nobody gives the node another image.
    """
    scalars = scalars_of(node)
    if node is None or scalars is None or scalars.GetNumberOfComponents() != 1:
        return None
    columns, rows, sections = node.GetImageData().GetDimensions()
    if scalars.GetNumberOfTuples() != sections * rows * columns or scalars.GetNumberOfTuples() == 0:
        return None
    voxels: NDArray[Any] = vtk_to_numpy(scalars).reshape(sections, rows, columns)
    return voxels

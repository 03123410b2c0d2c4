"""A volume that only the views of a training show: its voxels are replaced in place, no selector offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import slicer
import vtk

from CTDenoiseScene.voxels import voxels_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from CTDenoiseLib.volume import Geometry

# Volumes with an attribute of this prefix are nobody's input or companion; see `CTDenoiseScene.origin`.
_ATTRIBUTE = "CTDenoise.training"


class ShownVolume:
    """A node that is made when there is something to show, and again when somebody deleted it.

    Args:
        scene: Gets the node.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._node: slicer.vtkMRMLScalarVolumeNode | None = None

    @property
    def node(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The node, if there is one."""
        if self._node is not None and self._node.GetScene() is not self._scene:
            self._node = None
        return self._node

    def show(self, hu: NDArray[np.float32], *, name: str, geometry: Geometry) -> None:
        """Show these voxels.

        Args:
            hu: Shape (z, y, x).
            name: Of the node.
            geometry: Where they lie.
        """
        node = self.node or self._make()
        voxels = voxels_of(node)
        if voxels is None or voxels.shape != hu.shape:
            image = vtk.vtkImageData()
            image.SetDimensions(*reversed(hu.shape))
            image.AllocateScalars(vtk.VTK_FLOAT, 1)
            node.SetAndObserveImageData(image)
            voxels = voxels_of(node)
            assert voxels is not None
        voxels[...] = hu
        blocked = node.StartModify()
        node.SetName(name)
        node.SetIJKToRASMatrix(_ijk_to_ras(geometry))
        image = node.GetImageData()
        image.GetPointData().GetScalars().Modified()
        image.Modified()
        node.Modified()
        node.EndModify(blocked)

    def remove(self) -> None:
        """Take the node out of the scene."""
        node, self._node = self.node, None
        if node is not None:
            display = node.GetDisplayNode()
            self._scene.RemoveNode(node)
            if display is not None:
                self._scene.RemoveNode(display)

    def _make(self) -> slicer.vtkMRMLScalarVolumeNode:
        node, display = slicer.vtkMRMLScalarVolumeNode(), slicer.vtkMRMLScalarVolumeDisplayNode()
        for part in (display, node):
            part.SetSaveWithScene(False)
            part.SetHideFromEditors(True)
        node.SetAttribute(_ATTRIBUTE, "1")
        # Slicer would look for window and threshold in all voxels at each change.
        display.SetAutoWindowLevel(False)
        display.SetAutoThreshold(False)
        self._scene.AddNode(display)
        display.SetAndObserveColorNodeID("vtkMRMLColorTableNodeGrey")
        node.SetAndObserveDisplayNodeID(display.GetID())
        self._scene.AddNode(node)
        self._node = node
        return node


def _ijk_to_ras(geometry: Geometry) -> vtk.vtkMatrix4x4:
    steps = np.array(geometry.direction)[::-1] * np.array(geometry.spacing)[::-1, None]
    lps_to_ras = np.array([[-1.0], [-1.0], [1.0]])
    placed = np.column_stack([steps.T, geometry.origin]) * lps_to_ras
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(np.vstack([placed, (0.0, 0.0, 0.0, 1.0)]).ravel().tolist())
    return matrix

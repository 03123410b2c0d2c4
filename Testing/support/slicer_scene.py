"""The parts of a running 3D Slicer below its windows: scene, application logic, layout, colours, subject hierarchy.

Everything here is Slicer's own code, from the package slicer-core. What desktop Slicer's Qt side adds, a slice logic
for each slice node and an item of the subject hierarchy for each volume, is done here in the same moment: when the node
is added to the scene.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import ArrayLike
from vtk.util.numpy_support import numpy_to_vtk

FOUR_UP = 3  # vtkMRMLLayoutNode::SlicerLayoutFourUpView: what Slicer shows a new user


@dataclass(frozen=True)
class SlicerScene:
    """What desktop Slicer hands to a module: scene, application logic and layout node; and what tests do with them."""

    scene: Any
    application_logic: Any
    layout_logic: Any
    volumes_logic: Any

    @property
    def layout_node(self) -> Any:
        return self.layout_logic.GetLayoutNode()

    @property
    def subject_hierarchy(self) -> Any:
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self.scene)

    def slice_logic(self, tag: str) -> Any:
        """Slice logic of the view with this singleton tag, such as "Red"."""
        return self.application_logic.GetSliceLogicByLayoutName(tag)

    def add_volume(
        self,
        voxels: ArrayLike,
        *,
        name: str = "Volume",
        spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
        ijk_to_ras: ArrayLike | None = None,
    ) -> Any:
        """Adds a scalar volume with a display node in grey, W 400 L 40.

        Args:
            voxels: HU, shape (z, y, x), int16 or float32.
            name: Name of the node.
            spacing: Voxel size (z, y, x) in mm of an axial volume in the patient's directions.
            ijk_to_ras: Matrix (4, 4) that overrides the spacing, for other orientations.
        """
        voxels = np.ascontiguousarray(voxels)
        image = vtk.vtkImageData()
        image.SetDimensions(*reversed(voxels.shape))
        image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1), deep=True))
        node = self.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
        node.SetAndObserveImageData(image)
        if ijk_to_ras is None:
            ijk_to_ras = np.diag([-spacing[2], -spacing[1], spacing[0], 1.0])  # DICOM's directions, seen in RAS
        matrix = vtk.vtkMatrix4x4()
        matrix.DeepCopy(np.asarray(ijk_to_ras, dtype=float).reshape(-1))
        node.SetIJKToRASMatrix(matrix)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.AutoWindowLevelOff()
        display.SetWindowLevel(400, 40)
        return node

    def close(self) -> None:
        """File > Close Scene: all nodes but the singletons leave."""
        self.scene.Clear(False)

    def save(self, path: Path) -> None:
        """File > Save as a bundle (.mrb)."""
        assert self.scene.WriteToMRB(str(path)), f"{path} was not written."

    def open(self, path: Path) -> None:
        """File > Close Scene, then open a bundle (.mrb)."""
        self.close()
        assert self.scene.ReadFromMRB(str(path)), f"{path} was not read."


@contextmanager
def new_slicer_scene() -> Iterator[SlicerScene]:
    """Sets up what `qSlicerCoreApplication` sets up, and takes it down again."""
    scene = slicer.vtkMRMLScene()
    logic = slicer.vtkSlicerApplicationLogic()
    logic.SetMRMLScene(scene)
    logic.GetColorLogic().SetMRMLScene(scene)
    logic.GetColorLogic().AddDefaultColorNodes()
    logic.SetModuleLogic("Colors", logic.GetColorLogic())
    logic.SetSliceLogics(vtk.vtkCollection())
    logic.SetViewLogics(vtk.vtkCollection())
    slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance().SetMRMLApplicationLogic(logic)

    crosshair = slicer.vtkMRMLCrosshairNode()
    crosshair.SetCrosshairName("default")
    scene.AddNode(crosshair)
    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
    _give_each_slice_node_its_logic(scene, logic)
    _list_volumes_in_the_subject_hierarchy(scene)

    modules = {
        "Markups": slicer.vtkSlicerMarkupsLogic(),
        "SubjectHierarchy": slicer.vtkSlicerSubjectHierarchyModuleLogic(),
        "Volumes": slicer.vtkSlicerVolumesLogic(),
    }
    for name, module in modules.items():
        module.SetMRMLScene(scene)
        module.SetMRMLApplicationLogic(logic)
        logic.SetModuleLogic(name, module)
    layout_logic = slicer.vtkMRMLLayoutLogic()
    layout_logic.SetMRMLScene(scene)
    layout_logic.GetLayoutNode().SetViewArrangement(FOUR_UP)
    try:
        with _remote_io(scene):
            yield SlicerScene(scene, logic, layout_logic, modules["Volumes"])
    finally:
        scene.RemoveAllObservers()
        logic.GetSliceLogics().RemoveAllItems()
        slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance().SetMRMLApplicationLogic(None)
        for part in (layout_logic, *modules.values(), logic.GetColorLogic(), logic):
            part.SetMRMLScene(None)
        scene.Clear(True)


@contextmanager
def _remote_io(scene: Any) -> Iterator[None]:
    """The cache folder without which Slicer opens no bundle."""
    with TemporaryDirectory() as folder:
        remote = slicer.vtkMRMLRemoteIOLogic()
        remote.SetMRMLScene(scene)
        remote.GetCacheManager().SetRemoteCacheDirectory(folder)
        remote.AddDataIOToScene()
        try:
            yield
        finally:
            remote.RemoveDataIOFromScene()
            remote.SetMRMLScene(None)


def _give_each_slice_node_its_logic(scene: Any, application_logic: Any) -> None:
    """What a qMRMLSliceWidget does for a slice node that enters the scene, and when it leaves."""

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def added(_scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLSliceNode"):
            slice_logic = slicer.vtkMRMLSliceLogic()
            slice_logic.SetMRMLApplicationLogic(application_logic)
            slice_logic.SetMRMLScene(scene)
            slice_logic.SetSliceNode(node)
            application_logic.GetSliceLogics().AddItem(slice_logic)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def removed(_scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLSliceNode"):
            logics = application_logic.GetSliceLogics()
            for slice_logic in [logic for logic in logics if logic.GetSliceNode() in (node, None)]:
                logics.RemoveItem(slice_logic)

    scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)
    scene.AddObserver(slicer.vtkMRMLScene.NodeRemovedEvent, removed)


def _list_volumes_in_the_subject_hierarchy(scene: Any) -> None:
    """What `qSlicerSubjectHierarchyPluginLogic` does for each volume that enters the scene."""

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def added(_scene: Any, _event: str, node: Any) -> None:
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
        if node.IsA("vtkMRMLVolumeNode") and not scene.IsImporting() and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)

    scene.AddObserver(slicer.vtkMRMLScene.NodeAddedEvent, added)

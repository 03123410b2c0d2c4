"""Loading and saving of files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer
import vtk

from support.slicer_scene import SlicerScene


class IOManager:
    """Stands for `qSlicerCoreIOManager`, which `slicer.util.loadVolume` and `saveNode` use; it knows volumes only."""

    def __init__(self, parts: SlicerScene) -> None:
        self._parts = parts
        # Where the logic of volumes looks for the grey of a volume that it loads.
        parts.application_logic.SetModuleLogic("Colors", parts.application_logic.GetColorLogic())

    def loadNodes(self, fileType: str, properties: dict[str, Any], loaded: Any, _messages: Any = None) -> bool:
        assert fileType == "VolumeFile", fileType
        path = Path(properties["fileName"])
        if not path.is_file():
            return False
        files = vtk.vtkStringArray()
        for name in properties.get("fileNames", ()):
            files.InsertNextValue(str(name))
        arguments = (str(path), properties.get("name") or path.stem, 0, *([files] if files.GetNumberOfValues() else []))
        node = self._parts.volumes_logic.AddArchetypeVolume(*arguments)
        if node is None:
            return False
        if properties.get("show", True):
            self._show(node)
        loaded.AddItem(node)
        return True

    def fileWriterFileType(self, node: Any) -> str:
        assert node.IsA("vtkMRMLVolumeNode"), node.GetClassName()
        return "VolumeFile"

    def saveNodes(self, fileType: str, properties: dict[str, Any], _messages: Any = None) -> bool:
        assert fileType == "VolumeFile", fileType
        node = self._parts.scene.GetNodeByID(properties["nodeID"])
        node.AddDefaultStorageNode()
        storage = node.GetStorageNode()
        storage.SetFileName(str(properties["fileName"]))
        storage.SetUseCompression(bool(properties.get("useCompression", storage.GetUseCompression())))
        return bool(storage.WriteData(node))

    def _show(self, node: Any) -> None:
        """Puts a volume in the background of all slice views, as Slicer does with one that was loaded."""
        self._parts.application_logic.GetSelectionNode().SetActiveVolumeID(node.GetID())
        self._parts.application_logic.PropagateVolumeSelection(slicer.vtkMRMLApplicationLogic.BackgroundLayer, 1)

"""The slice views on screen, and when they move: what they show is denoised first."""

from __future__ import annotations

from typing import Any

import slicer
import vtk

from CTDenoiseLib.signal import Signal
from CTDenoiseScene.observers import Observers
from CTDenoiseScene.visible_sections import visible_sections


class Views:
    """Watches the slice views of a scene.

    Args:
        scene: Holds them.
        layout_logic: Knows which of them are on screen; `None` when Slicer runs without its main window.

    Attributes:
        moved: Emits when a view was scrolled, turned, shown or hidden; many times a second while the user scrolls.
    """

    def __init__(self, scene: slicer.vtkMRMLScene, layout_logic: slicer.vtkMRMLLayoutLogic | None) -> None:
        self.moved: Signal[[]] = Signal()
        self._scene = scene
        self._layout_logic = layout_logic
        self._scene_observers = Observers()
        self._view_observers = Observers()
        for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
            self._scene_observers.add(scene, event, self._on_node)
        self._watch()

    def sections(self, volume: slicer.vtkMRMLScalarVolumeNode | None) -> tuple[int, ...]:
        """Sections of a volume that are on screen, the best one to begin with first."""
        return visible_sections(volume, self.on_screen())

    def on_screen(self) -> list[Any]:
        """The slice nodes of the views on screen."""
        nodes = self._layout_logic.GetViewNodes() if self._layout_logic is not None else ()
        return [node for node in nodes if node.IsA("vtkMRMLSliceNode")]

    def close(self) -> None:
        """Watch no more."""
        self._scene_observers.clear()
        self._view_observers.clear()

    def _watch(self) -> None:
        self._view_observers.clear()
        for view in slicer.util.getNodesByClass("vtkMRMLSliceNode", self._scene):
            self._view_observers.add(view, vtk.vtkCommand.ModifiedEvent, lambda *_args: self.moved.emit())

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_node(self, _scene: Any, _event: str, node: Any) -> None:
        if node.IsA("vtkMRMLSliceNode"):
            self._watch()

"""Tells when nodes leave the scene, or all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import slicer
import vtk

from .observers import Observers

if TYPE_CHECKING:
    from slicer import vtkMRMLNode, vtkMRMLScene


class SceneGuard:
    """Watches a scene until it is told to stop.

    Args:
        scene: Which.
        on_removed: Is given each node that was removed.
        on_close: Is called before the scene is closed.
    """

    def __init__(
        self, scene: vtkMRMLScene, *, on_removed: Callable[[vtkMRMLNode], None], on_close: Callable[[], None]
    ) -> None:
        @vtk.calldata_type(vtk.VTK_OBJECT)  # type: ignore[untyped-decorator]
        def removed(_scene: Any, _event: str, node: Any) -> None:
            on_removed(node)

        self._observers = Observers()
        self._observers.add(scene, slicer.vtkMRMLScene.NodeRemovedEvent, removed)
        self._observers.add(scene, slicer.vtkMRMLScene.StartCloseEvent, lambda *_: on_close())

    def stop(self) -> None:
        """Watch no more."""
        self._observers.clear()

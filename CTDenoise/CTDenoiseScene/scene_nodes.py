"""Nodes of a scene by their class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import slicer


def nodes_of(scene: slicer.vtkMRMLScene, class_name: str) -> list[Any]:
    """All nodes of a class and of those that inherit from it, oldest first."""
    return [scene.GetNthNodeByClass(index, class_name) for index in range(scene.GetNumberOfNodesByClass(class_name))]

"""Lets the user place the points of a markups node with the mouse, as the buttons of Slicer's toolbar do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slicer import vtkMRMLInteractionNode, vtkMRMLMarkupsNode, vtkMRMLScene, vtkMRMLSelectionNode


def start_placing(node: vtkMRMLMarkupsNode) -> None:
    """Have the next clicks into a view place points of this node, until it has all that it needs."""
    selection, interaction = _modes(node.GetScene())
    if selection is not None and interaction is not None:
        selection.SetReferenceActivePlaceNodeClassName(node.GetClassName())
        selection.SetReferenceActivePlaceNodeID(node.GetID())
        interaction.SwitchToSinglePlaceMode()


def stop_placing(node: vtkMRMLMarkupsNode) -> None:
    """Have clicks do what they did before, if they place points of this node."""
    _, interaction = _modes(node.GetScene())
    if interaction is not None and is_placing(node):
        interaction.SwitchToViewTransformMode()


def is_placing(node: vtkMRMLMarkupsNode | None) -> bool:
    """Whether the next click into a view places a point of this node."""
    if node is None or node.GetScene() is None:
        return False
    selection, interaction = _modes(node.GetScene())
    return (
        selection is not None
        and interaction is not None
        and interaction.GetCurrentInteractionMode() == interaction.Place
        and selection.GetActivePlaceNodeID() == node.GetID()
    )


def _modes(scene: vtkMRMLScene) -> tuple[vtkMRMLSelectionNode | None, vtkMRMLInteractionNode | None]:
    """What says what to place, and what says that a click places it."""
    return (
        scene.GetSingletonNode("Singleton", "vtkMRMLSelectionNode"),
        scene.GetSingletonNode("Singleton", "vtkMRMLInteractionNode"),
    )

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


def stop_placing_removed(node: vtkMRMLMarkupsNode, scene: vtkMRMLScene) -> None:
    """Have clicks do what they did before, if they placed points of a node that has just left the scene.

    Otherwise, Slicer makes new markups of the same kind with the next click, which nobody asked for.
    """
    selection, interaction = _modes(scene)
    if selection is None or interaction is None or interaction.GetCurrentInteractionMode() != interaction.Place:
        return
    of_its_kind = selection.GetActivePlaceNodeClassName() == node.GetClassName()
    if of_its_kind and selection.GetActivePlaceNodeID() in (None, node.GetID()):
        interaction.SwitchToViewTransformMode()


def remove_unplaced(node: vtkMRMLMarkupsNode) -> None:
    """Take markups that nobody went on drawing out of their scene, and what displays them, which Slicer would keep."""
    scene, display = node.GetScene(), node.GetDisplayNode()
    scene.RemoveNode(node)
    if display is not None:
        scene.RemoveNode(display)


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

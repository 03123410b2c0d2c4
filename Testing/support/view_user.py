"""What a user does in slice views, through the same calls of Slicer's logic as the views' widgets make."""

from __future__ import annotations

from typing import Any

import slicer

from .slicer_scene import SlicerScene


def scroll(parts: SlicerScene, tag: str, offset: float) -> None:
    """Moves the slider above a view to an offset in mm."""
    logic = parts.slice_logic(tag)
    logic.StartSliceOffsetInteraction()
    logic.SetSliceOffset(offset)
    logic.EndSliceOffsetInteraction()


def zoom(parts: SlicerScene, tag: str, factor: float) -> None:
    """Drags with the right mouse button."""
    logic = parts.slice_logic(tag)
    node = logic.GetSliceNode()
    logic.StartSliceNodeInteraction(slicer.vtkMRMLSliceNode.FieldOfViewFlag)
    width, height, depth = node.GetFieldOfView()
    node.SetFieldOfView(width / factor, height / factor, depth)
    logic.EndSliceNodeInteraction()


def pan(parts: SlicerScene, tag: str, right: float, up: float) -> None:
    """Drags with the middle mouse button."""
    logic = parts.slice_logic(tag)
    logic.StartSliceNodeInteraction(slicer.vtkMRMLSliceNode.XYZOriginFlag)
    logic.GetSliceNode().SetXYZOrigin(right, up, 0)
    logic.EndSliceNodeInteraction()


def turn(parts: SlicerScene, tag: str, orientation: str) -> None:
    """Chooses "Axial", "Coronal" or "Sagittal" in the controller of a view."""
    logic = parts.slice_logic(tag)
    logic.StartSliceNodeInteraction(slicer.vtkMRMLSliceNode.OrientationFlag)
    logic.GetSliceNode().SetOrientation(orientation)
    logic.EndSliceNodeInteraction()


def pick_volume(parts: SlicerScene, tag: str, volume: Any) -> None:
    """Chooses a volume in the controller of a view."""
    logic = parts.slice_logic(tag)
    logic.StartSliceCompositeNodeInteraction(slicer.vtkMRMLSliceCompositeNode.BackgroundVolumeFlag)
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
    logic.EndSliceCompositeNodeInteraction()

"""Tells when anything changes that a measurement depends on: voxels, places, names, and what the user drew."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import slicer
import vtk

from .observers import Observers

if TYPE_CHECKING:
    from slicer import vtkMRMLMarkupsNode, vtkMRMLTransformableNode, vtkMRMLVolumeNode

_OF_A_VOLUME = (
    vtk.vtkCommand.ModifiedEvent,  # name, geometry, sections denoised so far
    slicer.vtkMRMLTransformableNode.TransformModifiedEvent,  # of any transform above it
    slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent,
)
_OF_MARKUPS = (
    vtk.vtkCommand.ModifiedEvent,
    slicer.vtkMRMLTransformableNode.TransformModifiedEvent,
    slicer.vtkMRMLMarkupsNode.PointModifiedEvent,
    slicer.vtkMRMLMarkupsNode.PointAddedEvent,
    slicer.vtkMRMLMarkupsNode.PointRemovedEvent,
    slicer.vtkMRMLMarkupsNode.PointPositionDefinedEvent,
    slicer.vtkMRMLMarkupsNode.PointPositionUndefinedEvent,
)


class MeasuredChanges:
    """Observes volumes and markups.

    Many events come with each step of the mouse, so whoever is told should only remember that it has to measure again.
    That nodes leave the scene is not told: see `SceneGuard`.

    Args:
        on_change: Is called without arguments.
    """

    def __init__(self, on_change: Callable[[], object]) -> None:
        self._on_change = on_change
        self._nodes: tuple[vtkMRMLTransformableNode, ...] = ()
        self._observers = Observers()

    def observe(self, volumes: Iterable[vtkMRMLVolumeNode], markups: Iterable[vtkMRMLMarkupsNode] = ()) -> None:
        """Observe these nodes and no others. It costs little to say the same again."""
        volumes, markups = tuple(volumes), tuple(markups)
        if (*volumes, *markups) == self._nodes:
            return
        self._observers.clear()
        self._nodes = (*volumes, *markups)
        for nodes, events in ((volumes, _OF_A_VOLUME), (markups, _OF_MARKUPS)):
            for node in nodes:
                for event in events:
                    self._observers.add(node, event, self._on_event)

    def stop(self) -> None:
        """Observe nothing."""
        self.observe(())

    def _on_event(self, *_: object) -> None:
        self._on_change()

"""Slice views that move together: same plane, same section, same place and same magnification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import slicer
import vtk

from .observers import Observers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import (
        vtkMRMLApplicationLogic,
        vtkMRMLSliceCompositeNode,
        vtkMRMLSliceNode,
        vtkMRMLVolumeNode,
    )

_PLANES = ("Sagittal", "Coronal", "Axial")  # by the axis (R, A, S) along which their sections follow
_TILT_DEGREES = 0.05
# A user who picks a volume or fades in one view shall not change the others.
_OWN_TO_EACH_VIEW = (
    slicer.vtkMRMLSliceCompositeNode.BackgroundVolumeFlag
    | slicer.vtkMRMLSliceCompositeNode.ForegroundVolumeFlag
    | slicer.vtkMRMLSliceCompositeNode.ForegroundOpacityFlag
)


def composite_of(slice_node: vtkMRMLSliceNode) -> vtkMRMLSliceCompositeNode:
    """The node that says which volumes a slice view shows.

    Slicer makes it along with the view's widget, so it is made here when there is no main window.
    """
    composite = slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(slice_node)
    if composite is None:
        composite = slicer.vtkMRMLSliceCompositeNode()
        composite.SetLayoutName(slice_node.GetLayoutName())
        composite = slice_node.GetScene().AddNode(composite)
    return composite


def link(composite: vtkMRMLSliceCompositeNode) -> None:
    """Scroll, pan and zoom with the other views of the group, while dragging too, but keep the volumes."""
    composite.SetLinkedControl(True)
    composite.SetHotLinkedControl(True)
    composite.SetInteractionFlagsModifier(composite.GetInteractionFlagsModifier() & ~_OWN_TO_EACH_VIEW)
    composite.SetDoPropagateVolumeSelection(False)  # nor does a volume that is loaded meanwhile appear in the view


class LinkedViews:
    """Places slice views as one, and lets Slicer's links do the rest when the user moves them.

    As long as the user neither pans nor zooms, the whole volume stays visible when the views get another size.

    Args:
        application_logic: Knows the slice logics of the views.
    """

    def __init__(self, application_logic: vtkMRMLApplicationLogic) -> None:
        self._application_logic = application_logic
        self._nodes: tuple[vtkMRMLSliceNode, ...] = ()
        self._leader: vtkMRMLSliceNode | None = None
        self._volume: vtkMRMLVolumeNode | None = None
        self._sizes: list[tuple[int, ...]] = []
        self._fitted: tuple[float, ...] | None = None
        self._updating = False
        self._observers = Observers()

    def gather(
        self,
        nodes: Sequence[vtkMRMLSliceNode],
        *,
        leader: vtkMRMLSliceNode | None,
        volume: vtkMRMLVolumeNode | None,
        start: float | None = None,
    ) -> None:
        """Place these views, and no others, together.

        Views of the same volume as before stay where they are, and new views join them. For another volume, all turn
        into the plane in which it was acquired and show all of it.

        Args:
            nodes: The views.
            leader: The one that shows `volume`; the others follow it.
            volume: What to place the views by; without one they stay as they are.
            start: Offset in mm of the section to show where there were no views before; by default the middle one.
        """
        before, same_volume = self._leader, volume is not None and volume is self._volume
        self._observers.clear()
        self._nodes, self._leader, self._volume = tuple(nodes), leader, volume
        if leader is not None and volume is not None:
            if same_volume and before is not None:
                self._follow(before)
            else:
                self._orient(volume)
                self._fit(start if before is None else before.GetSliceOffset())
        self._sizes = self._current_sizes()
        for node in self._nodes:
            self._observers.add(node, vtk.vtkCommand.ModifiedEvent, self._on_slice_node_modified)

    def adopt(
        self, nodes: Sequence[vtkMRMLSliceNode], *, leader: vtkMRMLSliceNode | None, volume: vtkMRMLVolumeNode | None
    ) -> None:
        """Take care of views that were placed already, such as those of a scene that was opened."""
        self._leader, self._volume = leader, volume
        self.gather(nodes, leader=leader, volume=volume)

    def fit(self) -> None:
        """Show the whole volume, at the section shown now."""
        if self._leader is not None:
            self._fit(self._leader.GetSliceOffset())

    def clear(self) -> None:
        """Let go of all views."""
        self.gather((), leader=None, volume=None)

    def _orient(self, volume: vtkMRMLVolumeNode) -> None:
        """Turn the leader into the plane in which a volume was acquired, tilted as its sections are."""
        normal = _section_normal(volume)
        plane = _PLANES[int(np.argmax(np.abs(normal)))]
        for node in self._nodes:
            node.SetDefaultOrientation(plane)
        assert self._leader is not None
        self._leader.SetOrientation(plane)
        if np.degrees(np.arccos(min(1.0, np.abs(normal).max()))) > _TILT_DEGREES:
            self._leader.RotateToVolumePlane(volume)

    def _fit(self, offset: float | None) -> None:
        """Show the whole volume at the section closest to an offset, or the middle one, in all views.

        The offset becomes that of a section's centre: between two sections a view shows their mean, with less noise.
        """
        assert self._leader is not None
        logic = self._application_logic.GetSliceLogic(self._leader)
        if logic is None:  # no main window, hence no view to fit anything into
            return
        self._updating = True
        logic.FitSliceToBackground()
        self._leader.UpdateMatrices()
        bounds = [0.0] * 6
        logic.GetLowestVolumeSliceBounds(bounds)
        if offset is not None and bounds[4] <= offset < bounds[5]:
            logic.SetSliceOffset(offset)
        logic.SnapSliceOffsetToIJK()
        self._updating = False
        self._follow(self._leader)
        self._fitted = self._place()

    def _follow(self, leader: vtkMRMLSliceNode) -> None:
        """Give all views the plane, the section, the place and the magnification of one of them."""
        self._updating = True
        height_mm = leader.GetFieldOfView()[1]
        for node in self._nodes:
            if node is leader:
                continue
            width, height, _ = node.GetDimensions()
            blocked = node.StartModify()
            node.GetSliceToRAS().DeepCopy(leader.GetSliceToRAS())
            # The height counts: Slicer keeps it when a view gets another size, and adapts the width.
            node.SetFieldOfView(height_mm * width / max(1, height), height_mm, node.GetFieldOfView()[2])
            node.SetXYZOrigin(*leader.GetXYZOrigin())
            node.UpdateMatrices()
            node.EndModify(blocked)
        self._updating = False

    def _place(self) -> tuple[float, ...]:
        """What panning and zooming change, but another size of the view does not."""
        assert self._leader is not None
        return (self._leader.GetFieldOfView()[1], *self._leader.GetXYZOrigin()[:2])

    def _current_sizes(self) -> list[tuple[int, ...]]:
        return [tuple(node.GetDimensions()) for node in self._nodes]

    def _on_slice_node_modified(self, _node: vtkMRMLSliceNode, _event: str) -> None:
        if self._updating or self._leader is None or self._current_sizes() == self._sizes:
            return
        if self._fitted is not None and np.allclose(self._place(), self._fitted):
            self.fit()
        if all(map(_is_settled, self._nodes)):
            self._sizes = self._current_sizes()


def _is_settled(node: vtkMRMLSliceNode) -> bool:
    """Whether the picture of a view has the magnification of its node.

    A node that tells of its new size while it updates its matrices takes no other magnification into them; it tells
    once more when it has done.
    """
    return bool(np.isclose(node.GetXYToSlice().GetElement(0, 0), node.GetFieldOfView()[0] / node.GetDimensions()[0]))


def offset_in(views: Iterable[vtkMRMLSliceNode], volume: vtkMRMLVolumeNode) -> float | None:
    """Offset in mm of the section that one of these views shows of a volume in the plane of its acquisition."""
    normal = _section_normal(volume)
    for view in views:
        composite = slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(view)
        if composite is not None and composite.GetBackgroundVolumeID() == volume.GetID():
            to_ras = view.GetSliceToRAS()
            across = [to_ras.GetElement(row, 2) for row in range(3)]
            if abs(float(np.dot(across, normal))) > np.cos(np.radians(_TILT_DEGREES)):
                return float(view.GetSliceOffset())
    return None


def _section_normal(volume: vtkMRMLVolumeNode) -> NDArray[np.float64]:
    """Unit vector (R, A, S) in which sections follow each other, as linear parent transforms leave it."""
    matrix, to_world = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    transform = volume.GetParentTransformNode()
    if transform is not None and transform.IsTransformToWorldLinear():
        transform.GetMatrixTransformToWorld(to_world)
        vtk.vtkMatrix4x4.Multiply4x4(to_world, matrix, matrix)
    rows, columns = (np.array([matrix.GetElement(row, column) for row in range(3)]) for column in range(2))
    normal = np.cross(rows, columns)
    return np.asarray(normal / np.linalg.norm(normal), dtype=np.float64)

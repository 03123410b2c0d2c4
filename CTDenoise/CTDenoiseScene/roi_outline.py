"""Shows the true surface of ROIs that are no boxes: Slicer's own ROI markups draw boxes only.

The surface is a model that slice views cut, in the colour of its ROI, whose box becomes a faint frame with handles. The
model belongs to this session: it is in no list for the user and in no saved scene, and is made from the ROI whenever a
`RoiOutlines` is told of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import slicer
import vtk

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.regions.shapes import Cylinder, Ellipsoid

from .observers import Observers
from .roi_nodes import colour_of
from .roi_shapes import shape_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLMarkupsNode, vtkMRMLModelDisplayNode, vtkMRMLModelNode, vtkMRMLScene

_EVENTS = (
    vtk.vtkCommand.ModifiedEvent,  # size and shape
    slicer.vtkMRMLTransformableNode.TransformModifiedEvent,
    slicer.vtkMRMLMarkupsNode.PointModifiedEvent,
    slicer.vtkMRMLDisplayableNode.DisplayModifiedEvent,
)
# A polygon of so many corners is nowhere further from its circle than 0.04 % of the diameter.
_CORNERS = 80
_LINE_WIDTH = 2
_NOT_IN_SUBJECT_HIERARCHY = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyExcludeFromTreeAttributeName()


class RoiOutlines:
    """Keeps a surface for each ROI that is an ellipsoid or a cylinder, as long as there is one.

    Args:
        scene: Gets the surfaces.
    """

    def __init__(self, scene: vtkMRMLScene) -> None:
        self._scene = scene
        self._outlines: dict[vtkMRMLMarkupsNode, _Outline] = {}

    def show(self, rois: Iterable[vtkMRMLMarkupsNode]) -> None:
        """Have surfaces for these ROIs, where they need one, and for no others."""
        wanted = list(rois)
        for node in [node for node in self._outlines if node not in wanted]:
            self._outlines.pop(node).remove()
        for node in wanted:
            if node not in self._outlines:
                self._outlines[node] = _Outline(self._scene, node)

    def close(self) -> None:
        """Take all surfaces out of the scene."""
        self.show(())


class _Outline:
    """The surface of one ROI; it follows every step of the mouse."""

    def __init__(self, scene: vtkMRMLScene, roi: vtkMRMLMarkupsNode) -> None:
        self._scene = scene
        self._roi = roi
        self._model: vtkMRMLModelNode | None = None
        self._place: bytes | None = None
        self._observers = Observers()
        for event in _EVENTS:
            self._observers.add(roi, event, self._update)
        self._update()

    def remove(self) -> None:
        """Be gone."""
        self._observers.clear()
        self._hide()

    def _update(self, *_: object) -> None:
        """Show the surface as it is to be now, or none; events that change neither cost next to nothing."""
        surface = _surface_of(self._roi)
        if surface is None:
            self._hide()
            return
        source, to_world = surface
        if self._model is None or self._model.GetScene() is None:
            self._model = _add_model(self._scene)
            self._place = None
        if to_world.tobytes() != self._place:
            self._place = to_world.tobytes()
            _place(self._model, source, to_world)
        _show_like(self._model.GetDisplayNode(), self._roi)

    def _hide(self) -> None:
        model, self._model = self._model, None
        if model is not None and model.GetScene() is not None:
            display = model.GetDisplayNode()
            self._scene.RemoveNode(model)
            if display is not None:
                self._scene.RemoveNode(display)


def _surface_of(roi: vtkMRMLMarkupsNode) -> tuple[vtk.vtkPolyData, NDArray[np.float64]] | None:
    """A surface of unit diameter around the origin, and the matrix (4, 4) that takes it to its place in the world."""
    try:
        shape = shape_of(roi)
    except MeasurementError:
        return None
    if isinstance(shape, Ellipsoid):
        source, size = _unit_sphere(), shape.size
    elif isinstance(shape, Cylinder):
        source, size = _unit_cylinder(), np.array([*shape.diameters, shape.height])
    else:
        return None
    to_world = np.eye(4)
    to_world[:3, :3] = shape.axes.T * size
    to_world[:3, 3] = shape.centre
    return source, to_world


@cache
def _unit_sphere() -> vtk.vtkPolyData:
    sphere = vtk.vtkSphereSource()
    sphere.SetThetaResolution(_CORNERS)
    sphere.SetPhiResolution(_CORNERS // 2 + 1)
    sphere.Update()
    return sphere.GetOutput()


@cache
def _unit_cylinder() -> vtk.vtkPolyData:
    """Along z; VTK's own is along y."""
    cylinder = vtk.vtkCylinderSource()
    cylinder.SetResolution(_CORNERS)
    upright = vtk.vtkTransform()
    upright.RotateX(90)
    turned = vtk.vtkTransformPolyDataFilter()
    turned.SetInputConnection(cylinder.GetOutputPort())
    turned.SetTransform(upright)
    turned.Update()
    return turned.GetOutput()


def _add_model(scene: vtkMRMLScene) -> vtkMRMLModelNode:
    """A model that the user sees in slice views only, and that no list or file has."""
    model, display = slicer.vtkMRMLModelNode(), slicer.vtkMRMLModelDisplayNode()
    model.SetAttribute(_NOT_IN_SUBJECT_HIERARCHY, "1")
    display.SetVisibility2D(True)
    display.SetVisibility3D(False)
    display.SetSliceIntersectionThickness(_LINE_WIDTH)
    for node in (display, model):
        node.SetName("ROI outline")
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        scene.AddNode(node)
    model.SetAndObserveDisplayNodeID(display.GetID())
    return model


def _place(model: vtkMRMLModelNode, source: vtk.vtkPolyData, to_world: NDArray[np.float64]) -> None:
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(to_world.reshape(-1))
    transform = vtk.vtkTransform()
    transform.SetMatrix(matrix)
    moved = vtk.vtkTransformPolyDataFilter()
    moved.SetInputData(source)
    moved.SetTransform(transform)
    moved.Update()
    model.SetAndObservePolyData(moved.GetOutput())


def _show_like(display: vtkMRMLModelDisplayNode, roi: vtkMRMLMarkupsNode) -> None:
    """In the ROI's colour, and where it is seen."""
    of_roi = roi.GetDisplayNode()
    blocked = display.StartModify()
    display.SetColor(*colour_of(roi))
    display.SetVisibility(of_roi is not None and of_roi.GetVisibility() and of_roi.GetVisibility2D())
    if of_roi is not None:
        display.SetViewNodeIDs(of_roi.GetViewNodeIDs())
    display.EndModify(blocked)

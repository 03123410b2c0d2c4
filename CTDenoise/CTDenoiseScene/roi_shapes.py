"""The shape of a ROI drawn in Slicer as what is measured in: in the world (RAS), parent transforms included."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid

from .measured_volumes import TransformNotLinearError
from .provenance import ATTRIBUTE_PREFIX

if TYPE_CHECKING:
    from slicer import vtkMRMLMarkupsClosedCurveNode, vtkMRMLMarkupsNode, vtkMRMLMarkupsROINode

    from CTDenoiseLib.measure.regions.shapes import Shape

_ATTRIBUTE = f"{ATTRIBUTE_PREFIX}shape"
_FEWEST_POINTS = 3
_FRAME_OPACITY = 0.3


class RoiShape(Enum):
    """Shapes of ROIs that the user can draw."""

    BOX = "box"
    ELLIPSOID = "ellipsoid"
    CYLINDER = "cylinder"
    CLOSED_CURVE = "closed curve"


_NO_BOXES = (RoiShape.ELLIPSOID, RoiShape.CYLINDER)


class NotDrawnError(MeasurementError):
    """A ROI has no place yet."""


def roi_shape(node: vtkMRMLMarkupsNode) -> RoiShape:
    """Which shape a markups node has as a ROI; without more being said, Slicer's own ROIs are boxes."""
    if node.IsA("vtkMRMLMarkupsClosedCurveNode"):
        return RoiShape.CLOSED_CURVE
    name = node.GetAttribute(_ATTRIBUTE)
    if name is None and node.GetNumberOfControlPoints():
        name = node.GetNthControlPointDescription(0)
    return next((shape for shape in _NO_BOXES if shape.value == name), RoiShape.BOX)


def set_roi_shape(node: vtkMRMLMarkupsROINode, shape: RoiShape) -> None:
    """Make a ROI a box, an ellipsoid or a cylinder: the one that fills the box which Slicer draws.

    The axis of a cylinder is the third axis of the ROI. Of what is no box, the box becomes a faint frame.
    """
    node.SetAttribute(_ATTRIBUTE, shape.value)
    display = node.GetDisplayNode()
    if display is not None:
        display.SetOutlineOpacity(1.0 if shape is RoiShape.BOX else _FRAME_OPACITY)
    describe(node)


def describe(node: vtkMRMLMarkupsNode) -> None:
    """Have a markups file say the shape, too: it holds no attributes of the node, but descriptions of its points."""
    if not node.IsA("vtkMRMLMarkupsROINode") or not node.GetNumberOfDefinedControlPoints():
        return
    shape, said = roi_shape(node), node.GetNthControlPointDescription(0)
    if shape in _NO_BOXES and said != shape.value:
        node.SetNthControlPointDescription(0, shape.value)
    elif shape is RoiShape.BOX and said in [other.value for other in _NO_BOXES]:
        node.SetNthControlPointDescription(0, "")


def is_drawn(node: vtkMRMLMarkupsNode) -> bool:
    """Whether the user has placed enough points for an inside."""
    if node.IsA("vtkMRMLMarkupsClosedCurveNode"):
        return bool(node.GetNumberOfDefinedControlPoints() >= _FEWEST_POINTS)
    return bool(node.GetControlPointPlacementComplete())


def shape_of(node: vtkMRMLMarkupsNode) -> Shape:
    """What a ROI encloses.

    Args:
        node: Slicer's ROI, as box, ellipsoid or cylinder, in any direction; or a closed curve. Below a transform that
            shears or stretches, Slicer keeps its ROIs at right angles, and so does this.

    Raises:
        TransformNotLinearError: It is under a transform that bends it.
        NotDrawnError: It is still being placed.
        InvalidShapeError: It encloses nothing.
    """
    parent = node.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        raise TransformNotLinearError(
            f"“{node.GetName()}” is under a transform that bends it; harden the transform, or take the ROI out of it."
        )
    if not is_drawn(node):
        raise NotDrawnError(f"“{node.GetName()}” is not placed yet; click into a view.")
    return _closed_curve(node) if node.IsA("vtkMRMLMarkupsClosedCurveNode") else _solid(node)


def _closed_curve(node: vtkMRMLMarkupsClosedCurveNode) -> ClosedCurve:
    return ClosedCurve(vtk_to_numpy(node.GetCurvePointsWorld().GetData()))


def _solid(node: vtkMRMLMarkupsROINode) -> Shape:
    to_world = node.GetObjectToWorldMatrix()
    matrix = np.array([[to_world.GetElement(row, column) for column in range(4)] for row in range(3)])
    axes = matrix[:, :3].T / np.linalg.norm(matrix[:, :3], axis=0)[:, np.newaxis]
    size = np.zeros(3)
    node.GetSizeWorld(size)
    shape = roi_shape(node)
    if shape is RoiShape.CYLINDER:
        return Cylinder(matrix[:, 3], axes, (float(size[0]), float(size[1])), float(size[2]))
    return (Ellipsoid if shape is RoiShape.ELLIPSOID else Box)(matrix[:, 3], axes, size)

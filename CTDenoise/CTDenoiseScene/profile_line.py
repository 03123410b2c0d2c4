"""The line or curve along which HU are compared: a markups node, marked so that it is found again in a saved scene."""

from __future__ import annotations

import json
from itertools import chain, count
from typing import TYPE_CHECKING, get_args

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseLib.measure.profiles.interpolation import Interpolation
from CTDenoiseLib.measure.profiles.profile import ProfileSettings

from .provenance import ATTRIBUTE_PREFIX
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLMarkupsNode, vtkMRMLNode, vtkMRMLScene

    from CTDenoiseLib.volume import Vector

LINE, CURVE = "vtkMRMLMarkupsLineNode", "vtkMRMLMarkupsCurveNode"
# The settings, as JSON; a node that has them is the one along which HU are compared.
_SETTINGS = f"{ATTRIBUTE_PREFIX}profile"
# Normal of the plane in which the node was drawn, in the coordinates of the node itself, so that it turns with it.
_PLANE = f"{ATTRIBUTE_PREFIX}profilePlane"
_COLOUR = (1.0, 0.25, 0.8)  # seen on black, grey and white, and none of the colours of the views


def find_line(scene: vtkMRMLScene) -> vtkMRMLMarkupsNode | None:
    """The marked node, such as after a scene was opened; of several the last."""
    marked = [node for kind in (LINE, CURVE) for node in nodes_of(scene, kind) if is_marked(node)]
    return marked[-1] if marked else None


def unmark_others(scene: vtkMRMLScene, line: vtkMRMLMarkupsNode) -> None:
    """Leave one marked node: a copy has the mark, too, and so has the line of a scene that was added to this one."""
    for kind in (LINE, CURVE):
        for node in nodes_of(scene, kind):
            if node is not line and is_marked(node):
                unmark(node)


def make_line(scene: vtkMRMLScene, kind: str) -> vtkMRMLMarkupsNode:
    """A new node of a kind, `LINE` or `CURVE`, without points, that hides little of the image."""
    node = scene.AddNewNodeByClass(kind, _free_name(scene))
    node.GetMeasurement("length").SetEnabled(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetSelectedColor(*_COLOUR)
    display.SetGlyphType(display.CrossDot2D)
    display.SetGlyphScale(2.0)
    display.SetTextScale(2.5)
    display.SetPointLabelsVisibility(False)  # the name and the length are enough
    display.SetSnapMode(display.SnapModeUnconstrained)
    return node


def _free_name(scene: vtkMRMLScene) -> str:
    names = chain(["Profile"], (f"Profile {number}" for number in count(2)))
    return next(name for name in names if scene.GetFirstNodeByName(name) is None)


def is_marked(node: vtkMRMLNode) -> bool:
    """Whether a node is one along which HU are compared."""
    return bool(node.GetAttribute(_SETTINGS))


def mark(node: vtkMRMLMarkupsNode, settings: ProfileSettings) -> None:
    """Keep the settings with the node."""
    kept = {"interpolation": settings.interpolation, "width_mm": settings.width_mm, "step_mm": settings.step_mm}
    _set(node, _SETTINGS, json.dumps(kept))


def unmark(node: vtkMRMLMarkupsNode) -> None:
    """The node is nothing but markups any more."""
    node.RemoveAttribute(_SETTINGS)
    node.RemoveAttribute(_PLANE)


def settings_of(node: vtkMRMLMarkupsNode) -> ProfileSettings:
    """The settings that were kept with a node; without any, or with such as are not known here, the usual ones."""
    try:
        settings = ProfileSettings(**json.loads(node.GetAttribute(_SETTINGS) or "{}"))
    except (TypeError, ValueError):
        return ProfileSettings()
    return settings if settings.interpolation in get_args(Interpolation) else ProfileSettings()


def points_of(node: vtkMRMLMarkupsNode) -> NDArray[np.float64]:
    """World points (R, A, S) in mm of a line, or of a curve as it is drawn, shape (n, 3), parent transforms included.

    A node that is still being drawn has fewer than two.
    """
    defined = [
        index
        for index in range(node.GetNumberOfControlPoints())
        if node.GetNthControlPointPositionStatus(index) == node.PositionDefined
    ]
    if node.IsA(CURVE) and len(defined) >= 2:
        return np.array(vtk_to_numpy(node.GetCurvePointsWorld().GetData()), dtype=np.float64)
    ends = [list(node.GetNthControlPointPositionWorld(index)) for index in defined]
    return np.array(ends, dtype=np.float64).reshape(-1, 3)


def control_points_of(node: vtkMRMLMarkupsNode) -> NDArray[np.float64]:
    """Points that the user set, in the coordinates of the node itself: transforms of the node do not change them."""
    points = [list(node.GetNthControlPointPosition(index)) for index in range(node.GetNumberOfControlPoints())]
    return np.array(points, dtype=np.float64).reshape(-1, 3)


def plane_of(node: vtkMRMLMarkupsNode) -> Vector | None:
    """Unit normal (R, A, S) in the world of the plane in which a node was drawn; `None` where that is not known."""
    text = node.GetAttribute(_PLANE)
    if not text:
        return None
    local = np.array([float(part) for part in text.split()])
    to_world = _to_world(node)
    if _is_flat(to_world):
        return None
    # Normals turn with the inverse transposed.
    normal = np.linalg.inv(to_world).T @ local
    r, a, s = (normal / np.linalg.norm(normal)).tolist()
    return r, a, s


def keep_plane(node: vtkMRMLMarkupsNode, normal: Vector | None) -> None:
    """Keep the plane in which a node was drawn with the node."""
    to_world = _to_world(node)
    if normal is None or _is_flat(to_world):
        if node.GetAttribute(_PLANE):
            node.RemoveAttribute(_PLANE)
        return
    local = to_world.T @ np.array(normal)
    local /= np.linalg.norm(local)
    _set(node, _PLANE, " ".join(f"{part + 0.0:.6f}" for part in local))


def _set(node: vtkMRMLMarkupsNode, name: str, text: str) -> None:
    if node.GetAttribute(name) != text:
        node.SetAttribute(name, text)


def _to_world(node: vtkMRMLMarkupsNode) -> NDArray[np.float64]:
    """Matrix (3, 3) from the directions of a node to those of the world; of one that is bent, none."""
    matrix = vtk.vtkMatrix4x4()
    parent = node.GetParentTransformNode()
    if parent is not None and parent.IsTransformToWorldLinear():
        parent.GetMatrixTransformToWorld(matrix)
    return np.array([[matrix.GetElement(row, column) for column in range(3)] for row in range(3)])


def _is_flat(matrix: NDArray[np.float64]) -> bool:
    """Whether a transform leaves no depth, so that it cannot be undone."""
    return not (np.isfinite(matrix).all() and np.linalg.det(matrix))

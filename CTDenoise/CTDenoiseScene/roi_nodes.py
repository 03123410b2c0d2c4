"""The ROIs of a scene: markups nodes that are marked as such, with names and colours to tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import vtk

from .provenance import ATTRIBUTE_PREFIX
from .roi_shapes import RoiShape, set_roi_shape
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from slicer import vtkMRMLMarkupsNode, vtkMRMLMarkupsROINode, vtkMRMLScene

    from CTDenoiseLib.volume import Vector

# Light enough for the dark parts of a CT picture, strong enough for its grey ones, and none of the bars' colours. The
# one that is closest to the colour of the profile's line comes last.
COLOURS = ("#4DD2FF", "#FFB000", "#7CFC5A", "#F5F56B", "#A5A0FF", "#FF7F50", "#3DE8C0", "#FF7BD5")
_MARK = f"{ATTRIBUTE_PREFIX}roi"
_BACKGROUND = f"{ATTRIBUTE_PREFIX}background"
_SELECTED = f"{ATTRIBUTE_PREFIX}selected"
_ROI, _CLOSED_CURVE = "vtkMRMLMarkupsROINode", "vtkMRMLMarkupsClosedCurveNode"
_GLYPH_SCALE, _TEXT_SCALE, _HANDLE_SCALE = 1.2, 2.5, 1.5  # percent of the view, about
_LINE_THICKNESS = 0.4  # of the glyphs


def find_rois(scene: vtkMRMLScene) -> tuple[vtkMRMLMarkupsNode, ...]:
    """All ROIs, oldest first."""
    return tuple(
        node
        for node in nodes_of(scene, "vtkMRMLMarkupsNode")
        if node.GetAttribute(_MARK) is not None and can_be_roi(node)
    )


def can_be_roi(node: vtkMRMLMarkupsNode) -> bool:
    """Whether a markups node has an inside."""
    return any(node.IsA(name) for name in (_ROI, _CLOSED_CURVE))


def mark(node: vtkMRMLMarkupsNode) -> None:
    """Make a markups node one of the ROIs.

    Raises:
        ValueError: It is neither Slicer's ROI nor a closed curve.
    """
    if not can_be_roi(node):
        raise ValueError(f"A {node.GetClassName()} has no inside")
    node.SetAttribute(_MARK, "1")


def background_of(rois: Iterable[vtkMRMLMarkupsNode]) -> vtkMRMLMarkupsNode | None:
    """The one that contrasts are taken against."""
    return next((node for node in rois if node.GetAttribute(_BACKGROUND) is not None), None)


def make_background(chosen: vtkMRMLMarkupsNode | None, rois: Iterable[vtkMRMLMarkupsNode]) -> None:
    """Take contrasts against one of the ROIs, or against none."""
    for node in rois:
        _flag(node, _BACKGROUND, node is chosen)


def selected_of(rois: Iterable[vtkMRMLMarkupsNode]) -> tuple[vtkMRMLMarkupsNode, ...]:
    """Those that the user selected for charts."""
    return tuple(node for node in rois if node.GetAttribute(_SELECTED) is not None)


def select(chosen: Sequence[vtkMRMLMarkupsNode], rois: Iterable[vtkMRMLMarkupsNode]) -> None:
    """Select some of the ROIs, or none."""
    for node in rois:
        _flag(node, _SELECTED, node in chosen)


def new_roi(scene: vtkMRMLScene, shape: RoiShape) -> vtkMRMLMarkupsNode:
    """Add a ROI that has no place yet, with the next free name (“ROI 1”) and the colour that the fewest others have."""
    others = find_rois(scene)
    names = {node.GetName() for node in others}
    name = next(name for number in count(1) if (name := f"ROI {number}") not in names)
    node = scene.AddNewNodeByClass(_CLOSED_CURVE if shape is RoiShape.CLOSED_CURVE else _ROI, name)
    mark(node)
    node.CreateDefaultDisplayNodes()
    _show(node, _next_colour(others))
    if shape is not RoiShape.CLOSED_CURVE:
        set_roi_shape(node, shape)
    return node


def place_box(
    node: vtkMRMLMarkupsROINode, centre: ArrayLike, size: ArrayLike, axes: NDArray[np.float64] | None = None
) -> None:
    """Give a ROI its place.

    Args:
        node: A ROI without a parent transform.
        centre: In mm, RAS.
        size: Along its three axes in mm.
        axes: Its axes as rows, shape (3, 3); those of the patient by default.
    """
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) if axes is None else np.transpose(axes)
    matrix[:3, 2] *= np.sign(np.linalg.det(matrix))  # Slicer has no left-handed ROIs
    matrix[:3, 3] = centre
    blocked = node.StartModify()
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(matrix.reshape(-1))
    node.GetObjectToNodeMatrix().DeepCopy(elements)
    node.SetSize(*np.asarray(size, dtype=float).tolist())
    node.EndModify(blocked)


def colour_of(node: vtkMRMLMarkupsNode) -> Vector:
    """Red, green and blue, 0 to 1, in which a ROI is drawn."""
    display = node.GetDisplayNode()
    red, green, blue = display.GetSelectedColor() if display is not None else (1.0, 1.0, 1.0)
    return red, green, blue


def _show(node: vtkMRMLMarkupsNode, colour: str) -> None:
    display = node.GetDisplayNode()
    rgb = [part / 255 for part in _rgb(colour)]
    display.SetColor(*rgb)
    display.SetSelectedColor(*rgb)  # in which Slicer draws all points that nobody unselected
    display.SetGlyphScale(_GLYPH_SCALE)
    display.SetLineThickness(_LINE_THICKNESS)
    display.SetTextScale(_TEXT_SCALE)
    display.SetFillOpacity(0.0)  # noise is to be seen, and a fill that is not visible could not be grabbed by its edge
    display.SetHandlesInteractive(bool(node.IsA(_ROI)))  # a curve has its points
    display.SetInteractionHandleScale(_HANDLE_SCALE)
    display.SetTranslationHandleVisibility(True)
    display.SetScaleHandleVisibility(True)


def _flag(node: vtkMRMLMarkupsNode, name: str, on: bool) -> None:
    if on != (node.GetAttribute(name) is not None):
        node.SetAttribute(name, "1" if on else None)


def _next_colour(others: Sequence[vtkMRMLMarkupsNode]) -> str:
    """The one that the fewest others have, the first of those."""
    used = Counter(tuple(round(255 * part) for part in colour_of(node)) for node in others)
    return min(COLOURS, key=lambda colour: used[_rgb(colour)])


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))

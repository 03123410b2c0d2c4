"""Gives a ROI its depth when the user has drawn it in a slice view, with two clicks, at opposite corners.

Two corners in a plane say nothing of the depth, and Slicer makes it the shorter side of the rectangle, along the axes
of the patient. A physicist reads noise in one section, and draws in oblique views, too: so the ROI gets the axes of the
view, its third axis across it, and as a box or a cylinder the depth of one section. An ellipsoid is drawn around
something that is round in depth as well: its depth is its shorter diameter. Handles in other views change all that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import slicer

from .observers import Observers
from .place_markups import is_placing, remove_unplaced, start_placing, stop_placing
from .roi_nodes import place_box
from .roi_shapes import RoiShape, is_drawn, roi_shape

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLMarkupsNode, vtkMRMLMarkupsROINode, vtkMRMLSliceNode

    from CTDenoiseLib.measure.image import Grid

# A click puts a point into the plane of its view, but for rounding.
_IN_PLANE_MM = 0.01


class RoiPlacement:
    """One ROI that the user is about to draw.

    Args:
        node: The ROI, without points.
        views: In which it may be drawn; meanwhile it has the axes of the first.
    """

    def __init__(self, node: vtkMRMLMarkupsNode, views: Sequence[vtkMRMLSliceNode]) -> None:
        self.node = node
        self._corner: NDArray[np.float64] | None = None
        self._observers = Observers()
        if roi_shape(node) is not RoiShape.CLOSED_CURVE:
            if views:
                place_box(node, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), _axes_of(views[0]))
            self._observers.add(node, slicer.vtkMRMLMarkupsNode.PointPositionDefinedEvent, self._on_point)
        start_placing(node)

    def settle(self, views: Sequence[vtkMRMLSliceNode], grid: Grid | None) -> bool:
        """Finish a ROI that is drawn, and take one that the user gave up out of the scene.

        Args:
            views: In one of which it was drawn.
            grid: Of the image whose sections decide on the depth.

        Returns:
            Whether it is no longer being placed.
        """
        scene = self.node.GetScene()
        if scene is not None:
            corner = self._corner if is_drawn(self.node) else None
            if corner is None and is_placing(self.node):
                return False
            if corner is not None:
                _give_depth(self.node, corner, views, grid)
            elif not is_drawn(self.node):
                remove_unplaced(self.node)
        self._observers.clear()
        return True

    def abandon(self) -> None:
        """Let the user do something else; what was not drawn leaves the scene."""
        if self.node.GetScene() is not None:
            stop_placing(self.node)
        self.settle((), None)

    def _on_point(self, *_: object) -> None:
        """Slicer keeps the corners only until both are there."""
        if self._corner is None:
            self._corner = np.array(self.node.GetNthControlPointPositionWorld(0))


def _give_depth(
    node: vtkMRMLMarkupsROINode, corner: NDArray[np.float64], views: Sequence[vtkMRMLSliceNode], grid: Grid | None
) -> None:
    """Make a rectangle out of a corner and the centre, with a depth; one that was drawn in no slice view stays."""
    centre = np.array(node.GetCenterWorld())
    diagonal = 2 * (centre - corner)
    view = next((view for view in views if _holds(view, corner) and _holds(view, centre)), None)
    if view is None or node.GetParentTransformNode() is not None:
        return
    axes = _axes_of(view)
    width, height, _ = np.abs(axes @ diagonal).tolist()
    depth = min(width, height)
    if grid is not None and roi_shape(node) is not RoiShape.ELLIPSOID:
        depth = float(np.abs(axes[2] @ grid.world_from_index[:3, :3]).sum())  # of a voxel across the view
    place_box(node, centre, (width, height, depth), axes)


def _holds(view: vtkMRMLSliceNode, point: NDArray[np.float64]) -> bool:
    """Whether a point lies in the plane of a view."""
    matrix = _to_ras(view)
    normal = matrix[:, 2] / np.linalg.norm(matrix[:, 2])
    return bool(abs((point - matrix[:, 3]) @ normal) < _IN_PLANE_MM)


def _axes_of(view: vtkMRMLSliceNode) -> NDArray[np.float64]:
    """Unit vectors along the rows and columns of a view and across it, shape (3, 3), right-handed."""
    along, up = (column / np.linalg.norm(column) for column in _to_ras(view)[:, :2].T)
    return np.stack([along, up, np.cross(along, up)])


def _to_ras(view: vtkMRMLSliceNode) -> NDArray[np.float64]:
    matrix = view.GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(3)])

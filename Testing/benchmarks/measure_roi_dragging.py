"""How long the figures take to follow a ROI that is dragged, in a scene of three volumes of 1024² × 100 voxels.

The ROI, the mouse and all events are Slicer's own; no window is drawn. What counts is one update: the move of the mouse
with all that Slicer does for it, the outline, the figures of all volumes, the table, and the histogram where a row says
so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from vtk.util.numpy_support import numpy_to_vtk

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseScene.comparison import Comparison, ComparisonVolumes
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.roi_charts import RoiChart
from CTDenoiseScene.roi_shapes import RoiShape, roi_shape
from CTDenoiseScene.roi_tool import RoiTool
from CTDenoiseScene.voxels import voxels_of
from support.roi_bench import rotation
from support.slicer_scene import SlicerScene, new_slicer_scene
from support.view_mouse import mouse_over

SHAPE = (100, 1024, 1024)
SPACING = (0.5, 0.25, 0.25)
MIDDLE = np.array([-128.0, -128.0, 25.0])
AIM_MS = 33.0  # more than 30 updates a second
PLAIN = "numpy masks of the box around the ROI, and a table made anew"


@dataclass(frozen=True)
class Dragged:
    """A ROI to drag, and what is shown of it."""

    name: str
    shape: RoiShape
    size: tuple[float, float, float]
    chart: RoiChart = RoiChart.NONE


DRAGGED = (
    Dragged("disc of 30 mm in one section", RoiShape.CYLINDER, (30.0, 30.0, 0.5)),
    Dragged("disc of 30 mm in one section, with histogram", RoiShape.CYLINDER, (30.0, 30.0, 0.5), RoiChart.HISTOGRAM),
    Dragged("turned ellipsoid of 10⁶ voxels", RoiShape.ELLIPSOID, (54.0, 44.0, 25.0)),
)


def rows() -> tuple[Row, ...]:
    """One update for one move of the mouse, while four more ROIs stay where they are."""
    with new_slicer_scene() as parts:
        names = ("input", "smooth", "denoised")
        volumes = {name: _add_volume(parts, name, seed) for seed, name in enumerate(names)}
        return tuple(_row(parts, ComparisonVolumes(**volumes), dragged) for dragged in DRAGGED)


def _row(parts: SlicerScene, volumes: ComparisonVolumes, dragged: Dragged) -> Row:
    with _dragging(parts, volumes, dragged) as (tool, roi, move):

        def update() -> None:
            move()
            while tool.work(1.0):
                pass

        def plain() -> None:
            move()
            _plain_figures(parts, roi, volumes)

        return compare(
            f"{dragged.name}, in three volumes of 1024² × {SHAPE[0]}",
            update,
            plain,
            plain_name=PLAIN,
            aim_ms=AIM_MS,
            rounds=9,
        )


@contextmanager
def _dragging(
    parts: SlicerScene, volumes: ComparisonVolumes, dragged: Dragged
) -> Iterator[tuple[RoiTool, Any, Callable[[], None]]]:
    """The tool, a ROI that the mouse holds by its middle, and what moves it on."""
    layout = ComparisonLayout(parts.scene, parts.application_logic, parts.layout_node)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, volumes, plot=True)
    tool = RoiTool(parts.scene, MeasuredVolumes())
    tool.show(volumes, layout.slice_nodes())
    tool.chart_kind = dragged.chart
    axes = np.eye(3) if dragged.shape is RoiShape.CYLINDER else rotation(30, (1, 2, 3))[:3, :3].T
    roi = tool.add_at(MIDDLE, dragged.size, dragged.shape, axes=axes)
    others = [
        tool.add_at(MIDDLE + np.array([shift, 40.0, 0.0]), (20.0, 20.0, 0.5)) for shift in (-60.0, -20.0, 20.0, 60.0)
    ]
    view = layout.slice_nodes()[0]
    parts.slice_logic(view.GetLayoutName()).SetSliceOffset(MIDDLE[2])
    anterior = np.array([0.0, 0.5, 0.0])
    places = cycle([MIDDLE + step * anterior for step in (*range(1, 20), *range(20, 0, -1))])
    with mouse_over(parts, view) as mouse:
        mouse.move(MIDDLE)
        mouse.press()
        mouse.move(next(places))
        assert roi.GetCenter()[1] > MIDDLE[1], "The mouse does not hold the ROI."
        yield tool, roi, lambda: mouse.move(next(places))
        mouse.release()
    tool.close()
    layout.close()
    for node in (roi, *others):
        parts.scene.RemoveNode(node)


def _add_volume(parts: SlicerScene, name: str, seed: int) -> Any:
    """An axial volume of noise, the same in each section."""
    section = np.rint(np.random.default_rng(seed).normal(0, 30, SHAPE[1:])).astype(np.int16)
    voxels = np.broadcast_to(section, SHAPE).copy()
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(SHAPE))
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1)))
    node = parts.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    node.SetAndObserveImageData(image)
    node.SetSpacing(*reversed(SPACING))
    node.SetIJKToRASDirections(-1, 0, 0, 0, -1, 0, 0, 0, 1)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().AutoWindowLevelOff()
    return node


def _plain_figures(parts: SlicerScene, roi: Any, volumes: ComparisonVolumes) -> None:
    """What one would write first: a mask for each volume, and nodes made anew."""
    to_object = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(roi.GetObjectToWorldMatrix(), to_object)
    from_world = _array(to_object)
    bounds = np.zeros(6)
    roi.GetRASBounds(bounds)
    size = np.array(roi.GetSize())
    is_cylinder = roi_shape(roi) is RoiShape.CYLINDER
    figures = []
    for node in (volumes.input, volumes.smooth, volumes.denoised):
        to_ras = vtk.vtkMatrix4x4()
        node.GetIJKToRASMatrix(to_ras)
        to_index = np.linalg.inv(_array(to_ras))
        corners = np.array([(r, a, s, 1) for r in bounds[:2] for a in bounds[2:4] for s in bounds[4:]]) @ to_index.T
        low = np.maximum(np.floor(corners.min(axis=0)[:3]).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)[:3]).astype(int) + 1, SHAPE[::-1])
        i, j, k = np.mgrid[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
        index = np.stack([i, j, k, np.ones_like(i)], axis=-1)
        x, y, z = np.moveaxis((index @ (from_world @ _array(to_ras)).T)[..., :3] / (size / 2), -1, 0)
        inside = (x**2 + y**2 <= 1) & (np.abs(z) <= 1) if is_cylinder else x**2 + y**2 + z**2 <= 1
        hu = voxels_of(node)[k[inside], j[inside], i[inside]].astype(float)
        figures.append((hu.mean(), hu.std(ddof=1)))
    node = parts.scene.AddNewNodeByClass("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(node, np.array(figures), ["mean", "SD"])
    parts.scene.RemoveNode(node)


def _array(matrix: Any) -> NDArray[np.float64]:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


if __name__ == "__main__":
    print(table(rows()))

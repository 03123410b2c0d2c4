"""How long the profile takes to follow a line that is dragged, in a scene of three volumes of 1024² × 500 voxels.

The line, the mouse and all events are Slicer's own; no window is drawn but where a row says so. The volumes take memory
only where the line runs: the system gives pages of zeros out when they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import numpy as np
import slicer
import vtk
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from vtk.util.numpy_support import numpy_to_vtk

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseScene.comparison import Comparison, ComparisonVolumes
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.profile_tool import ProfileTool
from CTDenoiseScene.voxels import voxels_of
from support.plot_view import PlotView, render_plot
from support.slicer_scene import SlicerScene, new_slicer_scene
from support.view_mouse import ViewMouse, mouse_over

SHAPE = (500, 1024, 1024)
SECTION = 250
PIXEL_MM = 0.2
# More than 30 updates a second, and half of that for measuring alone: the other half is for drawing.
AIM_MS, AIM_DRAWN_MS = 16.0, 33.0
PLOT_SIZE = (720, 280)
PLAIN = "map_coordinates of scipy and a table made anew for each volume, without features"


def rows() -> tuple[Row, ...]:
    """One update of the profile for one move of the mouse: measured and told to the nodes, then drawn, too."""
    with new_slicer_scene() as parts, _dragged_line(parts) as (tool, volumes, move):
        plot = PlotView(PLOT_SIZE)

        def update() -> None:
            move()
            tool.work(1.0)

        def update_and_draw() -> None:
            update()
            plot.update(tool.chart_node)
            plot.draw()

        def plain() -> None:
            move()
            _plain_profile(parts, tool.line, volumes)

        def plain_and_draw() -> None:
            plain()
            _draw_anew(parts, tool.chart_node)

        update()
        length = f"{tool.profiles.distance_mm[-1]:.0f} mm, {len(tool.profiles.distance_mm)} samples"
        measured = f"profile ({length}) in three volumes of 1024² × 500"
        found = (
            compare(measured, update, plain, plain_name=PLAIN, aim_ms=AIM_MS),
            compare(
                f"{measured}, chart drawn",
                update_and_draw,
                plain_and_draw,
                plain_name=f"{PLAIN}, chart made anew",
                aim_ms=AIM_DRAWN_MS,
            ),
        )
        plot.close()
        return found


@contextmanager
def _dragged_line(parts: SlicerScene) -> Iterator[tuple[ProfileTool, list[Any], Callable[[], None]]]:
    """A line of 150 mm whose end the mouse holds; the function moves it on."""
    names = ("input", "smooth", "denoised")
    shown = {name: _add_volume(parts, name, blur) for name, blur in zip(names, (0.0, 3.0, 1.0), strict=True)}
    layout = ComparisonLayout(parts.scene, parts.application_logic, parts.layout_node)
    volumes = ComparisonVolumes(**shown)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, volumes, plot=True)
    tool = ProfileTool(parts.scene, MeasuredVolumes())
    tool.show(volumes, layout.slice_nodes())
    view = layout.slice_nodes()[0]
    offset = view.GetSliceOffset()
    start, end = (-20.0, -30.0, offset), (-160.0, -90.0, offset)
    with mouse_over(parts, view) as mouse:
        tool.new_line()
        mouse.click(start)
        mouse.click(end)
        mouse.press()
        yield tool, list(shown.values()), _mover(mouse, end)
        mouse.release()
    tool.close()
    layout.close()


def _mover(mouse: ViewMouse, end: tuple[float, float, float]) -> Callable[[], None]:
    places = cycle([(end[0], end[1] + 0.5 * step, end[2]) for step in (*range(40), *range(40, 0, -1))])
    return lambda: mouse.move(next(places))


def _add_volume(parts: SlicerScene, name: str, blur: float) -> Any:
    """An axial volume of air; discs and noise in the one section that is measured."""
    voxels = np.zeros(SHAPE, np.int16)
    voxels[SECTION] = _section(blur)
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(SHAPE))
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1)))
    node = parts.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    node.SetAndObserveImageData(image)
    node.SetSpacing(PIXEL_MM, PIXEL_MM, PIXEL_MM)
    node.SetIJKToRASDirections(-1, 0, 0, 0, -1, 0, 0, 0, 1)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().AutoWindowLevelOff()
    return node


def _section(blur: float) -> NDArray[np.int16]:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[: SHAPE[1], : SHAPE[2]]
    disc = 1000.0 * (np.hypot(rows - 300, columns - 450) < 60) + rng.normal(0, 40, SHAPE[1:])
    return np.rint(gaussian_filter(disc, blur) if blur else disc).astype(np.int16)


def _plain_profile(parts: SlicerScene, line: Any, volumes: list[Any]) -> None:
    """What one would write first: each volume on its own, and nodes made anew."""
    ends = np.array([list(line.GetNthControlPointPositionWorld(index)) for index in range(2)])
    count = round(np.linalg.norm(ends[1] - ends[0]) / (PIXEL_MM / 2)) + 1
    points = np.linspace(*ends, count)
    for volume in volumes:
        matrix = vtk.vtkMatrix4x4()
        volume.GetRASToIJKMatrix(matrix)
        to_index = np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(3)])
        index = points @ to_index[:, :3].T + to_index[:, 3]
        hu = map_coordinates(voxels_of(volume), index[:, ::-1].T, output=np.float64, order=1)
        node = parts.scene.AddNewNodeByClass("vtkMRMLTableNode")
        slicer.util.updateTableFromArray(node, np.column_stack([np.arange(count), hu]), ["mm", "HU"])
        parts.scene.RemoveNode(node)


def _draw_anew(parts: SlicerScene, chart_node: Any) -> None:
    view = parts.scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    view.SetPlotChartNodeID(chart_node.GetID())
    render_plot(view, PLOT_SIZE)
    parts.scene.RemoveNode(view)


if __name__ == "__main__":
    print(table(rows()))

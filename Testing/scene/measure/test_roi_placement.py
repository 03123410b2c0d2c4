"""ROIs drawn with the mouse in slice views, through Slicer's own interaction."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk

from CTDenoiseScene.place_markups import is_placing, stop_placing
from CTDenoiseScene.roi_shapes import RoiShape, shape_of
from support.roi_bench import MIDDLE, at, rotation
from support.view_mouse import mouse_over
from support.view_user import turn

SECTION_MM, PIXEL_MM = 2.0, 1.0
SOLIDS = [RoiShape.BOX, RoiShape.ELLIPSOID, RoiShape.CYLINDER]


@pytest.fixture
def mouse(slicer_scene, view):
    with mouse_over(slicer_scene, view) as device:
        yield device


def draw(bench, mouse, shape, *points):
    node = bench.tool.new(shape)
    for point in points:
        mouse.click(point)
    bench.work()
    return node


def size_of(node):
    size = np.zeros(3)
    node.GetSizeWorld(size)
    return size


@pytest.mark.parametrize("shape", SOLIDS)
def test_two_clicks_draw_a_roi_between_them(bench, mouse, shape):
    node = draw(bench, mouse, shape, at(-10, -8), at(10, 8))
    assert size_of(node)[:2] == pytest.approx((20, 16), abs=0.3)  # clicks are on pixels
    assert tuple(node.GetCenterWorld()) == pytest.approx(MIDDLE, abs=0.2)
    assert bench.tool.regions == (node,)
    assert not is_placing(node)


@pytest.mark.parametrize("shape", [RoiShape.BOX, RoiShape.CYLINDER])
def test_a_box_or_cylinder_is_one_section_deep(bench, mouse, shape):
    node = draw(bench, mouse, shape, at(-10, -8), at(10, 8))
    assert size_of(node)[2] == pytest.approx(SECTION_MM)
    assert bench.tool.record().tables[1].content()["rows"][0]["area"] is not None  # all in one section


def test_an_ellipsoid_is_as_deep_as_its_shorter_diameter(bench, mouse):
    node = draw(bench, mouse, RoiShape.ELLIPSOID, at(-10, -8), at(10, 8))
    assert size_of(node)[2] == pytest.approx(size_of(node)[1])


def test_in_a_coronal_view_the_depth_is_a_row_and_a_cylinder_goes_through_the_view(slicer_scene, bench, view, mouse):
    turn(slicer_scene, view.GetLayoutName(), "Coronal")
    offset = slicer_scene.slice_logic(view.GetLayoutName()).GetSliceOffset()
    start, across = np.array([MIDDLE[0], offset, MIDDLE[2]]), np.array([10, 0, 5])
    node = draw(bench, mouse, RoiShape.CYLINDER, start - across, start + across)
    assert shape_of(node).height == pytest.approx(PIXEL_MM)
    assert np.abs(shape_of(node).axes[2]) == pytest.approx((0, 1, 0), abs=1e-9)


def test_in_an_oblique_view_a_roi_lies_in_the_plane_of_the_view(bench, view, mouse):
    turned = rotation(30, (1, 2, 0)) @ rotation(20)
    turned[:3, 3] = MIDDLE
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(turned.reshape(-1))
    view.GetSliceToRAS().DeepCopy(elements)
    view.UpdateMatrices()
    corner = turned[:3, :3] @ (8, 6, 0)
    node = draw(bench, mouse, RoiShape.CYLINDER, MIDDLE - corner, MIDDLE + corner)
    found = shape_of(node)
    assert found.axes[:2] == pytest.approx(turned[:3, :2].T, abs=1e-6)
    assert found.diameters == pytest.approx((16, 12), abs=0.5)
    # As deep as one voxel is across the view.
    assert found.height == pytest.approx(np.abs(turned[:3, 2]) @ (PIXEL_MM, PIXEL_MM, SECTION_MM))


def test_a_roi_drawn_in_a_view_of_the_user_has_the_axes_of_that_view(slicer_scene, bench, view):
    coronal = slicer_scene.slice_logic("Green").GetSliceNode()
    coronal.SetFieldOfView(100, 100, 1)
    coronal.JumpSlice(*MIDDLE)
    with mouse_over(slicer_scene, coronal) as mouse:
        node = draw(bench, mouse, RoiShape.BOX, at(-10, 0, -5), at(10, 0, 5))
    assert size_of(node) == pytest.approx((20, 10, PIXEL_MM), abs=0.3)
    assert np.abs(shape_of(node).axes[2]) == pytest.approx((0, 1, 0), abs=1e-9)


def test_a_roi_is_measured_only_when_it_is_drawn(bench, mouse):
    node = bench.tool.new(RoiShape.BOX)
    mouse.click(at(-10, -8))
    bench.work()
    assert bench.tool.regions == ()
    assert bench.tool.problems == ()
    mouse.click(at(10, 8))
    bench.work()
    assert bench.table[0][0] == node.GetName() == "ROI 1"


def test_a_roi_can_be_dragged_afterwards(bench, mouse):
    node = draw(bench, mouse, RoiShape.BOX, at(-10, -8), at(10, 8))
    mouse.drag(MIDDLE, at(3, 0), at(6, 2))
    assert tuple(node.GetCenterWorld()) == pytest.approx(at(6, 2), abs=0.3)
    assert size_of(node) == pytest.approx((20, 16, SECTION_MM), abs=0.3)


def test_clicks_draw_a_closed_curve(bench, mouse):
    corners = [MIDDLE + corner for corner in ((-10, -8, 0), (10, -8, 0), (0, 12, 0))]
    node = draw(bench, mouse, RoiShape.CLOSED_CURVE, *corners)
    assert is_placing(node)  # more points may come
    assert bench.tool.regions == (node,)
    stop_placing(node)
    bench.work()
    assert bench.tool.regions == (node,)
    assert len(bench.table) == 1


@pytest.mark.parametrize("shape", list(RoiShape))
def test_a_roi_that_the_user_gives_up_is_gone(bench, mouse, shape):
    node = bench.tool.new(shape)
    mouse.click(MIDDLE)
    told = bench.told
    stop_placing(node)
    assert bench.told > told
    bench.work()
    assert node.GetScene() is None


def test_beginning_another_roi_gives_up_the_one_before(bench, view):
    first = bench.tool.new(RoiShape.BOX)
    second = bench.tool.new(RoiShape.CYLINDER)
    assert first.GetScene() is None
    assert is_placing(second)
    assert second.GetName() == "ROI 1"


def test_closing_the_tool_gives_up_what_is_not_drawn(bench, view):
    node = bench.tool.new(RoiShape.BOX)
    bench.tool.close()
    assert node.GetScene() is None
    interaction = slicer.vtkMRMLInteractionNode
    mode = bench.parts.scene.GetSingletonNode("Singleton", "vtkMRMLInteractionNode").GetCurrentInteractionMode()
    assert mode == interaction.ViewTransform


def test_a_scene_that_is_closed_while_a_roi_is_drawn_leaves_nothing(slicer_scene, bench, view):
    bench.tool.new(RoiShape.BOX)
    slicer_scene.close()
    bench.work()
    assert bench.tool.regions == ()

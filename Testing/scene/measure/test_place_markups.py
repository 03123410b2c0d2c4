from __future__ import annotations

import pytest
import slicer

from CTDenoiseScene.comparison import Comparison
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.place_markups import is_placing, start_placing, stop_placing
from support.comparison_exam import make_exam
from support.view_mouse import mouse_over

MIDDLE = 12.0  # of the exam, in mm


@pytest.fixture
def view(slicer_scene):
    """The first view of a comparison."""
    exam = make_exam(slicer_scene)
    layout = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    yield layout.slice_nodes()[0]
    layout.close()


def markups(slicer_scene, kind):
    node = slicer_scene.scene.AddNewNodeByClass(kind)
    node.CreateDefaultDisplayNodes()
    return node


def test_two_clicks_place_a_line_and_then_clicks_do_what_they_did_before(slicer_scene, view):
    line = markups(slicer_scene, "vtkMRMLMarkupsLineNode")
    start_placing(line)
    with mouse_over(slicer_scene, view) as mouse:
        mouse.click((-10, -10, MIDDLE))
        assert is_placing(line)
        mouse.click((-30, -20, MIDDLE))
        assert not is_placing(line)
        mouse.click((-5, -5, MIDDLE))
    places = [tuple(line.GetNthControlPointPositionWorld(index)) for index in range(line.GetNumberOfControlPoints())]
    assert places == [pytest.approx(place, abs=0.1) for place in ((-10, -10, MIDDLE), (-30, -20, MIDDLE))]


def test_a_curve_takes_clicks_until_a_right_click(slicer_scene, view):
    curve = markups(slicer_scene, "vtkMRMLMarkupsCurveNode")
    start_placing(curve)
    with mouse_over(slicer_scene, view) as mouse:
        for point in ((-10, -10, MIDDLE), (-30, -20, MIDDLE), (-20, -30, MIDDLE)):
            assert is_placing(curve)
            mouse.click(point)
        mouse.right_click((-5, -5, MIDDLE))
    assert not is_placing(curve)
    assert curve.GetNumberOfControlPoints() == 3


def test_only_the_node_that_was_asked_for_is_placed(slicer_scene, view):
    first, second = (markups(slicer_scene, "vtkMRMLMarkupsLineNode") for _ in range(2))
    start_placing(first)
    start_placing(second)
    assert (is_placing(first), is_placing(second)) == (False, True)
    with mouse_over(slicer_scene, view) as mouse:
        mouse.click((-10, -10, MIDDLE))
    assert [node.GetNumberOfDefinedControlPoints() for node in (first, second)] == [0, 1]


def test_placing_can_be_given_up(slicer_scene, view):
    line = markups(slicer_scene, "vtkMRMLMarkupsLineNode")
    start_placing(line)
    stop_placing(line)
    assert not is_placing(line)
    with mouse_over(slicer_scene, view) as mouse:
        mouse.click((-10, -10, MIDDLE))
    assert line.GetNumberOfControlPoints() == 0


def test_giving_up_one_node_leaves_another_alone(slicer_scene):
    first, second = (markups(slicer_scene, "vtkMRMLMarkupsLineNode") for _ in range(2))
    start_placing(second)
    stop_placing(first)
    assert is_placing(second)


def test_a_node_that_was_deleted_is_not_placed(slicer_scene):
    line = markups(slicer_scene, "vtkMRMLMarkupsLineNode")
    start_placing(line)
    slicer_scene.scene.RemoveNode(line)
    assert not is_placing(line)
    assert not is_placing(None)


def test_a_scene_without_modes_is_left_as_it_is():
    scene = slicer.vtkMRMLScene()
    line = scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode")
    start_placing(line)
    stop_placing(line)
    assert not is_placing(line)

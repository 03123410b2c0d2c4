"""What users do with lines and ROIs besides dragging them: copy, delete in the middle of drawing, undo, add scenes."""

from __future__ import annotations

import gc

import numpy as np
import pytest
import slicer
import vtk

from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.place_markups import stop_placing
from CTDenoiseScene.profile_line import find_line
from CTDenoiseScene.profile_tool import ProfileTool
from CTDenoiseScene.roi_shapes import RoiShape
from support.roi_bench import MIDDLE, at
from support.view_mouse import mouse_over

MARKUPS = "vtkMRMLMarkupsNode"


@pytest.fixture
def profile(bench):
    tool = ProfileTool(bench.parts.scene, MeasuredVolumes())
    tool.show(bench.volumes, ())
    yield tool
    tool.close()


def draw(profile):
    """A line from the middle to the rod."""
    line = profile.new_line()
    for place in (MIDDLE, at(20)):
        line.AddControlPointWorld(vtk.vtkVector3d(place))
    stop_placing(line)
    profile.work(1.0)
    return line


def clone(parts, node):
    """Clone, in the context menu of Slicer's subject hierarchy."""
    hierarchy = parts.subject_hierarchy
    item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)
    before = set(markups(parts))
    slicer.vtkSlicerSubjectHierarchyModuleLogic.CloneSubjectHierarchyItem(hierarchy, item, "Copy")
    (copy,) = set(markups(parts)) - before
    return copy


def markups(parts):
    scene = parts.scene
    return [scene.GetNthNodeByClass(number, MARKUPS) for number in range(scene.GetNumberOfNodesByClass(MARKUPS))]


def outlines(parts):
    scene = parts.scene
    models = [
        scene.GetNthNodeByClass(number, "vtkMRMLModelNode")
        for number in range(scene.GetNumberOfNodesByClass("vtkMRMLModelNode"))
    ]
    return [model for model in models if model.GetName() == "ROI outline"]


# Deleted in the middle of drawing


def test_clicks_after_a_roi_was_deleted_in_the_middle_of_drawing_draw_nothing(bench, view):
    node = bench.tool.new(RoiShape.BOX)
    with mouse_over(bench.parts, view) as mouse:
        mouse.click(MIDDLE)
        mouse.move(at(3))
        bench.parts.scene.RemoveNode(node)
        bench.work()
        for place in (at(5), at(10)):
            mouse.click(place)
    assert markups(bench.parts) == []


def test_clicks_after_a_line_was_deleted_in_the_middle_of_drawing_draw_nothing(bench, view, profile):
    line = profile.new_line()
    with mouse_over(bench.parts, view) as mouse:
        mouse.click(MIDDLE)
        mouse.move(at(3))
        bench.parts.scene.RemoveNode(line)
        profile.work(1.0)
        for place in (at(5), at(10)):
            mouse.click(place)
    assert markups(bench.parts) == []


def test_what_is_placed_besides_goes_on_when_a_roi_is_deleted(bench, view, profile):
    roi = bench.tool.add_at(MIDDLE, (9, 9, 6))
    line = profile.new_line()
    bench.parts.scene.RemoveNode(roi)
    with mouse_over(bench.parts, view) as mouse:
        for place in (MIDDLE, at(10)):
            mouse.click(place)
    assert line.GetNumberOfDefinedControlPoints() == 2


def test_drawing_a_curve_in_place_of_a_line_that_was_begun_leaves_no_line(bench, profile):
    displays = bench.parts.scene.GetNumberOfNodesByClass("vtkMRMLMarkupsDisplayNode")
    profile.new_line()
    profile.new_curve()
    curve = profile.new_curve()
    assert markups(bench.parts) == [curve]
    assert bench.parts.scene.GetNumberOfNodesByClass("vtkMRMLMarkupsDisplayNode") == displays + 1
    assert curve.GetName() == "Profile"


def test_markups_of_the_user_stay_however_few_points_they_have(bench, profile):
    mine = bench.parts.scene.AddNewNodeByClass("vtkMRMLMarkupsCurveNode", "Mine")
    profile.choose(mine)
    line = profile.new_line()
    assert markups(bench.parts) == [mine, line]


def test_a_roi_that_the_user_gives_up_takes_its_display_along(bench):
    displays = bench.parts.scene.GetNumberOfNodesByClass("vtkMRMLDisplayNode")
    stop_placing(bench.tool.new(RoiShape.BOX))
    bench.work()
    assert bench.parts.scene.GetNumberOfNodesByClass("vtkMRMLDisplayNode") == displays


# Copies


def test_a_cloned_roi_has_an_outline_and_is_followed(bench):
    roi = bench.tool.add_at(MIDDLE, (9, 9, 6), RoiShape.ELLIPSOID)
    bench.work()
    copy = clone(bench.parts, roi)
    assert [row[0] for row in bench.table] == ["ROI 1", "Copy"]
    assert len(outlines(bench.parts)) == 2
    told = bench.told
    copy.SetCenter(*at(20))
    assert bench.told > told
    assert bench.figure(copy, "Input: mean [HU]") == pytest.approx(100, abs=9)


def test_a_copy_of_the_background_is_none(bench):
    roi = bench.tool.add_at(MIDDLE, (9, 9, 6))
    bench.tool.background = roi
    copy = clone(bench.parts, roi)
    bench.work()
    assert bench.tool.background is roi
    bench.parts.scene.RemoveNode(roi)
    assert bench.tool.regions == (copy,)
    assert bench.tool.background is None


def test_a_cloned_line_is_plain_markups(bench, profile):
    line = draw(profile)
    copy = clone(bench.parts, line)
    profile.work(1.0)
    assert profile.line is line
    assert find_line(bench.parts.scene) is line
    assert copy.GetAttribute("CTDenoise.profile") is None


def test_lines_and_backgrounds_of_a_scene_that_is_added_are_none_where_there_are_some(bench, profile, tmp_path):
    line, roi = draw(profile), bench.tool.add_at(MIDDLE, (9, 9, 6))
    bench.tool.background = roi
    bench.work()
    bench.parts.save(tmp_path / "scene.mrb")
    assert bench.parts.scene.ReadFromMRB(str(tmp_path / "scene.mrb"), False)
    bench.work()
    profile.work(1.0)
    assert profile.line is find_line(bench.parts.scene) is line
    bench.parts.scene.RemoveNode(roi)
    assert bench.tool.background is None


# Undo


def test_a_deleted_line_and_roi_come_back_by_undo(bench, profile):
    scene = bench.parts.scene
    line, roi = draw(profile), bench.tool.add_at(MIDDLE, (9, 9, 6))
    rows, length = bench.table, profile.profiles.distance_mm[-1]
    scene.SetUndoOn()
    for node in (line, roi):
        node.SetUndoEnabled(True)
    scene.SaveStateForUndo()
    scene.RemoveNode(line)
    scene.RemoveNode(roi)
    profile.work(1.0)
    assert (profile.line, bench.table) == (None, [])
    scene.Undo()
    profile.work(1.0)
    assert profile.profiles.distance_mm[-1] == pytest.approx(length)
    assert bench.table == rows


# Nothing stays behind


def test_measuring_leaves_no_reference_to_a_roi_behind(bench):
    roi = bench.tool.add_at(MIDDLE, (9, 9, 6))
    bench.work()
    gc.collect()
    references = roi.GetReferenceCount()
    for step in range(10):
        roi.SetCenter(*at(step / 10))
        bench.work()
    gc.collect()
    assert roi.GetReferenceCount() == references


@pytest.mark.parametrize("scale", [0.0, np.nan])
def test_a_volume_that_a_transform_flattens_is_told(bench, profile, scale):
    draw(profile)
    bench.tool.add_at(MIDDLE, (9, 9, 6))
    bench.put_under_transform(bench.volumes.denoised, np.diag([scale, 1.0, 1.0, 1.0]))
    profile.work(1.0)
    bench.work()
    for sentence in (profile.problem, *bench.tool.problems):
        assert sentence.startswith("“denoised” is under a transform that flattens it")


def test_a_width_across_a_line_that_a_transform_flattens_has_no_plane(bench, view, profile):
    line = draw(profile)
    bench.put_under_transform(line, np.diag([1.0, 1.0, 0.0, 1.0]))
    profile.work(1.0)
    assert profile.problem == ""
    assert profile.profiles.distance_mm[-1] == pytest.approx(20)

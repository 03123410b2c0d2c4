"""The profile follows its line, its volumes and its settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import slicer
import vtk
from slicer.util import arrayFromVolume, arrayFromVolumeModified

from CTDenoiseScene.comparison import ComparisonVolumes
from support.profile_lines import (
    END,
    RISE,
    SPACING,
    START,
    TO_RAS,
    cells,
    curves,
    expect,
    ramp,
)
from support.view_mouse import mouse_over


def test_the_profile_follows_the_line_while_it_is_dragged(tool, layout, line, slicer_scene):
    asked = []
    tool.changed.connect(lambda: asked.append(1))
    with mouse_over(slicer_scene, layout.slice_nodes()[1]) as mouse:
        mouse.move(END)
        mouse.press()
        for step in range(1, 4):
            mouse.move((END[0], END[1] + step, END[2]))
            mouse.move((END[0], END[1] + 2 * step, END[2]))
            assert len(asked) == step, "However many events there are, work is asked for once."
            assert tool.work(1.0) is False
            end = tuple(line.GetNthControlPointPositionWorld(1))
            assert end[1] == pytest.approx(END[1] + 2 * step, abs=0.2)
            expect(tool, 0, 100, 200, end=end)
        mouse.release()


def test_nothing_is_measured_again_while_nothing_changes(tool, line):
    before = tool.profiles
    tool.work(1.0)
    assert tool.profiles is before


def test_an_update_is_one_event_for_the_plot_view(tool, line):
    events = []
    tool.chart_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append(1))
    line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    tool.work(1.0)
    assert events == [1]


def test_the_line_is_drawn_with_two_clicks_and_waits_for_the_second(tool, layout, slicer_scene):
    line = tool.new_line()
    assert tool.line is line
    with mouse_over(slicer_scene, layout.slice_nodes()[0]) as mouse:
        for point in (START, END):
            tool.work(1.0)
            assert (tool.profiles, tool.problem, tool.chart_node) == (None, "", None)
            mouse.click(point)
    tool.work(1.0)
    ends = [tuple(line.GetNthControlPointPositionWorld(index)) for index in range(2)]
    expect(tool, 0, 100, 200, start=ends[0], end=ends[1])


def test_a_line_that_was_begun_is_begun_again(tool, slicer_scene):
    line = tool.new_line()
    line.AddControlPointWorld(vtk.vtkVector3d(START))
    assert tool.new_line() is line
    assert line.GetNumberOfControlPoints() == 0
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLMarkupsLineNode") == 1


def test_a_closed_curve_can_be_chosen(tool, slicer_scene):
    closed = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode")
    for point in (START, (-20.0, -30.0, 12.0), END):
        closed.AddControlPointWorld(vtk.vtkVector3d(point))
    tool.choose(closed)
    tool.work(1.0)
    np.testing.assert_allclose(tool.profiles.points @ RISE, tool.profiles.hu[0], atol=1e-3)
    assert tool.profiles.points[0] == pytest.approx(tool.profiles.points[-1], abs=1.0)


def test_a_new_line_takes_the_place_of_the_former_one(tool, line):
    other = tool.new_line()
    assert other is not line
    assert other.GetName() == "Profile 2"
    line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    tool.work(1.0)
    assert tool.profiles is None


def test_any_line_of_the_scene_can_be_chosen_and_none(tool, line, slicer_scene):
    other = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "mine")
    for point in (END, START):
        other.AddControlPointWorld(vtk.vtkVector3d(point))
    tool.choose(other)
    tool.work(1.0)
    expect(tool, 0, 100, 200, start=END, end=START)
    assert tool.chart_node.GetTitle().startswith("mine")
    tool.choose(None)
    tool.work(1.0)
    assert (tool.line, tool.profiles, tool.chart_node) == (None, None, None)
    assert cells(tool.table_node) == []
    assert slicer_scene.scene.IsNodePresent(other)


CHANGES = {
    "another name": lambda node: node.SetName("renamed"),
    "other voxels": lambda node: (arrayFromVolume(node).__iadd__(7), arrayFromVolumeModified(node)),
    "another place": lambda node: node.SetOrigin(1.0, 0.0, 0.0),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_volume_that_changes_is_measured_again(tool, line, volumes, change):
    asked = []
    tool.changed.connect(lambda: asked.append(1))
    CHANGES[change](volumes.denoised)
    assert asked == [1]
    tool.work(1.0)
    if change == "another name":
        expect(tool, 0, 100, 200)
        assert tool.profiles.names[2] == "Denoised: renamed"
        assert "Denoised: renamed" in curves(tool.chart_node)
    elif change == "other voxels":
        expect(tool, 0, 100, 207)
    else:
        expect(tool, 0, 100, 200 - RISE[0])


def test_other_volumes_and_fewer_take_the_place_of_those_before(tool, line, volumes, layout, slicer_scene):
    other = slicer_scene.add_volume(ramp(TO_RAS, -50), name="other", spacing=SPACING)
    tool.show(ComparisonVolumes(input=volumes.input, denoised=other), layout.slice_nodes())
    tool.work(1.0)
    expect(tool, 0, -50)
    assert list(curves(tool.chart_node)) == ["Input: sharp", "Denoised: other"]
    assert len(cells(tool.table_node)) == 2
    tool.show(volumes, layout.slice_nodes())
    tool.work(1.0)
    expect(tool, 0, 100, 200)


def test_showing_the_same_volumes_again_changes_nothing(tool, line, volumes, layout):
    asked = []
    tool.changed.connect(lambda: asked.append(1))
    tool.show(volumes, layout.slice_nodes())
    assert asked == []


def test_settings_take_effect_at_once(tool, line):
    samples = len(tool.profiles.distance_mm)
    tool.settings = replace(tool.settings, step_mm=0.1, interpolation="cubic", width_mm=2.0)
    tool.work(1.0)
    assert len(tool.profiles.distance_mm) > 2 * samples
    assert tool.profiles.settings.interpolation == "cubic"
    assert tool.profiles.standard_error[0] is not None
    expect(tool, 0, 100, 200)


def test_while_the_scene_is_busy_measuring_waits(tool, line, slicer_scene):
    before = tool.profiles
    slicer_scene.scene.StartState(slicer.vtkMRMLScene.BatchProcessState)
    line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    assert tool.work(1.0) is True
    assert tool.profiles is before
    slicer_scene.scene.EndState(slicer.vtkMRMLScene.BatchProcessState)
    assert tool.work(1.0) is False
    assert tool.profiles is not before

"""Lines that cannot be measured, and nodes that go."""

from __future__ import annotations

import numpy as np
import pytest
import vtk

from CTDenoiseScene.comparison import ComparisonVolumes
from support.profile_lines import (
    END,
    SPACING,
    START,
    TO_RAS,
    cells,
    curves,
    draw,
    expect,
    ramp,
)


def test_a_line_without_a_length_is_told(tool):
    draw(tool, START, START)
    assert "no length" in tool.problem
    assert (tool.profiles, tool.chart_node) == (None, None)


def test_a_line_outside_the_volumes_is_told_and_empties_chart_and_table(tool, line):
    line.SetNthControlPointPositionWorld(0, 500, 500, 500)
    line.SetNthControlPointPositionWorld(1, 600, 500, 500)
    tool.work(1.0)
    assert "outside" in tool.problem
    assert (tool.profiles, tool.chart_node, cells(tool.table_node)) == (None, None, [])
    line.SetNthControlPointPositionWorld(0, *START)
    line.SetNthControlPointPositionWorld(1, *END)
    tool.work(1.0)
    expect(tool, 0, 100, 200)
    assert tool.problem == ""


def test_a_part_of_the_line_outside_is_a_gap_and_told(tool, line):
    line.SetNthControlPointPositionWorld(1, 30, -15, 12)
    tool.work(1.0)
    assert np.isnan(tool.profiles.hu[0][-1])
    assert "Input: sharp" in tool.problem
    assert "outside" in tool.problem


def test_sections_that_are_not_denoised_are_a_gap_and_told(make_tool, slicer_scene):
    from support.comparison_exam import make_exam

    exam = make_exam(slicer_scene)
    exam.output.SetAttribute("CTDenoise.sections", "0-3")
    tool = make_tool()
    tool.show(exam.volumes, ())
    draw(tool)
    assert np.isnan(tool.profiles.hu[-1]).all()
    assert "no data yet" in tool.problem
    exam.output.SetAttribute("CTDenoise.sections", "0-11")
    tool.work(1.0)
    assert np.isfinite(tool.profiles.hu[-1]).all()
    assert tool.problem == ""


def test_a_volume_under_a_transform_that_bends_is_told(tool, line, volumes, slicer_scene):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode")
    volumes.smooth.SetAndObserveTransformNodeID(node.GetID())
    tool.work(1.0)
    assert "smooth" in tool.problem
    assert "harden" in tool.problem
    volumes.smooth.SetAndObserveTransformNodeID(None)
    tool.work(1.0)
    expect(tool, 0, 100, 200)


def test_without_volumes_there_is_no_profile_and_nothing_to_complain_about(make_tool):
    tool = make_tool()
    draw(tool)
    assert (tool.profiles, tool.problem, tool.chart_node, tool.table_node) == (None, "", None, None)


@pytest.mark.parametrize("when", ["measured", "moved", "begun"])
def test_a_line_that_is_deleted_takes_its_results_along(tool, line, slicer_scene, when):
    if when == "moved":
        line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    if when == "begun":
        line = tool.new_line()
        line.AddControlPointWorld(vtk.vtkVector3d(START))
    asked = []
    tool.changed.connect(lambda: asked.append(1))
    slicer_scene.scene.RemoveNode(line)
    tool.work(1.0)
    assert (tool.line, tool.profiles, tool.chart_node, tool.problem) == (None, None, None, "")
    assert cells(tool.table_node) == []
    draw(tool)
    expect(tool, 0, 100, 200)


@pytest.mark.parametrize("work_before", [True, False])
def test_a_volume_that_is_deleted_leaves_the_others(tool, line, volumes, slicer_scene, work_before):
    if not work_before:
        line.SetNthControlPointPositionWorld(1, *END)
    slicer_scene.scene.RemoveNode(volumes.smooth)
    tool.work(1.0)
    expect(tool, 0, 200)
    slicer_scene.scene.RemoveNode(volumes.input)
    slicer_scene.scene.RemoveNode(volumes.denoised)
    tool.work(1.0)
    assert (tool.profiles, tool.problem) == (None, "")


@pytest.mark.parametrize("stale", [True, False])
def test_after_the_scene_was_closed_a_new_one_can_be_measured(tool, line, layout, slicer_scene, stale):
    if stale:
        line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    slicer_scene.close()
    assert (tool.line, tool.profiles, tool.chart_node, tool.table_node) == (None, None, None, None)
    nodes = slicer_scene.scene.GetNumberOfNodes()
    tool.work(1.0)
    assert slicer_scene.scene.GetNumberOfNodes() == nodes, "Nothing is made where there is nothing to show."
    node = slicer_scene.add_volume(ramp(TO_RAS, 7), name="new", spacing=SPACING)
    tool.show(ComparisonVolumes(input=node), ())
    draw(tool)
    expect(tool, 7)


def test_chart_and_table_that_the_user_deleted_are_made_again(tool, line, slicer_scene):
    for node in (tool.chart_node, tool.table_node):
        slicer_scene.scene.RemoveNode(node)
    line.SetNthControlPointPositionWorld(1, *END)
    tool.work(1.0)
    assert len(curves(tool.chart_node)) == len(cells(tool.table_node)) == 3


def test_a_closed_tool_measures_no_more(tool, line, volumes):
    asked = []
    tool.changed.connect(lambda: asked.append(1))
    tool.close()
    line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    volumes.input.SetName("renamed")
    assert asked == []

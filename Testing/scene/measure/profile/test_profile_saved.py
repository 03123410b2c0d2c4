"""Profiles in saved scenes, and their record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from CTDenoiseScene.comparison import ComparisonVolumes
from support.profile_lines import (
    expect,
)


def test_line_settings_chart_and_table_are_found_again_in_a_saved_scene(tool, line, layout, slicer_scene, tmp_path):
    line.SetName("edge of the cyst")
    tool.settings = replace(tool.settings, width_mm=3.0, interpolation="cubic", step_mm=0.25)
    tool.work(1.0)
    layout.show_chart(tool.chart_node)
    layout.show_table(tool.table_node)
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    assert tool.line.GetName() == "edge of the cyst"
    assert (tool.settings.width_mm, tool.settings.interpolation, tool.settings.step_mm) == (3.0, "cubic", 0.25)
    charts = slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLPlotChartNode")
    tables = slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLTableNode")

    sharp, smooth, output = map(slicer_scene.scene.GetFirstNodeByName, ("sharp", "smooth", "output"))
    tool.show(ComparisonVolumes(input=sharp, smooth=smooth, denoised=output), layout.slice_nodes())
    tool.work(1.0)
    expect(tool, 0, 100, 200)
    assert tool.profiles.settings.plane_normal == pytest.approx((0, 0, 1))
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLPlotChartNode") == charts
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLTableNode") == tables
    assert layout.plot_view_node.GetPlotChartNode() is tool.chart_node
    assert layout.table_view_node.GetTableNode() is tool.table_node

    tool.line.SetNthControlPointPositionWorld(1, -12, -15, 12)
    tool.work(1.0)
    expect(tool, 0, 100, 200, end=(-12, -15, 12))


def test_a_tool_that_comes_later_goes_on_with_the_line_as_after_reloading_the_module(tool, line, make_tool, volumes):
    tool.settings = replace(tool.settings, width_mm=3.0)
    tool.close()
    later = make_tool()
    assert later.line is line
    assert later.settings.width_mm == 3.0
    later.show(volumes, ())
    later.work(1.0)
    expect(later, 0, 100, 200)


@pytest.mark.parametrize("kept", ["{", "[1]", '{"width": 3}', '{"interpolation": "quintic"}'])
def test_settings_that_are_not_known_here_become_the_usual_ones(tool, line, make_tool, kept):
    tool.close()
    line.SetAttribute("CTDenoise.profile", kept)
    later = make_tool()
    assert later.line is line
    assert (later.settings.width_mm, later.settings.interpolation) == (0.0, "linear")


def test_a_scene_that_is_added_does_not_take_the_line_away(tool, line, slicer_scene, tmp_path):
    slicer_scene.save(tmp_path / "scene.mrb")
    assert slicer_scene.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))
    assert tool.line is line
    tool.work(1.0)
    expect(tool, 0, 100, 200)


def test_the_record_says_what_was_measured_and_how(tool, line):
    tool.settings = replace(tool.settings, width_mm=2.0)
    tool.work(1.0)
    record = tool.record()
    assert [image.name for image in record.images] == list(tool.profiles.names)
    features, values = record.tables
    assert len(features.rows) == 3
    assert [row[0] for row in values.rows] == tool.profiles.distance_mm.tolist()
    assert record.settings["line"] == "Profile"
    assert record.settings["width in mm"] == 2.0
    assert record.json()


def test_without_a_profile_the_record_is_empty(tool):
    assert tool.record().tables == ()

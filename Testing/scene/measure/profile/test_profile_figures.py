"""What the profile of a line says, and where it is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import vtk

from CTDenoiseScene.comparison import ComparisonVolumes
from support.profile_lines import (
    END,
    RISE,
    SHIFT,
    START,
    TO_RAS,
    cells,
    curves,
    draw,
    expect,
    ramp,
    rotation,
    transform_of,
)
from support.view_mouse import mouse_over
from support.view_user import scroll, turn


def test_a_line_is_measured_in_each_volume_the_input_first(tool, line):
    assert tool.profiles.names == ("Input: sharp", "Smooth: smooth", "Denoised: output")
    expect(tool, 0, 100, 200)
    assert tool.profiles.distance_mm[-1] == pytest.approx(np.linalg.norm(np.subtract(START, END)))
    assert tool.problem == ""


def test_the_chart_has_a_curve_with_a_legend_for_each_volume(tool, line):
    for (name, values), hu in zip(curves(tool.chart_node).items(), tool.profiles.hu, strict=True):
        assert name in tool.profiles.names
        np.testing.assert_array_equal(values, hu)
    chart = tool.chart_node
    assert (chart.GetXAxisTitle(), chart.GetYAxisTitle()) == ("distance / mm", "HU")
    assert chart.GetTitle() == "Profile, 22.4 mm"
    assert chart.GetLegendVisibility()


def test_a_curve_is_measured_along_its_length(tool):
    curve = tool.new_curve()
    middle = (-20.0, -30.0, 12.0)
    for point in (START, middle, END):
        curve.AddControlPointWorld(vtk.vtkVector3d(point))
    tool.work(1.0)
    np.testing.assert_allclose(tool.profiles.points @ RISE, tool.profiles.hu[0], atol=1e-3)
    assert tool.profiles.distance_mm[-1] == pytest.approx(curve.GetCurveLengthWorld(), rel=1e-3)
    assert tool.profiles.distance_mm[-1] > np.linalg.norm(np.subtract(START, END))


def test_a_table_has_the_features_of_each_volume(make_tool, slicer_scene):
    """Slabs of 6 mm, blurred by Gaussians: an edge has 2.563 σ from 10 to 90 %, and a slope of height / (√(2π) σ)."""
    from scipy.special import erf

    x = np.arange(96) * 0.25 - 12
    nodes = {}
    for name, sigma in (("input", 0.6), ("denoised", 1.0)):
        slab = 500 * (erf((x + 3) / sigma / np.sqrt(2)) - erf((x - 3) / sigma / np.sqrt(2)))
        voxels = np.broadcast_to(slab, (3, 20, 96)).astype(np.float32)
        nodes[name] = slicer_scene.add_volume(voxels, name=name, spacing=(1.0, 1.0, 0.25))
    tool = make_tool()
    tool.show(ComparisonVolumes(**nodes), ())
    draw(tool, (0.0, -10.0, 1.0), (-23.75, -10.0, 1.0))
    titles = [tool.table_node.GetColumnName(index) for index in range(5)]
    assert titles == ["Volume", "FWHM [mm]", "10–90 % [mm]", "Slope [HU/mm]", "Peak contrast [HU]"]
    for row, sigma in zip(cells(tool.table_node), (0.6, 1.0), strict=True):
        fwhm, edge, slope, contrast = (float(text.split(" ± ")[0]) for text in row[1:])
        # Linear interpolation between voxels of 0.25 mm blurs a little.
        assert fwhm == pytest.approx(6, rel=0.01)
        assert edge == pytest.approx(2.563 * sigma, rel=0.03)
        assert slope == pytest.approx(1000 / sigma / np.sqrt(2 * np.pi), rel=0.03)
        assert contrast == pytest.approx(1000 * erf(3 / sigma / np.sqrt(2)), rel=0.01)
    assert [row[0] for row in cells(tool.table_node)] == ["Input: input", "Denoised: denoised"]


def test_what_cannot_be_measured_is_said_in_its_place(tool, line):
    texts = {text for row in cells(tool.table_node) for text in row[1:]}
    assert len(texts) == 1, "A ramp has neither an edge nor a peak."
    assert not texts & {"", "nan"}
    assert not any(character.isdigit() for text in texts for character in text)


@pytest.mark.parametrize("moved", ["line", "volumes"])
def test_transforms_above_line_and_volumes_are_followed(tool, line, volumes, slicer_scene, moved):
    outer = transform_of(slicer_scene, rotation(20, "S"))
    inner = transform_of(slicer_scene, SHIFT)
    inner.SetAndObserveTransformNodeID(outer.GetID())
    moved_nodes = [line] if moved == "line" else [volumes.input, volumes.smooth, volumes.denoised]
    for node in moved_nodes:
        node.SetAndObserveTransformNodeID(inner.GetID())
    tool.work(1.0)
    to_world = rotation(20, "S") @ SHIFT
    to_world = to_world if moved == "line" else np.linalg.inv(to_world)
    ends = [(to_world @ (*point, 1.0))[:3] for point in (START, END)]
    expect(tool, 0, 100, 200, start=ends[0], end=ends[1])
    matrix = vtk.vtkMatrix4x4()
    outer.SetMatrixTransformToParent(matrix)
    inner.SetMatrixTransformToParent(matrix)
    tool.work(1.0)
    expect(tool, 0, 100, 200)


def test_a_volume_that_lies_oblique_is_measured_in_the_world(make_tool, slicer_scene):
    oblique = rotation(25, "R") @ rotation(-15, "A") @ TO_RAS
    node = slicer_scene.add_volume(ramp(oblique), ijk_to_ras=oblique)
    centre, half = (oblique @ (24, 20, 6, 1))[:3], np.array([5, 3, 2])
    start, end = centre - half, centre + half
    tool = make_tool()
    tool.show(ComparisonVolumes(input=node), ())
    draw(tool, start, end)
    expect(tool, 0, start=start, end=end)


def test_a_width_lies_in_the_plane_of_the_view_in_which_the_line_was_drawn(tool, layout, slicer_scene):
    view = layout.slice_nodes()[0]
    turn(slicer_scene, view.GetLayoutName(), "Coronal")
    scroll(slicer_scene, view.GetLayoutName(), -20.0)
    tool.settings = replace(tool.settings, width_mm=4.0)
    tool.new_line()
    with mouse_over(slicer_scene, view) as mouse:
        mouse.click((-30, -20, 12))
        mouse.click((-10, -20, 12))
    tool.work(1.0)
    assert np.abs(tool.profiles.settings.plane_normal) == pytest.approx([0, 1, 0])
    scroll(slicer_scene, view.GetLayoutName(), -5.0)
    turn(slicer_scene, view.GetLayoutName(), "Axial")
    tool.settings = replace(tool.settings, width_mm=6.0)
    tool.work(1.0)
    assert np.abs(tool.profiles.settings.plane_normal) == pytest.approx([0, 1, 0]), "It stays when views move."


def test_the_plane_of_the_width_is_oblique_in_an_oblique_view(tool, layout, slicer_scene):
    view = layout.slice_nodes()[0]
    to_ras = view.GetSliceToRAS()
    turned = rotation(30, "R")[:3, :3]
    for row in range(3):
        for column in range(3):
            to_ras.SetElement(row, column, turned[row, column])
        to_ras.SetElement(row, 3, (-20.0, -20.0, 12.0)[row])
    view.UpdateMatrices()
    draw(tool, np.array([-20, -20, 12]) - 5 * turned[:, 1], np.array([-20, -20, 12]) + 5 * turned[:, 1])
    assert tool.profiles.settings.plane_normal == pytest.approx(turned[:, 2], abs=1e-5)


def test_the_plane_of_the_width_turns_with_the_line(tool, line, slicer_scene):
    assert tool.profiles.settings.plane_normal == pytest.approx((0, 0, 1))
    line.SetAndObserveTransformNodeID(transform_of(slicer_scene, rotation(30, "R")).GetID())
    tool.work(1.0)
    assert tool.profiles.settings.plane_normal == pytest.approx(rotation(30, "R")[:3, 2], abs=1e-5)

"""The profile of a line in the scene. Volumes hold HU that are linear in the world, so that each profile is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import slicer
import vtk
from slicer.util import arrayFromVolume, arrayFromVolumeModified
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.comparison import Comparison, ComparisonVolumes
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.measured_volumes import MeasuredVolumes
from CTDenoiseScene.place_markups import stop_placing
from CTDenoiseScene.profile_tool import ProfileTool
from support.view_mouse import mouse_over
from support.view_user import scroll, turn

START, END = (-30.0, -25.0, 12.0), (-10.0, -15.0, 12.0)
RISE = np.array([3.0, -2.0, 5.0])  # HU for each mm along R, A, S
SHAPE = (12, 40, 48)
SPACING = (2.0, 1.0, 1.0)  # (z, y, x) in mm
SHIFT = np.array([[1, 0, 0, 1.5], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
TO_RAS = np.diag([-1.0, -1.0, 2.0, 1.0])  # of an axial volume, from (i, j, k)


def rotation(degrees, axis):
    """Matrix (4, 4) about R, A or S."""
    matrix = vtk.vtkTransform()
    matrix.RotateWXYZ(degrees, *np.eye(3)["RAS".index(axis)])
    return np.array([[matrix.GetMatrix().GetElement(row, column) for column in range(4)] for row in range(4)])


def ramp(ijk_to_world, offset=0.0):
    """Voxels whose HU are linear in the world."""
    k, j, i = np.indices(SHAPE)
    world = np.stack([i, j, k, np.ones_like(i)], axis=-1) @ ijk_to_world.T
    return (world[..., :3] @ RISE + offset).astype(np.float32)


def along(start=START, end=END, offset=0.0, *, count):
    """The profile of a ramp."""
    return np.linspace(np.dot(start, RISE), np.dot(end, RISE), count) + offset


@pytest.fixture
def volumes(slicer_scene):
    """Three ramps, 100 HU apart."""
    added = [
        slicer_scene.add_volume(ramp(TO_RAS, 100.0 * number), name=name, spacing=SPACING)
        for number, name in enumerate(("sharp", "smooth", "output"))
    ]
    return ComparisonVolumes(input=added[0], smooth=added[1], denoised=added[2])


@pytest.fixture
def layout(slicer_scene, volumes):
    """All three are on screen."""
    shown = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    shown.show(Comparison.SMOOTH_SHARP_DENOISED, volumes, plot=True)
    yield shown
    shown.close()


@pytest.fixture
def make_tool(slicer_scene):
    made = []

    def make():
        made.append(ProfileTool(slicer_scene.scene, MeasuredVolumes()))
        return made[-1]

    yield make
    for tool in made:
        tool.close()


@pytest.fixture
def tool(make_tool, layout, volumes):
    tool = make_tool()
    tool.show(volumes, layout.slice_nodes())
    tool.work(1.0)
    return tool


@pytest.fixture
def line(tool):
    """Drawn by a script, and measured."""
    return draw(tool)


def draw(tool, start=START, end=END):
    line = tool.new_line()
    for point in (start, end):
        line.AddControlPointWorld(vtk.vtkVector3d(point))
    stop_placing(line)
    tool.work(1.0)
    return line


def transform_of(slicer_scene, matrix):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(np.asarray(matrix, dtype=float).reshape(-1))
    node.SetMatrixTransformToParent(elements)
    return node


def curves(chart_node):
    """Values by the names in the legend."""
    found = {}
    for index in range(chart_node.GetNumberOfPlotSeriesNodes()):
        series = chart_node.GetNthPlotSeriesNode(index)
        column = series.GetTableNode().GetTable().GetColumnByName(series.GetYColumnName())
        found[series.GetName()] = vtk_to_numpy(column).copy()
    return found


def cells(table_node):
    """Texts of the table, row by row."""
    table = table_node.GetTable()
    columns = range(table.GetNumberOfColumns())
    return [[table.GetValue(row, column).ToString() for column in columns] for row in range(table.GetNumberOfRows())]


def expect(tool, *offsets, start=START, end=END):
    """Each volume has the profile of its ramp."""
    count = len(tool.profiles.distance_mm)
    assert len(tool.profiles.hu) == len(offsets)
    for hu, offset in zip(tool.profiles.hu, offsets, strict=True):
        np.testing.assert_allclose(hu, along(start, end, offset, count=count), atol=1e-3)  # float32 voxels


# What is measured


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


# Where it is measured


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


# Live


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


# What can go wrong


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


# Nodes that go


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


# Saved scenes


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


# The record


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

"""ROIs in scenes that are saved, opened, closed and added to others."""

from __future__ import annotations

import pytest
import vtk

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.roi_charts import RoiChart
from CTDenoiseScene.roi_nodes import find_rois, mark, place_box
from CTDenoiseScene.roi_shapes import RoiShape, roi_shape
from support.roi_bench import MIDDLE, RoiBench, at, rotation
from support.slicer_scene import new_slicer_scene

SHAPES = [RoiShape.BOX, RoiShape.ELLIPSOID, RoiShape.CYLINDER]


@pytest.fixture
def rois(bench):
    """One of each shape, under a transform, the second one the background and selected."""
    nodes = [bench.tool.add_at(at(8 * place, 0), (9, 9, 6), shape) for place, shape in enumerate(SHAPES)]
    curve = bench.tool.new(RoiShape.CLOSED_CURVE)
    for corner in ((-20, -9), (-9, -9), (-9, 9)):
        curve.AddControlPointWorld(vtk.vtkVector3d(*(at(*corner))))
    for node in (*nodes, curve):
        bench.put_under_transform(node, rotation(0))
    bench.tool.background = nodes[1]
    bench.tool.selected = [nodes[1]]
    bench.tool.chart_kind = RoiChart.HISTOGRAM
    bench.work()
    return [*nodes, curve]


def outlines(parts):
    return [node for node in parts.scene.GetNodesByClass("vtkMRMLModelNode") if node.GetName() == "ROI outline"]


def reopen(bench, path):
    """Save the scene, and open it again with its volumes shown."""
    bench.parts.save(path / "scene.mrb")
    bench.parts.open(path / "scene.mrb")
    volumes = {node.GetName(): node for node in bench.parts.scene.GetNodesByClass("vtkMRMLScalarVolumeNode")}
    bench.volumes = ComparisonVolumes(**volumes)
    bench.tool.show(bench.volumes, ())


def test_everything_goes_on_in_a_scene_that_is_opened(bench, rois, tmp_path):
    rows, names = bench.table, [node.GetName() for node in rois]
    title = bench.tool.histogram_chart_node.GetTitle()
    reopen(bench, tmp_path)
    assert [node.GetName() for node in bench.tool.regions] == names
    assert [roi_shape(node) for node in bench.tool.regions] == [*SHAPES, RoiShape.CLOSED_CURVE]
    assert bench.tool.background.GetName() == names[1]
    assert [node.GetName() for node in bench.tool.selected] == [names[1]]
    assert bench.table == rows
    assert bench.tool.histogram_chart_node.GetTitle() == title


def test_an_opened_scene_has_each_table_chart_and_outline_once(bench, rois, tmp_path):
    classes = ("vtkMRMLTableNode", "vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode", "vtkMRMLModelNode")
    counts = {name: bench.parts.scene.GetNumberOfNodesByClass(name) for name in classes}
    for _ in range(2):
        reopen(bench, tmp_path)
        bench.work()
        assert {name: bench.parts.scene.GetNumberOfNodesByClass(name) for name in classes} == counts
        assert len(outlines(bench.parts)) == 2


def test_a_program_that_loads_the_module_later_goes_on_too(bench, rois, tmp_path):
    rows = bench.table
    bench.tool.close()
    assert not outlines(bench.parts)
    bench.tool = bench.new_tool()
    assert len(outlines(bench.parts)) == 2
    assert bench.table == rows


def test_a_closed_scene_has_no_rois_and_takes_new_ones(bench, rois):
    bench.parts.close()
    assert bench.tool.regions == ()
    assert bench.tool.background is None
    assert bench.tool.problems == ()
    assert not outlines(bench.parts)
    bench.work()
    fresh = RoiBench(bench.parts)
    bench.volumes = fresh.volumes
    fresh.tool.close()
    bench.tool.show(fresh.volumes, ())
    bench.tool.add_at(MIDDLE, (9, 9, 6), RoiShape.ELLIPSOID)
    assert [row[0] for row in bench.table] == ["ROI 1"]
    assert len(outlines(bench.parts)) == 1


def test_no_outline_is_added_to_a_scene_that_closes(bench, rois):
    added = []

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def note(_scene, _event, node):
        added.append(node.GetName())

    bench.parts.scene.AddObserver(bench.parts.scene.NodeAddedEvent, note)
    bench.parts.close()
    assert "ROI outline" not in added


def test_a_scene_that_is_added_brings_its_rois(bench, rois, tmp_path):
    bench.parts.save(tmp_path / "scene.mrb")
    bench.parts.close()
    fresh = RoiBench(bench.parts)
    fresh.tool.close()
    bench.volumes = fresh.volumes
    bench.tool.show(fresh.volumes, ())
    mine = bench.tool.add_at(MIDDLE, (5, 5, 5))
    mine.SetName("Mine")
    bench.work()
    assert bench.parts.scene.ReadFromMRB(str(tmp_path / "scene.mrb"), False)
    assert [row[0] for row in bench.table] == ["Mine", "ROI 1", "ROI 2", "ROI 3", "ROI 4"]
    assert len(outlines(bench.parts)) == 2


def test_rois_that_a_script_adds_in_a_batch_are_found(bench):
    scene = bench.parts.scene
    scene.StartState(scene.BatchProcessState)
    node = scene.AddNewNodeByClass(
        "vtkMRMLMarkupsROINode",
        "By a script",
    )
    mark(node)
    place_box(node, MIDDLE, (9, 9, 6))
    scene.EndState(scene.BatchProcessState)
    assert [row[0] for row in bench.table] == ["By a script"]


def test_a_deleted_roi_takes_its_row_and_its_outline_along(bench, rois):
    bench.parts.scene.RemoveNode(rois[1])
    assert len(outlines(bench.parts)) == 1
    assert [row[0] for row in bench.table] == ["ROI 1", "ROI 3", "ROI 4"]
    for node in (rois[0], rois[2], rois[3]):
        bench.parts.scene.RemoveNode(node)
    assert bench.table == []
    assert not outlines(bench.parts)


def test_a_deleted_table_comes_back(bench, rois):
    bench.parts.scene.RemoveNode(bench.tool.table_node)
    assert bench.tool.table_node is None
    rois[0].SetCenter(*(at(1, 0)))
    assert len(bench.table) == 4


def test_a_roi_that_is_hidden_is_measured_all_the_same(bench, rois):
    rows = bench.table
    for node in rois:
        node.SetDisplayVisibility(False)
    assert bench.table == rows
    assert not any(model.GetDisplayNode().GetVisibility() for model in outlines(bench.parts))


def test_rois_of_two_scenes_keep_apart(bench, rois):
    with new_slicer_scene() as parts:
        assert find_rois(parts.scene) == ()
    assert len(find_rois(bench.parts.scene)) == 4

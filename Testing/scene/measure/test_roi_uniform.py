from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.comparison import Comparison
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.roi_shapes import RoiShape, shape_of
from CTDenoiseScene.voxels import voxels_of
from support.comparison_exam import PROVENANCE
from support.roi_bench import NOISE, RoiBench
from support.view_user import scroll


@pytest.fixture
def bench(slicer_scene):
    made = RoiBench(slicer_scene)
    yield made
    made.tool.close()


def sections_of(bench, nodes):
    return {round(shape_of(node).centre[2] / 2) for node in nodes}


def test_rois_are_placed_in_uniform_material_and_read_its_noise(bench):
    placed = bench.tool.place_uniform(3)
    assert bench.tool.regions == placed
    assert len(placed) == 3
    for node in placed:
        assert bench.figure(node, "Input: SD [HU]") == pytest.approx(NOISE["input"], rel=0.15)
        assert bench.figure(node, "Denoised: noise reduction [%]") == pytest.approx(75, abs=5)


def test_placed_rois_are_ordinary_ones_without_handles(bench):
    (node, *_) = bench.tool.place_uniform(2)
    assert node.GetName() == "ROI 1"
    assert not node.GetDisplayNode().GetHandlesInteractive()


def test_they_are_placed_where_the_user_looks(slicer_scene, bench):
    layout = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, bench.volumes)
    scroll(slicer_scene, layout.slice_nodes()[0].GetLayoutName(), 10.0)
    bench.tool.show(bench.volumes, layout.slice_nodes())
    assert sections_of(bench, bench.tool.place_uniform(2)) == {5}
    layout.close()


def test_where_nothing_on_screen_is_uniform_they_are_placed_elsewhere(slicer_scene, bench):
    rows, columns = np.indices((64, 64))
    voxels_of(bench.volumes.input)[4:7] = 400 * ((rows // 6 + columns // 6) % 2)
    layout = ComparisonLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, bench.volumes)
    scroll(slicer_scene, layout.slice_nodes()[0].GetLayoutName(), 10.0)
    bench.tool.show(bench.volumes, layout.slice_nodes())
    placed = bench.tool.place_uniform(2)
    assert placed
    assert 5 not in sections_of(bench, placed)
    layout.close()


def test_they_are_placed_where_there_are_denoised_sections(bench):
    PROVENANCE.store(bench.volumes.denoised)
    for name, value in (("strength", "1"), ("sections", "12-13")):
        bench.volumes.denoised.SetAttribute(f"CTDenoise.{name}", value)
    assert sections_of(bench, bench.tool.place_uniform(3)) <= {12, 13}


def test_a_place_is_taken_once(bench):
    first = bench.tool.place_uniform(3)
    assert bench.tool.place_uniform(3) == ()
    assert bench.tool.regions == first


def test_an_image_without_uniform_places_is_said_to_have_none(bench):
    voxels_of(bench.volumes.input)[:] = -1000
    told = bench.told
    assert bench.tool.place_uniform(3) == ()
    assert bench.told > told
    bench.work()
    assert any("uniform" in sentence for sentence in bench.tool.problems)
    bench.tool.new(RoiShape.BOX)
    assert bench.tool.problems == ()


def test_without_volumes_nothing_is_placed(slicer_scene, bench):
    slicer_scene.close()
    assert bench.tool.place_uniform(3) == ()

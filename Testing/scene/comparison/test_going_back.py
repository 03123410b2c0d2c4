from __future__ import annotations

import pytest

from CTDenoiseScene.comparison import Comparison, ComparisonVolumes, Role
from CTDenoiseScene.window_level import PRESETS
from support.comparison_exam import labels, make_exam, shown
from support.slice_views import render_layout
from support.view_user import pick_volume, scroll

CUSTOM_LAYOUT = 6  # one red view


def test_leaving_gives_back_layout_windows_and_views(layout, exam, slicer_scene):
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    pick_volume(slicer_scene, "Red", exam.smooth)
    red = slicer_scene.slice_logic("Red").GetSliceCompositeNode()
    exam.smooth.GetDisplayNode().SetWindowLevel(1500, -600)
    for comparison in Comparison:
        layout.show(comparison, exam.volumes)
    layout.window_level.set(PRESETS["Spine / bone"])
    layout.leave()
    assert layout.active is None
    assert layout.slice_nodes() == ()
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT
    assert (exam.smooth.GetDisplayNode().GetWindow(), exam.smooth.GetDisplayNode().GetLevel()) == (1500, -600)
    assert (exam.sharp.GetDisplayNode().GetWindow(), exam.sharp.GetDisplayNode().GetLevel()) == (400, 40)
    assert (red.GetBackgroundVolumeID(), red.GetLinkedControl()) == (exam.smooth.GetID(), 0)


def test_leaving_twice_or_without_having_come_changes_nothing(layout, exam, slicer_scene):
    layout.leave()
    before = slicer_scene.layout_node.GetViewArrangement()
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.leave()
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    layout.leave()
    assert before != CUSTOM_LAYOUT
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT


def test_a_layout_the_user_picks_in_slicer_ends_the_comparison_and_stays(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    layout.window_level.set(PRESETS["Lung"])
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    assert layout.active is None
    assert exam.sharp.GetDisplayNode().GetLevel() == 40
    layout.leave()
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT


def test_closing_the_scene_gives_back_the_layout(layout, exam, slicer_scene):
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    seen = []
    layout.changed.connect(lambda: seen.append(layout.active))
    slicer_scene.close()
    assert seen == [None]
    assert layout.active is None
    assert layout.volumes == ComparisonVolumes()
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT
    again = make_exam(slicer_scene)
    layout.show(Comparison.TWO_BY_TWO, again.volumes)
    assert shown(layout, slicer_scene) == ["smooth", "sharp", "output", "noise"]


@pytest.mark.parametrize("name", ["smooth", "sharp", "output", "noise"])
def test_a_volume_deleted_while_shown_leaves_an_empty_view(layout, exam, slicer_scene, name):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.in_place.share = 0.5
    slicer_scene.scene.RemoveNode(getattr(exam, name))
    remaining = [other if other != name else None for other in ("smooth", "sharp", "output", "noise")]
    assert shown(layout, slicer_scene) == remaining
    assert labels(layout)[remaining.index(None)].startswith("No")
    assert render_layout(slicer_scene, size=(400, 300)).shape == (300, 400, 3)
    scroll(slicer_scene, layout.slice_nodes()[0].GetLayoutName(), 6.0)
    assert {node.GetSliceOffset() for node in layout.slice_nodes()} == {6.0}


def test_each_change_is_announced(layout, exam, slicer_scene):
    seen = []
    layout.changed.connect(lambda: seen.append(layout.active))
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    slicer_scene.scene.RemoveNode(exam.smooth)
    layout.leave()
    assert seen == [Comparison.TWO_BY_TWO, Comparison.TWO_BY_TWO, None]


def test_after_closing_the_layout_node_is_on_its_own(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.close()
    seen = []
    layout.changed.connect(lambda: seen.append(layout.active))
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    slicer_scene.close()
    assert seen == []


def test_a_comparison_goes_on_in_a_scene_that_was_saved_with_it(layout, exam, slicer_scene, tmp_path, make_layout):
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.window_level.set(PRESETS["Lung"])
    scroll(slicer_scene, Role.SHARP.tag, 8.0)
    slicer_scene.save(tmp_path / "scene.mrb")
    layout.close()

    slicer_scene.layout_node.SetViewArrangement(3)
    later = make_layout(exam)
    slicer_scene.open(tmp_path / "scene.mrb")
    assert later.active is Comparison.TWO_BY_TWO
    assert shown(later, slicer_scene) == ["smooth", "sharp", "output", "noise"]
    assert {node.GetSliceOffset() for node in later.slice_nodes()} == {8.0}
    pick_volume(slicer_scene, Role.DENOISED.tag, later.volumes.smooth)
    assert shown(later, slicer_scene) == ["smooth", "sharp", "smooth", "noise"], "Links are as before."
    later.close()
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT
    assert slicer_scene.scene.GetFirstNodeByName("sharp").GetDisplayNode().GetLevel() == 40


def test_a_comparison_can_be_taken_over_as_after_reloading_the_module(layout, exam, slicer_scene, make_layout):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    scroll(slicer_scene, Role.SHARP.tag, 8.0)
    other = make_layout(exam)
    assert other.active is Comparison.TWO_BY_TWO
    assert other.volumes == ComparisonVolumes(
        input=exam.sharp, smooth=exam.smooth, sharp=exam.sharp, denoised=exam.output, noise=exam.noise
    )
    assert {node.GetSliceOffset() for node in other.slice_nodes()} == {8.0}
    other.close()


def test_a_scene_with_another_layout_ends_the_comparison(layout, exam, slicer_scene, tmp_path):
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.layout_node.SetViewArrangement(3)
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    slicer_scene.scene.ReadFromMRB(str(tmp_path / "scene.mrb"))  # adds to what is there
    assert layout.active is None
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT
    assert exam.sharp.GetDisplayNode().GetLevel() == 40

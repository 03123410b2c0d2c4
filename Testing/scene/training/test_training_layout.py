"""The layout of a training: which views show what, and that the user's layout comes back."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.comparison_layout import Comparison, ComparisonLayout, ComparisonVolumes
from CTDenoiseScene.linked_views import composite_of
from CTDenoiseScene.scene_nodes import nodes_of
from CTDenoiseScene.voxels import voxels_of
from CTDenoiseTrainScene.training_layout import Stage, TrainingLayout
from support.slice_views import fit_views
from support.slicer_scene import FOUR_UP
from support.training_news import NOISE_HU, data_seen, epoch, preview, step, trained


@pytest.fixture
def layout(slicer_scene):
    shown = TrainingLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    yield shown
    shown.close()


@pytest.fixture
def training(training_scene, layout):
    """A session that has looked at its data and now trains, followed by the layout."""
    session = training_scene.session()
    layout.follow(session)
    session.look(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    training_scene.trainer.say(data_seen(session.folder / "look", origin=(3.0, 4.0, 5.0)))
    session.start(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    return session


def labels(layout):
    return [node.GetLayoutLabel() for node in layout.slice_nodes()]


def volumes(layout, parts):
    """What the views show: input, now, target, difference."""
    ids = [composite_of(node).GetBackgroundVolumeID() for node in layout.slice_nodes()]
    return [None if node_id is None else parts.scene.GetNodeByID(node_id) for node_id in ids]


def hidden_volumes(parts):
    return [node for node in nodes_of(parts.scene, "vtkMRMLScalarVolumeNode") if node.GetHideFromEditors()]


def test_before_training_the_views_show_images_and_their_noise_in_place(training, layout, slicer_scene):
    layout.show(Stage.IMAGES)
    given, now, target, noise = volumes(layout, slicer_scene)
    assert labels(layout) == ["Input", "Not trained yet", "Target", "Noise ±100 HU"]
    assert now is None
    # The sum of two float32 values near 1000 is rounded to 2⁻¹⁴.
    np.testing.assert_allclose(voxels_of(given) - voxels_of(noise), voxels_of(target), rtol=0, atol=2**-13)
    assert given.GetSpacing() == (0.5, 0.5, 1.0)
    assert given.GetOrigin() == (-3.0, -4.0, 5.0)


def test_patches_are_a_stage_of_their_own(training, layout, slicer_scene):
    layout.show(Stage.PATCHES)
    assert labels(layout) == ["Input patches", "Not trained yet", "Target patches", "Noise ±100 HU"]
    assert [voxels_of(node).shape for node in volumes(layout, slicer_scene) if node] == [(12, 16, 16)] * 3
    layout.show(Stage.IMAGES)
    assert [voxels_of(node).shape for node in volumes(layout, slicer_scene) if node] == [(6, 48, 40)] * 3


def test_the_first_preview_takes_over_and_the_next_ones_change_the_same_nodes(training, training_scene, layout):
    parts = training_scene.parts
    layout.show()
    assert layout.stage is Stage.IMAGES
    training_scene.trainer.say(preview(training.folder / "preview", epoch_number=0, left=1.0))
    assert layout.stage is Stage.NETWORK
    assert labels(layout) == ["Input", "Before training", "Target", "Difference ±100 HU"]
    first = volumes(layout, parts)
    training_scene.trainer.say(preview(training.folder / "preview", epoch_number=7, left=0.25))
    assert volumes(layout, parts) == first
    assert labels(layout)[1] == "After epoch 7"
    given, now, target, difference = map(voxels_of, first)
    np.testing.assert_allclose(now - target, (given - target) / 4, atol=1e-3)
    np.testing.assert_array_equal(difference, given - now)


def test_a_stage_that_the_user_chose_stays_while_previews_arrive(training, training_scene, layout):
    training_scene.trainer.say(preview(training.folder / "preview"))
    layout.show(Stage.PATCHES)
    training_scene.trainer.say(preview(training.folder / "preview", epoch_number=2))
    assert labels(layout)[0] == "Input patches"
    assert layout.stages == (Stage.IMAGES, Stage.PATCHES, Stage.NETWORK)


def test_where_the_target_is_not_known_the_view_says_so(training, training_scene, layout):
    layout.show()
    training_scene.trainer.say(preview(training.folder / "preview", target=False))
    assert labels(layout)[2] == "Target not known"
    assert volumes(layout, training_scene.parts)[2] is None


def test_the_views_move_together_and_stay_where_they_are_when_a_preview_arrives(training, training_scene, layout):
    parts = training_scene.parts
    layout.show()
    training_scene.trainer.say(preview(training.folder / "preview"))
    fit_views(parts)
    nodes = layout.slice_nodes()
    assert len({round(node.GetSliceOffset(), 3) for node in nodes}) == 1
    parts.slice_logic(nodes[0].GetLayoutName()).StartSliceNodeInteraction(1)
    for node in nodes:
        node.SetSliceOffset(2.0)
    training_scene.trainer.say(preview(training.folder / "preview", epoch_number=2))
    assert [node.GetSliceOffset() for node in nodes] == [2.0] * 4


def test_patches_of_another_size_are_shown_whole(training_scene, layout):
    parts, session = training_scene.parts, training_scene.session()
    layout.follow(session)
    layout.show()
    heights = []
    for side in (16, 8):
        session.look(training_scene.recipe, training_scene.cases)
        training_scene.prepare(session)
        training_scene.trainer.say(data_seen(session.folder / "look", side=side))
        layout.show(Stage.PATCHES)
        fit_views(parts)
        heights.append(layout.slice_nodes()[0].GetFieldOfView()[1])
    assert heights[1] == pytest.approx(heights[0] / 2, rel=0.05)


def test_images_share_the_window_of_the_volume_that_the_user_chose(training, training_scene, layout):
    training_scene.low.GetDisplayNode().SetWindowLevel(900, 350)
    layout.show(Stage.IMAGES)
    shown = [node.GetDisplayNode() for node in volumes(layout, training_scene.parts)[:3] if node is not None]
    assert [(node.GetWindow(), node.GetLevel()) for node in shown] == [(900, 350)] * 2
    shown[0].SetWindowLevel(500, 50)
    assert (shown[1].GetWindow(), shown[1].GetLevel()) == (500, 50)


def test_the_difference_is_as_wide_as_its_noise_until_the_user_chooses_another_width(training, training_scene, layout):
    layout.show()
    training_scene.trainer.say(preview(training.folder / "preview", left=1.0, target=False))
    training_scene.trainer.say(preview(training.folder / "preview", left=0.0, target=False))
    assert layout.difference.width_hu == pytest.approx(6 * NOISE_HU, rel=0.2)
    layout.difference.width_hu = 60.0
    training_scene.trainer.say(preview(training.folder / "preview", left=0.1, target=False))
    assert layout.difference.width_hu == 60.0
    assert labels(layout)[3] == "Difference ±30 HU"


def test_a_preview_that_is_being_replaced_leaves_what_is_shown(training, training_scene, layout):
    layout.show()
    news = preview(training.folder / "preview", left=0.5)
    training_scene.trainer.say(news)
    before = voxels_of(volumes(layout, training_scene.parts)[1]).copy()
    (training.folder / "preview" / "now.npy").write_bytes(b"half")
    training_scene.trainer.say(news)
    np.testing.assert_array_equal(voxels_of(volumes(layout, training_scene.parts)[1]), before)


def test_nothing_is_read_while_the_layout_is_not_shown(training, training_scene, layout, slicer_scene):
    training_scene.trainer.say(preview(training.folder / "preview"))
    assert hidden_volumes(slicer_scene) == []
    layout.show()
    assert len(hidden_volumes(slicer_scene)) == 4


def test_what_is_shown_is_in_no_selector_and_no_saved_scene(training, layout, slicer_scene, tmp_path):
    layout.show()
    for node in hidden_volumes(slicer_scene):
        assert not node.GetSaveWithScene()
        assert not node.GetDisplayNode().GetSaveWithScene()
    slicer_scene.save(tmp_path / "scene.mrb")
    layout.close()
    slicer_scene.open(tmp_path / "scene.mrb")
    assert hidden_volumes(slicer_scene) == []


def test_leaving_gives_the_layout_back_and_removes_the_volumes(training, layout, slicer_scene):
    slicer_scene.layout_node.SetViewArrangement(FOUR_UP)
    layout.show()
    assert layout.active
    layout.leave()
    assert not layout.active
    assert slicer_scene.layout_node.GetViewArrangement() == FOUR_UP
    assert hidden_volumes(slicer_scene) == []


def test_another_layout_that_the_user_picks_stays_and_picking_this_one_shows_it_again(training, layout, slicer_scene):
    layout.show()
    ours = slicer_scene.layout_node.GetViewArrangement()
    slicer_scene.layout_node.SetViewArrangement(FOUR_UP)
    assert not layout.active
    slicer_scene.layout_node.SetViewArrangement(ours)
    assert layout.active
    assert labels(layout)[0] == "Input"
    layout.leave()
    assert slicer_scene.layout_node.GetViewArrangement() == FOUR_UP


def test_from_a_comparison_and_back_the_users_layout_is_not_forgotten(training, training_scene, layout):
    parts = training_scene.parts
    comparison = ComparisonLayout(parts.scene, parts.application_logic, parts.layout_node)
    parts.layout_node.SetViewArrangement(FOUR_UP)
    volumes_shown = ComparisonVolumes(input=training_scene.low)
    comparison.show(Comparison.INPUT_OUTPUT_DIFFERENCE, volumes_shown)
    layout.show()
    assert comparison.active is None
    layout.leave()
    assert parts.layout_node.GetViewArrangement() == FOUR_UP
    layout.show()
    comparison.show(Comparison.INPUT_OUTPUT_DIFFERENCE, volumes_shown)
    assert not layout.active
    comparison.leave()
    assert layout.active
    layout.leave()
    assert parts.layout_node.GetViewArrangement() == FOUR_UP
    comparison.close()


def test_a_scene_saved_in_this_layout_opens_in_the_users_own(training, training_scene, layout, tmp_path):
    parts = training_scene.parts
    parts.layout_node.SetViewArrangement(FOUR_UP)
    layout.show()
    parts.save(tmp_path / "scene.mrb")
    layout.follow(None)
    layout.leave()
    parts.open(tmp_path / "scene.mrb")
    assert not layout.active
    assert parts.layout_node.GetViewArrangement() == FOUR_UP


def test_closing_the_scene_ends_it_and_it_can_be_shown_again(training, training_scene, layout):
    layout.show()
    training_scene.parts.close()
    assert not layout.active
    layout.show()
    training_scene.trainer.say(preview(training.folder / "preview"))
    assert all(volumes(layout, training_scene.parts))


def test_plot_and_table_follow_the_training(training, training_scene, layout):
    scene = training_scene.parts.scene
    layout.show()
    table_view = scene.GetSingletonNode("CTDenoiseTrainTable", "vtkMRMLTableViewNode")
    plot_view = scene.GetSingletonNode("CTDenoiseTrainPlot", "vtkMRMLPlotViewNode")
    assert table_view.GetTableNode().GetTable().GetValue(0, 0).ToString() == "Noise [HU]"
    assert plot_view.GetPlotChartNode() is None
    training_scene.trainer.say(epoch(0))
    training_scene.trainer.say(step())
    assert plot_view.GetPlotChartNode() is layout.figures.chart_node
    assert table_view.GetTableNode().GetTable().GetValue(0, 0).ToString() == "0 best"
    training_scene.trainer.say(trained())
    assert table_view.GetTableNode().GetTable().GetColumnName(2) == "After"


def test_following_a_session_late_shows_all_that_it_has(training, training_scene, layout):
    for news in (epoch(0), step(), epoch(1), preview(training.folder / "preview")):
        training_scene.trainer.say(news)
    late = TrainingLayout(
        training_scene.parts.scene, training_scene.parts.application_logic, training_scene.parts.layout_node
    )
    late.follow(training)
    late.show()
    assert late.stage is Stage.NETWORK
    assert late.figures.table_node.GetTable().GetNumberOfRows() == 2
    late.close()


def test_after_following_nothing_the_views_are_empty(training, training_scene, layout):
    layout.show()
    layout.follow(None)
    training_scene.trainer.say(preview(training.folder / "preview"))
    assert volumes(layout, training_scene.parts) == [None] * 4
    assert labels(layout) == ["Input", "Now", "Target", "Difference"]

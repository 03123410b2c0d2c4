from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.comparison import Comparison, ComparisonVolumes, Role
from CTDenoiseScene.window_level import WindowLevel
from support.comparison_exam import NOISE_STEP_HU, SECTION_STEP_HU, labels, shown
from support.slice_views import fit_views, panes, render_slice
from support.view_user import pan, scroll, turn, zoom

LABELS = {
    "smooth": "Br56 1 mm",
    "sharp": "Qr89 1 mm",
    "output": "Qr89 1 mm · hrcnn-small",
    "noise": "Difference ±100 HU",
}


@pytest.mark.parametrize(
    ("comparison", "names"),
    [
        (Comparison.INPUT_OUTPUT_DIFFERENCE, ["sharp", "output", "noise"]),
        (Comparison.SMOOTH_SHARP_DENOISED, ["smooth", "sharp", "output"]),
        (Comparison.TWO_BY_TWO, ["smooth", "sharp", "output", "noise"]),
    ],
)
def test_each_comparison_shows_its_volumes_and_names_them(layout, exam, slicer_scene, comparison, names):
    layout.show(comparison, exam.volumes)
    assert layout.active is comparison
    assert shown(layout, slicer_scene) == names
    assert labels(layout) == [LABELS[name] for name in names]


def test_the_views_have_the_same_size_and_an_own_row_for_plot_and_table_on_demand(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    assert len({pane.box[2:] for pane in panes(slicer_scene, (1002, 802))}) == 1
    assert layout.plot_view_node is layout.table_view_node is None
    layout.show(Comparison.TWO_BY_TWO, exam.volumes, plot=True)
    *views, plot, table = panes(slicer_scene, (1002, 802))
    assert (plot.node, table.node) == (layout.plot_view_node, layout.table_view_node)
    assert plot.box.top == table.box.top
    assert (plot.box.left, table.box.left + table.box.width) == (0, 1002)
    assert all(view.box.top + view.box.height <= plot.box.top for view in views)


def test_the_pictures_are_those_of_the_volumes(layout, exam, slicer_scene, grey_in):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.window_level.set(WindowLevel(400, 100))
    scroll(slicer_scene, Role.SHARP.tag, 10.0)  # section 5
    level = 5 * SECTION_STEP_HU
    for role, hu in ((Role.SMOOTH, level + 5), (Role.DENOISED, level)):
        expected = 255 * (hu - 100 + 200) / 400
        assert grey_in(role) == pytest.approx(expected, abs=1)


def test_a_view_shows_one_section_and_not_the_mean_of_two(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    offset = layout.slice_nodes()[0].GetSliceOffset()
    assert offset % 2.0 == pytest.approx(0.0), "Sections lie 2 mm apart, the first at 0."
    layout.fit()
    assert layout.slice_nodes()[0].GetSliceOffset() == offset


def test_a_missing_volume_leaves_an_empty_view_that_says_so(layout, exam, slicer_scene, grey_in):
    layout.show(Comparison.TWO_BY_TWO, ComparisonVolumes(input=exam.sharp))
    assert shown(layout, slicer_scene) == [None, "sharp", None, None]
    assert labels(layout) == ["No smooth series chosen", "Qr89 1 mm", "Not denoised yet", "No difference yet"]
    assert grey_in(Role.SMOOTH) == 0


def test_without_any_volume_there_are_only_empty_views(layout, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, ComparisonVolumes())
    assert labels(layout) == ["No input chosen", "Not denoised yet", "No difference yet"]
    assert not render_slice(slicer_scene, layout.slice_nodes()[0], (60, 50)).any()


def test_a_volume_without_an_image_leaves_an_empty_view(layout, exam, slicer_scene):
    empty = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, ComparisonVolumes(input=empty, denoised=exam.output))
    assert labels(layout)[0] == "empty"
    assert not render_slice(slicer_scene, layout.slice_nodes()[0], (60, 50)).any()
    assert render_slice(slicer_scene, layout.slice_nodes()[1], (60, 50)).any(), "The views lie over the other volume."


def test_a_sharp_series_other_than_the_input_is_shown_as_such(layout, exam, slicer_scene):
    other = slicer_scene.add_volume(np.zeros((12, 40, 48), np.int16), name="other", spacing=(2.0, 1.0, 1.0))
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, ComparisonVolumes(input=exam.smooth, smooth=exam.smooth, sharp=other))
    assert shown(layout, slicer_scene) == ["smooth", "other", None]


def test_the_input_that_is_smooth_does_not_pass_for_sharp(layout, exam, slicer_scene):
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, ComparisonVolumes(input=exam.smooth, smooth=exam.smooth))
    assert shown(layout, slicer_scene) == ["smooth", None, None]


def test_a_volume_that_arrives_later_is_shown_at_the_same_place(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, ComparisonVolumes(input=exam.sharp))
    zoom(slicer_scene, Role.INPUT.tag, 2.0)
    scroll(slicer_scene, Role.INPUT.tag, 16.0)
    before = list(layout.slice_nodes()[0].GetFieldOfView())
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    assert shown(layout, slicer_scene) == ["sharp", "output", "noise"]
    assert [node.GetSliceOffset() for node in layout.slice_nodes()] == [16.0] * 3
    assert list(layout.slice_nodes()[0].GetFieldOfView()) == before


def test_another_comparison_keeps_section_and_magnification(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    fit_views(slicer_scene)
    zoom(slicer_scene, Role.INPUT.tag, 2.0)
    pan(slicer_scene, Role.INPUT.tag, 4.0, -3.0)
    scroll(slicer_scene, Role.INPUT.tag, 16.0)
    height = layout.slice_nodes()[0].GetFieldOfView()[1]
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, exam.volumes)
    assert [node.GetSliceOffset() for node in layout.slice_nodes()] == [16.0] * 3
    assert [node.GetFieldOfView()[1] for node in layout.slice_nodes()] == [height] * 3
    assert [tuple(node.GetXYZOrigin()[:2]) for node in layout.slice_nodes()] == [(4.0, -3.0)] * 3


def test_the_strength_is_followed_in_labels_and_difference(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    exam.output.SetAttribute("CTDenoise.strength", "0.5")
    assert labels(layout)[1] == "Qr89 1 mm · hrcnn-small 50 %"
    assert exam.noise.GetDisplayNode().GetWindow() == pytest.approx(200 / NOISE_STEP_HU / 0.5)


def test_the_width_of_the_difference_is_part_of_its_label(layout, exam):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    layout.difference.width_hu = 60
    assert labels(layout)[2] == "Difference ±30 HU"


def test_the_mouse_changes_window_and_level_of_all_ct_views_but_not_of_the_difference(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    for window, role in ((300, Role.SMOOTH), (500, Role.SHARP), (700, Role.DENOISED)):
        slicer_scene.slice_logic(role.tag).SetBackgroundWindowLevel(window, 50)  # as dragging does
        displays = [node.GetDisplayNode() for node in (exam.smooth, exam.sharp, exam.output)]
        assert [(display.GetWindow(), display.GetLevel()) for display in displays] == [(window, 50)] * 3
    assert exam.noise.GetDisplayNode().GetWindow() == pytest.approx(200 / NOISE_STEP_HU)
    assert exam.noise.GetDisplayNode().GetLevel() == 0


def test_dragging_in_the_difference_changes_no_ct_view(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    before = layout.window_level.value
    slicer_scene.slice_logic(Role.DIFFERENCE.tag).SetBackgroundWindowLevel(800, 33)
    assert layout.window_level.value == before
    assert layout.difference.width_hu == pytest.approx(80)
    assert exam.noise.GetDisplayNode().GetLevel() == 0


def test_blinking_names_what_is_in_the_view_at_the_moment(layout, exam):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    node = layout.slice_nodes()[1]
    colour = node.GetLayoutColor()
    layout.in_place.blink()
    assert (node.GetLayoutLabel(), node.GetLayoutColor()) == ("Qr89 1 mm", layout.slice_nodes()[0].GetLayoutColor())
    layout.in_place.blink()
    assert (node.GetLayoutLabel(), node.GetLayoutColor()) == ("Qr89 1 mm · hrcnn-small", colour)
    layout.in_place.share = 0.4
    assert node.GetLayoutLabel() == "40 % input, 60 % denoised"


@pytest.mark.parametrize("again", [Comparison.INPUT_OUTPUT_DIFFERENCE, Comparison.TWO_BY_TWO, None])
def test_fading_ends_with_the_comparison_it_began_in(layout, exam, slicer_scene, again):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    layout.in_place.share = 0.5
    if again is None:
        layout.leave()
    else:
        layout.show(again, exam.volumes)
        assert layout.in_place.share == 0.0
    assert slicer_scene.slice_logic(Role.DENOISED.tag).GetSliceCompositeNode().GetForegroundVolumeID() is None


def test_in_place_needs_input_and_output(layout, exam):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, ComparisonVolumes(input=exam.sharp))
    assert layout.in_place is None
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    assert layout.in_place is not None
    layout.leave()
    assert layout.in_place is None


def test_views_of_sections_that_are_not_denoised_say_so_instead_of_a_difference_of_nothing(layout, exam, slicer_scene):
    exam.output.SetAttribute("CTDenoise.sections", "0-3")
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    scroll(slicer_scene, Role.INPUT.tag, 4.0)
    assert labels(layout) == ["Qr89 1 mm", "Qr89 1 mm · hrcnn-small", "Difference ±100 HU"]
    scroll(slicer_scene, Role.INPUT.tag, 12.0)
    assert labels(layout) == ["Qr89 1 mm", "Not denoised here", "Not denoised here"]
    layout.in_place.share = 1.0
    assert labels(layout)[1] == "Qr89 1 mm", "It is the input that is seen there."
    layout.in_place.share = 0.0
    exam.output.SetAttribute("CTDenoise.sections", "0-6")
    assert labels(layout)[1:] == ["Qr89 1 mm · hrcnn-small", "Difference ±100 HU"], "It arrived."
    turn(slicer_scene, Role.INPUT.tag, "Coronal")
    assert labels(layout)[1] == "Qr89 1 mm · hrcnn-small", "Some of what is seen is denoised."

from __future__ import annotations

import numpy as np
import pytest
import slicer

from CTDenoiseScene.comparison import Comparison, Role
from CTDenoiseScene.window_level import PRESETS, WindowLevel
from support.comparison_exam import SECTION_STEP_HU, labels, shown
from support.slice_views import fit_views
from support.view_user import pick_volume, scroll, turn, zoom


def test_scrolling_in_any_view_scrolls_all(layout, exam, slicer_scene, grey_in):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.window_level.set(WindowLevel(400, 100))
    for section, role in enumerate(Comparison.TWO_BY_TWO.roles, start=2):
        scroll(slicer_scene, role.tag, 2.0 * section)
        assert [node.GetSliceOffset() for node in layout.slice_nodes()] == [2.0 * section] * 4
        expected = 255 * (section * SECTION_STEP_HU + 100) / 400
        assert grey_in(Role.DENOISED) == pytest.approx(expected, abs=1)


def test_views_follow_while_the_slider_is_dragged(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    logic = slicer_scene.slice_logic(Role.DENOISED.tag)
    logic.StartSliceOffsetInteraction()
    logic.SetSliceOffset(4.0)
    assert [node.GetSliceOffset() for node in layout.slice_nodes()] == [4.0] * 3
    logic.EndSliceOffsetInteraction()


def test_zooming_in_any_view_zooms_all(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    fit_views(slicer_scene)
    zoom(slicer_scene, Role.DIFFERENCE.tag, 3.0)
    pixel_sizes = [node.GetFieldOfView()[0] / node.GetDimensions()[0] for node in layout.slice_nodes()]
    assert pixel_sizes == pytest.approx([pixel_sizes[2]] * 3, rel=0.01)


def test_the_views_of_the_user_stay_where_they_are(layout, exam, slicer_scene):
    pick_volume(slicer_scene, "Red", exam.smooth)
    slicer_scene.slice_logic("Red").FitSliceToBackground()
    red = slicer_scene.slice_logic("Red").GetSliceNode()
    before = red.GetSliceOffset(), list(red.GetFieldOfView())
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    scroll(slicer_scene, Role.INPUT.tag, 20.0)
    zoom(slicer_scene, Role.INPUT.tag, 2.0)
    assert (red.GetSliceOffset(), list(red.GetFieldOfView())) == before
    assert slicer_scene.slice_logic("Red").GetSliceCompositeNode().GetBackgroundVolumeID() == exam.smooth.GetID()


def test_a_volume_picked_in_one_view_is_not_shown_in_the_others(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    pick_volume(slicer_scene, Role.DENOISED.tag, exam.smooth)
    assert shown(layout, slicer_scene) == ["smooth", "sharp", "smooth", "noise"]


def test_the_label_names_a_volume_that_the_user_picked_and_the_window_is_shared_with_it(layout, exam, slicer_scene):
    other = slicer_scene.add_volume(np.zeros((12, 40, 48), np.int16), name="other", spacing=(2.0, 1.0, 1.0))
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    layout.window_level.set(PRESETS["Lung"])
    pick_volume(slicer_scene, Role.DENOISED.tag, other)
    assert labels(layout) == ["Br56 1 mm", "Qr89 1 mm", "other", "Difference ±100 HU"]
    assert other.GetDisplayNode().GetLevel() == PRESETS["Lung"].level
    pick_volume(slicer_scene, Role.DIFFERENCE.tag, exam.smooth)
    assert labels(layout)[3] == "Br56 1 mm"


def test_noise_picked_for_a_ct_view_keeps_its_own_window(layout, exam, slicer_scene):
    layout.show(Comparison.TWO_BY_TWO, exam.volumes)
    pick_volume(slicer_scene, Role.SMOOTH.tag, exam.noise)
    layout.window_level.set(PRESETS["Lung"])
    assert labels(layout)[0] == "Noise"
    assert exam.noise.GetDisplayNode().GetLevel() == 0


def test_a_volume_that_is_loaded_meanwhile_is_not_shown_in_the_views(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    selection = slicer_scene.application_logic.GetSelectionNode()
    selection.SetActiveVolumeID(exam.smooth.GetID())
    slicer_scene.application_logic.PropagateVolumeSelection()  # as Slicer's loading of data does
    assert slicer_scene.slice_logic("Red").GetSliceCompositeNode().GetBackgroundVolumeID() == exam.smooth.GetID()
    assert shown(layout, slicer_scene) == ["sharp", "output", "noise"]


def test_fading_in_one_view_does_not_fade_the_others(layout, exam, slicer_scene):
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, exam.volumes)
    logic = slicer_scene.slice_logic(Role.DENOISED.tag)
    logic.StartSliceCompositeNodeInteraction(slicer.vtkMRMLSliceCompositeNode.ForegroundOpacityFlag)
    layout.in_place.share = 0.5
    logic.EndSliceCompositeNodeInteraction()
    others = [slicer_scene.slice_logic(role.tag).GetSliceCompositeNode() for role in (Role.SMOOTH, Role.SHARP)]
    assert [(other.GetForegroundVolumeID(), other.GetForegroundOpacity()) for other in others] == [(None, 0.0)] * 2


def test_turning_one_view_turns_all(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    turn(slicer_scene, Role.INPUT.tag, "Sagittal")
    assert [node.GetOrientation() for node in layout.slice_nodes()] == ["Sagittal"] * 3

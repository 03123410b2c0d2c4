from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.difference_display import DifferenceColours, DifferenceDisplay
from support.slice_views import render_slice


@pytest.fixture
def difference(slicer_scene, exam):
    display = DifferenceDisplay(slicer_scene.scene, width_hu=100)
    display.show(exam.noise, exam.output)
    yield display
    display.show(None, None)


def picture_of(slicer_scene, hu):
    """Colours in which differences of so many HU are drawn, one for each."""
    return {value: tuple(int(part) for part in colour) for value, colour in _columns(slicer_scene, hu)}


def _columns(slicer_scene, hu):
    exam_noise = slicer_scene.scene.GetFirstNodeByName("noise")
    voxels = np.repeat(np.rint(np.array(hu) * 10).astype(np.int16), 8)[None, None, :].repeat(8, axis=1)
    ramp = slicer_scene.add_volume(voxels, name="ramp")
    display = exam_noise.GetDisplayNode()
    ramp.SetAndObserveDisplayNodeID(display.GetID())
    logic = slicer_scene.slice_logic("Red")
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(ramp.GetID())
    logic.GetSliceNode().SetDimensions(8 * len(hu), 8, 1)
    logic.FitSliceToBackground()
    picture = render_slice(slicer_scene, logic.GetSliceNode(), (8 * len(hu), 8))
    return list(zip(hu, picture[4, 4::8], strict=True))


def test_the_window_spans_the_width_about_zero(slicer_scene, difference):
    colours = picture_of(slicer_scene, [-50, 0, 50])
    assert colours[-50] == (0, 0, 0)
    assert colours[50] == (255, 255, 255)
    assert colours[0] == pytest.approx((127, 127, 127), abs=1)


def test_at_half_the_strength_the_same_noise_is_half_the_difference(slicer_scene, difference, exam):
    full = picture_of(slicer_scene, [-20])[-20]
    exam.output.SetAttribute("CTDenoise.strength", "0.5")
    difference.update()
    assert picture_of(slicer_scene, [-40])[-40] == full


def test_at_no_strength_there_is_no_difference(slicer_scene, difference, exam):
    exam.output.SetAttribute("CTDenoise.strength", "0")
    difference.update()
    colours = picture_of(slicer_scene, [-50, 0, 50])
    assert len(set(colours.values())) == 1


def test_a_residual_that_was_loaded_is_shown_in_hu(difference, slicer_scene):
    residual = slicer_scene.add_volume(np.zeros((2, 4, 4), np.int16))
    difference.show(residual, None)
    assert residual.GetDisplayNode().GetWindow() == 100


def test_the_diverging_colours_are_blue_below_and_red_above_zero(slicer_scene, difference):
    difference.colours = DifferenceColours.DIVERGING
    colours = picture_of(slicer_scene, [-50, -25, 0, 25, 50])
    below, above = colours[-50], colours[50]
    assert below[2] > 2 * below[0]
    assert above[0] > 2 * above[2]
    assert max(colours[0]) - min(colours[0]) <= 2, "No difference has no hue."
    assert colours[0] == (222, 222, 222)


def test_the_diverging_colours_are_made_once(slicer_scene, difference):
    count = slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode")
    for colours in (DifferenceColours.DIVERGING, DifferenceColours.GREY, DifferenceColours.DIVERGING):
        difference.colours = colours
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLColorTableNode") == count + 1


def test_a_window_dragged_with_the_mouse_becomes_the_width_and_stays_symmetric(difference, exam):
    widths = []
    difference.changed.connect(lambda: widths.append(difference.width_hu))
    exam.noise.GetDisplayNode().SetWindowLevel(3000, 120)
    assert difference.width_hu == pytest.approx(300)
    assert exam.noise.GetDisplayNode().GetLevel() == 0
    assert widths == [pytest.approx(300)]


def test_the_display_of_a_volume_shown_before_is_left_alone(difference, exam, slicer_scene):
    difference.show(None, None)
    exam.noise.GetDisplayNode().SetWindowLevel(3000, 120)
    assert exam.noise.GetDisplayNode().GetLevel() == 120
    assert difference.width_hu == 100

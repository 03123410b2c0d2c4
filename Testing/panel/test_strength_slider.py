"""The slider for the strength: live on the slices on screen while dragged, in the whole volume when let go."""

from __future__ import annotations

import numpy as np
import pytest
import slicer.util


def hu(node):
    return slicer.util.arrayFromVolume(node).astype(float)


def expected(panel, node, strength):
    return hu(node) - strength * 0.1 * hu(panel.output.GetNodeReference("CTDenoise.noise"))


def right(panel, node, strength):
    """For each slice, whether it is shown with this strength."""
    return abs(hu(panel.output) - expected(panel, node, strength)).max(axis=(1, 2)) <= 0.51


@pytest.fixture
def denoised(panel):
    """The input of a run that is over; 9 slices, of which the views show the middle one."""
    return panel.denoise()


def drag(panel, value):
    slider = panel.ui.strengthSlider.slider()
    slider.sliderPressed.emit()
    slider.setValue(value)
    return slider


def test_a_drag_changes_the_slice_on_screen_only(panel, denoised):
    drag(panel, 30)
    assert np.flatnonzero(right(panel, denoised, 0.3)).tolist() == [4]
    assert np.count_nonzero(right(panel, denoised, 1.0)) >= 8


def test_letting_go_changes_the_whole_volume(panel, denoised):
    drag(panel, 30).sliderReleased.emit()
    panel.spin(lambda: right(panel, denoised, 0.3).all())
    assert panel.parameters.strength == 30.0
    assert panel.output.GetAttribute("CTDenoise.strength") == "0.3"


def test_at_zero_the_output_is_the_input(panel, denoised):
    panel.ui.strengthSlider.setValue(0)
    panel.spin(lambda: np.array_equal(hu(panel.output), hu(denoised)))


def test_a_strength_set_before_the_run_is_that_of_the_output(panel):
    node = panel.add_ct()
    panel.open(strength=50.0)
    panel.wait_until_ready()
    panel.apply()
    panel.wait_until_ended()
    assert right(panel, node, 0.5).all()


def test_a_strength_set_during_the_run_is_that_of_all_slices_in_the_end(panel):
    panel.start_long_run()
    drag(panel, 40).sliderReleased.emit()
    panel.wait_until_ended()
    node = panel.parameters.input_volume
    panel.spin(lambda: np.all(right(panel, node, 0.4)))


def test_choosing_another_volume_brings_the_strength_of_its_result(panel, denoised):
    panel.ui.strengthSlider.setValue(20)
    panel.spin(lambda: right(panel, denoised, 0.2).all())
    other = panel.add_ct(name="Another")
    panel.set(input_volume=other, strength=100.0)
    panel.set(input_volume=denoised)
    panel.spin(lambda: panel.ui.strengthSlider.value == 20)
    assert right(panel, denoised, 0.2).all()


def test_a_strength_set_with_another_volume_is_not_that_of_the_former_one(panel, denoised):
    panel.set(input_volume=panel.add_ct(name="Another"), strength=20.0)
    assert right(panel, denoised, 1.0).all()


def test_without_the_noise_the_slider_says_why_it_is_of_no_use(panel, denoised):
    slicer.mrmlScene.RemoveNode(panel.output.GetNodeReference("CTDenoise.noise"))
    panel.settle()
    assert "noise" in panel.why("strengthSlider")

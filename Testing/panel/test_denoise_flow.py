"""A user denoises a volume: the run from the button to its end, whatever the end is."""

from __future__ import annotations

import numpy as np
import slicer
import slicer.util

BLANK_HU = -1024


def hu(node):
    return slicer.util.arrayFromVolume(node).astype(float)


def choose_slab(panel, slices):
    panel.ui.scopeSelector.setCurrentIndex(1)
    panel.ui.slabSpinBox.setValue(slices)


def test_a_volume_is_denoised_at_the_press_of_a_button(panel):
    node = panel.denoise()
    assert panel.message.startswith("Done: 9 slices in ")
    noise = panel.output.GetNodeReference("CTDenoise.noise")
    assert abs(hu(panel.output) - (hu(node) - 0.1 * hu(noise))).max() <= 0.5
    assert not panel.ui.progressBar.isVisible()


def test_the_button_says_that_another_run_replaces_the_result(panel):
    panel.denoise()
    first = panel.output
    panel.spin(lambda: panel.ui.applyButton.text == "Apply again, replacing the result")
    panel.apply()
    panel.wait_until_ended()
    assert panel.output is first


def test_views_show_input_output_and_difference_without_further_ado(panel):
    node = panel.denoise()
    assert panel.ui.inputOutputDifferenceButton.checked
    shown = [
        slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode"))
        for tag in ("CTDenoiseInput", "CTDenoiseDenoised")
    ]
    assert [composite.GetBackgroundVolumeID() for composite in shown] == [node.GetID(), panel.output.GetID()]


def test_while_it_runs_the_button_cancels_and_the_progress_is_told(panel):
    panel.start_long_run()
    assert panel.running
    assert panel.ui.progressBar.isVisible()
    assert "of 600 slices" in panel.ui.progressLabel.text
    assert "slices/s" in panel.ui.progressLabel.text
    assert 0 <= panel.ui.progressBar.value < 100


def test_cancelling_keeps_what_is_done(panel):
    panel.start_long_run()
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.startswith("Cancelled; ")
    blank = (hu(panel.output) == BLANK_HU).all(axis=(1, 2))
    assert 0 < blank.sum() < 600


def test_a_run_can_follow_a_cancelled_one(panel):
    panel.start_long_run()
    panel.apply()
    panel.wait_until_ended()
    choose_slab(panel, 3)
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.startswith("Done: 3 slices")


def test_a_killed_worker_is_told_once_and_the_next_run_starts_another(panel):
    panel.start_long_run()
    panel.kill_worker()
    panel.wait_until_ended()
    assert panel.message.count("The worker") == 1
    assert "run again" in panel.message
    assert not panel.host.user.messages
    assert panel.output is not None
    choose_slab(panel, 3)
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.startswith("Done: 3 slices")


def test_only_the_slab_around_the_slice_on_screen_is_denoised(panel):
    panel.add_ct(sections=30)
    panel.open()
    panel.host.parts.slice_logic("Red").SetSliceOffset(20.0)
    choose_slab(panel, 5)
    panel.wait_until_ready()
    panel.apply()
    panel.wait_until_ended()
    denoised = np.flatnonzero((hu(panel.output) != BLANK_HU).any(axis=(1, 2)))
    assert denoised.tolist() == [18, 19, 20, 21, 22]


def test_slices_scrolled_to_come_next(panel):
    panel.start_long_run()
    view = slicer.mrmlScene.GetSingletonNode("CTDenoiseInput", "vtkMRMLSliceNode")
    bounds = [0.0] * 6
    panel.parameters.input_volume.GetRASBounds(bounds)
    view.SetSliceOffset(bounds[5] - 0.5)  # the last slice, whose turn would be at the very end
    panel.spin(lambda: panel.output and (slicer.util.arrayFromVolume(panel.output)[599] != BLANK_HU).any(), timeout=5)
    assert panel.running


def test_deleting_the_input_ends_the_run_and_says_so(panel):
    panel.start_long_run()
    slicer.mrmlScene.RemoveNode(panel.parameters.input_volume)
    panel.wait_until_ended()
    assert "one of its volumes was removed" in panel.message


def test_deleting_the_output_ends_the_run_and_says_so(panel):
    panel.start_long_run()
    slicer.mrmlScene.RemoveNode(panel.output)
    panel.wait_until_ended()
    assert "one of its volumes was removed" in panel.message
    assert panel.output is None


def test_closing_the_scene_ends_the_run_quietly(panel):
    panel.start_long_run()
    panel.host.parts.close()
    panel.spin(seconds=0.3)
    assert not panel.running
    assert panel.message == ""
    assert panel.why("applyButton")


def test_after_the_scene_was_closed_another_volume_is_denoised(panel):
    panel.start_long_run()
    panel.host.parts.close()
    panel.add_ct()
    panel.set(model="tiny")
    panel.wait_until_ready()
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.startswith("Done: 9 slices")


def test_a_run_goes_on_while_the_user_is_in_another_module(panel):
    panel.start_long_run()
    panel.loaded.widget.exit()
    before = panel.ui.progressLabel.text
    panel.spin(lambda: panel.ui.progressLabel.text != before)

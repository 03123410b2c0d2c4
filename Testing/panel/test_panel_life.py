"""The panel from its opening to Slicer's end: scenes that come and go, other modules, no main window."""

from __future__ import annotations

import numpy as np
import slicer
import slicer.util


def test_a_panel_without_a_volume_says_so_at_every_control_that_needs_one(panel):
    panel.open()
    for control in ("applyButton", "smoothSelector", "twoByTwoButton", "lungButton", "fadeSlider"):
        assert "Choose a CT volume first" in panel.why(control)
    for control in ("saveDicomButton", "saveFileButton", "reportButton"):
        assert "denoise one first" in panel.why(control)


def test_samples_and_layouts_are_there_when_slicer_has_started(panel):
    panel.open()
    assert panel.host.sample_data.sources
    assert panel.host.parts.layout_node.IsLayoutDescription(15010)


def test_research_use_only_is_said(panel):
    panel.open()
    assert "Research use only" in panel.ui.researchUseLabel.text
    assert panel.ui.researchUseLabel.isVisible()


def test_the_volume_in_the_views_is_chosen_before_the_newest(panel):
    shown, _newest = panel.add_ct(name="Shown"), panel.add_ct(name="Newest")
    panel.host.parts.slice_logic("Red").GetSliceCompositeNode().SetBackgroundVolumeID(shown.GetID())
    panel.open()
    assert panel.parameters.input_volume is shown


def test_the_sharper_reconstruction_of_the_volume_in_the_views_is_the_one_to_denoise(panel):
    sharp, smooth = (panel.add_ct(side=96, noise_hu=noise_hu) for noise_hu in (40.0, 5.0))
    panel.host.parts.slice_logic("Red").GetSliceCompositeNode().SetBackgroundVolumeID(smooth.GetID())
    panel.open()
    assert panel.parameters.input_volume is sharp


def test_a_volume_that_is_loaded_while_the_panel_is_open_is_chosen(panel):
    panel.open()
    node = panel.add_ct()
    panel.spin(lambda: panel.parameters.input_volume is node)
    assert panel.ui.factsLabel.isVisible()


def test_the_controls_follow_parameters_that_a_script_sets(panel):
    first, second = panel.add_ct(name="First"), panel.add_ct(name="Second")
    panel.open(input_volume=first)
    for node in (second, first):
        panel.set(input_volume=node)
        assert panel.ui.inputSelector.currentNode() is node
    panel.set(slab_slices=5, strength=70.0)
    assert (panel.ui.slabSpinBox.value, panel.ui.strengthSlider.value) == (5, 70.0)


def test_results_of_a_run_are_not_chosen_as_input(panel):
    node = panel.denoise()
    panel.set(input_volume=None)
    panel.loaded.widget.exit()
    panel.loaded.widget.enter()
    panel.settle()
    assert panel.parameters.input_volume is node


def test_a_volume_without_an_image_is_no_input(panel):
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
    panel.open(input_volume=empty)
    assert "holds no image" in panel.ui.factsLabel.text
    assert panel.why("applyButton")


def test_the_worker_is_warm_before_the_button_is_pressed_and_ends_with_the_module(panel, spin):
    panel.add_ct()
    panel.open()
    panel.wait_until_ready()
    (worker,) = panel.processes
    panel.host.close_module(panel.loaded)
    spin(lambda: not worker.is_running())


def test_parameters_survive_saving_and_opening_the_scene(panel, tmp_path):
    node = panel.denoise()
    smooth = panel.add_ct(name="Br56")
    panel.set(smooth_volume=smooth, precision="fp32", slab_slices=7, difference_width=120.0, plot_row=True)
    panel.ui.strengthSlider.setValue(60)
    panel.spin(lambda: panel.output.GetAttribute("CTDenoise.strength") == "0.6")
    panel.host.parts.save(tmp_path / "exam.mrb")
    name = node.GetName()
    panel.host.parts.open(tmp_path / "exam.mrb")
    panel.spin(seconds=0.2)
    parameters = panel.parameters
    assert parameters.input_volume.GetName() == name
    assert parameters.smooth_volume.GetName() == "Br56"
    assert (parameters.model, parameters.precision, parameters.slab_slices) == ("tiny", "fp32", 7)
    assert (parameters.strength, parameters.difference_width, parameters.plot_row) == (60.0, 120.0, True)
    assert panel.ui.strengthSlider.value == 60.0
    assert panel.ui.modelSelector.currentText == "Tiny HR-CNN for tests"


def test_after_opening_a_scene_the_strength_changes_without_a_run(panel, tmp_path):
    panel.denoise()
    panel.host.parts.save(tmp_path / "exam.mrb")
    panel.host.parts.open(tmp_path / "exam.mrb")
    panel.spin(seconds=0.2)
    before = slicer.util.arrayFromVolume(panel.parameters.input_volume)
    panel.ui.strengthSlider.setValue(0)
    panel.spin(lambda: np.array_equal(slicer.util.arrayFromVolume(panel.output), before))


def test_a_model_of_another_computer_is_named_and_another_can_be_chosen(panel):
    panel.add_ct()
    panel.open(model="theirs")
    assert "no model “theirs”" in panel.why("applyButton")
    panel.ui.modelSelector.setCurrentIndex(0)
    panel.settle()
    assert panel.parameters.model == "hrcnn-small"


def test_a_device_of_another_computer_is_named(panel):
    panel.add_ct()
    panel.open(device="cuda:9")
    panel.spin(lambda: panel.ui.deviceSelector.enabled, timeout=60)
    assert "no device cuda:9" in panel.why("applyButton")
    panel.ui.deviceSelector.setCurrentIndex(0)
    panel.wait_until_ready()
    assert panel.why("applyButton") == ""


def test_damaged_weights_are_told_once_before_anybody_presses_a_button(panel, small_model, tmp_path, monkeypatch):
    (tmp_path / "tiny.json").write_bytes((small_model / "tiny.json").read_bytes())
    (tmp_path / "tiny.safetensors").write_bytes(b"damaged")
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    panel.add_ct()
    panel.open()
    panel.spin(lambda: panel.message, timeout=60)
    assert "tiny" in panel.message
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.count("SHA256") == 1
    assert not panel.host.user.messages


def test_without_a_main_window_a_volume_is_denoised_and_layouts_say_why_not(panel):
    node = panel.add_ct()
    panel.open(main_window=False, input_volume=node)
    panel.wait_until_ready()
    assert "without slice views" in panel.why("twoByTwoButton")
    panel.apply()
    panel.wait_until_ended()
    assert panel.message.startswith("Done: 9 slices")


def test_the_details_of_the_model_unfold(panel):
    panel.open()
    assert not panel.ui.modelCardBrowser.isVisible()
    panel.ui.modelDetailsButton.click()
    assert panel.ui.modelCardBrowser.isVisible()
    assert "Tiny HR-CNN" in panel.ui.modelCardBrowser.toPlainText()


def test_the_panel_fits_into_400_pixels_with_the_longest_texts(panel):
    panel.add_ct(spacing=(1.0, 2.0, 2.0), name="As long as scanners write them: 203 BONE BRAIN 1MM Qr89 iterative")
    panel.open()
    panel.wait_until_ready()
    panel.host.user.answer("Yes")
    panel.apply()
    panel.kill_worker()
    panel.wait_until_ended()
    assert panel.message
    panel.ui.modelDetailsButton.click()
    panel.loaded.window.resize(400, 1000)
    panel.settle()
    assert panel.ui.CTDenoise.minimumSizeHint.width() <= 350
    labels = [widget for name, widget in vars(panel.ui).items() if name.endswith("Label") and widget.isVisible()]
    assert [label.text for label in labels if label.height < label.heightForWidth(label.width)] == []

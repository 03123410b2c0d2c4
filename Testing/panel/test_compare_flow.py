"""A user compares volumes: layouts, windows, blinking, fading, the difference."""

from __future__ import annotations

import pytest
import slicer


def view(tag):
    node = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode")
    return slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(node)


def window_of(node):
    display = node.GetScalarVolumeDisplayNode()
    return display.GetWindow(), display.GetLevel()


def layout(panel):
    return panel.host.parts.layout_node.GetViewArrangement()


def test_two_reconstructions_are_compared_without_any_denoising(panel, pair):
    smooth, sharp = pair
    panel.ui.smoothSharpDenoisedButton.click()
    panel.settle()
    assert view("CTDenoiseSmooth").GetBackgroundVolumeID() == smooth.GetID()
    assert view("CTDenoiseSharp").GetBackgroundVolumeID() == sharp.GetID()
    assert panel.ui.smoothSharpDenoisedButton.checked
    assert "Denoise the volume first" in panel.why("inputOutputDifferenceButton")


def test_companions_are_found_and_the_user_can_override_them(panel):
    smooth = panel.add_ct(side=96, noise_hu=5.0, name="Br56")
    other = panel.add_ct(side=96, noise_hu=10.0, name="Another")
    sharp = panel.add_ct(side=96, noise_hu=40.0, name="Qr89")
    panel.open(input_volume=sharp)
    assert "smooth “Br56”" in panel.ui.companionsLabel.text
    panel.ui.smoothSharpDenoisedButton.click()
    panel.ui.smoothSelector.setCurrentNode(other)
    panel.settle()
    assert view("CTDenoiseSmooth").GetBackgroundVolumeID() == other.GetID()
    panel.ui.smoothSelector.setCurrentNode(None)
    panel.settle()
    assert view("CTDenoiseSmooth").GetBackgroundVolumeID() == smooth.GetID()


def test_leaving_brings_the_former_layout_back(panel, pair):
    before = layout(panel)
    panel.ui.twoByTwoButton.click()
    panel.settle()
    assert layout(panel) != before
    panel.ui.leaveButton.click()
    panel.settle()
    assert layout(panel) == before
    assert not panel.ui.twoByTwoButton.checked
    assert panel.why("leaveButton")


def test_a_click_on_the_layout_that_is_shown_keeps_it(panel, pair):
    for _ in range(2):
        panel.ui.smoothSharpDenoisedButton.click()
        panel.settle()
        assert panel.ui.smoothSharpDenoisedButton.checked


def test_another_layout_chosen_in_slicer_ends_the_comparison(panel, pair):
    panel.ui.smoothSharpDenoisedButton.click()
    panel.host.parts.layout_node.SetViewArrangement(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    panel.settle()
    assert not panel.ui.smoothSharpDenoisedButton.checked


def test_the_plot_row_comes_and_goes(panel, pair):
    panel.ui.smoothSharpDenoisedButton.click()
    panel.settle()
    without = layout(panel)
    panel.ui.plotCheckBox.click()
    panel.settle()
    assert layout(panel) != without
    panel.ui.plotCheckBox.click()
    panel.settle()
    assert layout(panel) == without


@pytest.mark.parametrize(
    ("button", "window"),
    [
        ("spineBoneButton", (2000, 500)),
        ("softTissueButton", (400, 40)),
        ("lungButton", (1500, -600)),
        ("myelographyButton", (1200, 300)),
    ],
)
def test_a_preset_sets_the_window_of_all_ct(panel, pair, button, window):
    getattr(panel.ui, button).click()
    assert [window_of(node) for node in pair] == [window, window]
    assert f"{window[0]} HU" in getattr(panel.ui, button).toolTip


def test_blinking_and_fading_lay_the_input_over_the_output(panel):
    node = panel.denoise()
    over = view("CTDenoiseDenoised")
    panel.ui.blinkButton.click()
    panel.settle()
    assert (over.GetForegroundVolumeID(), over.GetForegroundOpacity()) == (node.GetID(), 1.0)
    panel.ui.blinkButton.click()
    panel.settle()
    assert over.GetForegroundVolumeID() is None
    panel.ui.fadeSlider.setValue(25)
    panel.settle()
    assert over.GetForegroundOpacity() == 0.25


def test_blinking_says_what_it_needs(panel, pair):
    assert "Denoise the volume first" in panel.why("blinkButton")


def test_the_window_of_the_difference_is_set_by_slider_and_by_mouse(panel):
    panel.denoise()
    display = panel.output.GetNodeReference("CTDenoise.noise").GetScalarVolumeDisplayNode()
    panel.ui.differenceSlider.setValue(100)
    panel.settle()
    assert (display.GetWindow(), display.GetLevel()) == (1000.0, 0.0)  # in steps of 0.1 HU
    display.SetWindowLevel(3000.0, 50.0)
    panel.settle()
    assert panel.ui.differenceSlider.value == 300.0
    assert display.GetLevel() == 0.0


def test_the_difference_can_be_coloured(panel):
    panel.denoise()
    noise = panel.output.GetNodeReference("CTDenoise.noise")
    grey = noise.GetScalarVolumeDisplayNode().GetColorNodeID()
    panel.ui.differenceColourSelector.setCurrentIndex(1)
    panel.settle()
    assert noise.GetScalarVolumeDisplayNode().GetColorNodeID() != grey

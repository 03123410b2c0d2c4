"""A user tests what the model leaves of small vessels."""

from __future__ import annotations

import pytest


@pytest.fixture
def denoised(panel):
    """A volume that was denoised with the panel, large enough for vessels."""
    return panel.denoise(panel.add_ct(side=160))


def shown(panel):
    return panel.ui.retentionLabel.text if panel.ui.retentionLabel.isVisible() else ""


def message(panel):
    return panel.ui.retentionMessageLabel.text if panel.ui.retentionMessageLabel.isVisible() else ""


def run_test(panel):
    panel.ui.retentionButton.click()
    panel.spin(lambda: panel.ui.retentionButton.text == "Test small vessels", timeout=60)
    panel.settle()


def test_it_needs_a_denoised_volume(panel):
    panel.open(input_volume=panel.add_ct())
    assert "denoise one first" in panel.why("retentionButton")


def test_a_table_tells_what_is_left(panel, denoised):
    run_test(panel)
    assert message(panel) == ""
    assert "in section " in shown(panel)
    assert shown(panel).count("<tr>") == 1 + 6
    assert shown(panel).count("±") == 18 + 1
    assert not panel.ui.retentionProgressBar.isVisible()


def test_it_holds_for_one_strength(panel, denoised):
    run_test(panel)
    panel.ui.strengthSlider.setValue(50)
    panel.spin(lambda: not shown(panel))


def test_a_strength_that_is_changed_meanwhile_has_no_table(panel, denoised):
    panel.ui.retentionButton.click()
    panel.ui.strengthSlider.setValue(50)
    panel.spin(lambda: panel.ui.retentionButton.text == "Test small vessels", timeout=60)
    panel.settle()
    assert shown(panel) == ""


def test_it_can_be_cancelled(panel, denoised):
    panel.ui.retentionButton.click()
    assert panel.ui.retentionButton.text == "Cancel the test"
    panel.ui.retentionButton.click()
    panel.spin(lambda: "Cancelled" in message(panel))
    assert shown(panel) == ""
    assert panel.why("retentionButton") == ""


def test_too_little_tissue_is_told(panel):
    panel.denoise(panel.add_ct(side=48))
    run_test(panel)
    assert "places of uniform soft tissue" in message(panel)


def test_a_worker_that_dies_is_told(panel, denoised):
    panel.worker.suspend()
    panel.ui.retentionButton.click()
    panel.spin(lambda: panel.ui.retentionProgressBar.value >= 30)  # all is prepared, and the worker is asked
    panel.kill_worker()
    panel.spin(lambda: message(panel), timeout=60)
    assert "worker" in message(panel)


def test_a_closed_scene_ends_it(panel, denoised):
    panel.ui.retentionButton.click()
    panel.host.parts.close()
    panel.spin(seconds=0.2)
    assert shown(panel) == message(panel) == ""
    assert panel.ui.retentionButton.text == "Test small vessels"

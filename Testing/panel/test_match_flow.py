"""The verdict on model and volume, and what it does to the button."""

from __future__ import annotations


def test_a_volume_like_those_in_training_is_green(panel, tmp_path):
    panel.add_series(tmp_path, kernel="B30f", rows=96, columns=96)
    panel.open()
    panel.wait_until_ready()
    assert ">Fits<" in panel.match.replace("&nbsp;", "")
    assert "of the kind that the model was made for" in panel.match
    assert panel.ui.factsLabel.text.startswith("CT, kernel B30f, 9 axial sections")


def test_what_is_unknown_is_amber_and_named(panel):
    panel.add_ct()
    panel.open()
    panel.wait_until_ready()
    assert "Fits in part" in panel.match
    assert "does not name its kernel" in panel.match


def test_pixels_larger_than_in_training_are_red_and_asked_about(panel):
    panel.add_ct(spacing=(1.0, 2.0, 2.0))
    panel.open()
    panel.wait_until_ready()
    assert "Does not fit" in panel.match
    panel.host.user.answer("No")
    panel.apply()
    (question,) = panel.host.user.messages
    assert "loss of resolution" in question.text
    assert not panel.running
    assert panel.output is None


def test_who_accepts_a_red_verdict_has_it_in_the_output(panel):
    panel.add_ct(spacing=(1.0, 2.0, 2.0))
    panel.open()
    panel.wait_until_ready()
    panel.host.user.answer("Yes")
    panel.apply()
    panel.wait_until_ended()
    assert panel.output.GetAttribute("CTDenoise.match") == "red"
    assert "pixel" in panel.output.GetAttribute("CTDenoise.match.pixel size")


def test_another_modality_is_refused_without_a_question(panel, tmp_path):
    panel.add_series(tmp_path, kernel="B30f", rows=96, columns=96, modality="MR")
    panel.open()
    panel.wait_until_ready()
    assert "modality MR" in panel.why("applyButton")


def test_a_run_asked_for_while_the_noise_is_measured_waits_for_the_verdict(panel):
    panel.add_ct(sections=12, side=512)
    panel.open()
    panel.spin(lambda: "Measuring" in panel.match)
    panel.ui.applyButton.click()
    panel.wait_until_ready()
    panel.spin(lambda: panel.output, timeout=30)
    assert panel.output.GetAttribute("CTDenoise.match.noise")

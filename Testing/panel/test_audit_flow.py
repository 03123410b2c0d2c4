"""A user audits what was denoised: was it noise that was taken away?"""

from __future__ import annotations

import pytest
import slicer
import slicer.util


@pytest.fixture
def denoised(panel):
    """A volume that was denoised with the panel."""
    return panel.denoise(panel.add_ct(side=96))


def audit(panel):
    panel.ui.auditButton.click()
    panel.spin(lambda: panel.ui.auditButton.text == "Audit the result", timeout=60)
    panel.settle()


def test_only_a_denoised_volume_is_audited(panel):
    panel.open(input_volume=panel.add_ct())
    assert "denoise one first" in panel.why("auditButton")
    assert panel.audit_verdict == ""


def test_the_verdict_is_shown_with_its_reasons_and_kept_with_the_result(panel, denoised):
    audit(panel)
    level = panel.output.GetAttribute("CTDenoise.audit")
    words = {"green": "Like noise", "amber": "Look closer", "red": "More than noise"}
    assert words[level] in panel.audit_verdict
    assert panel.audit_verdict.count("<br>") >= 1
    assert "test of small vessels" in panel.ui.auditLabel.toolTip
    assert panel.audit_message == ""
    assert not panel.ui.auditProgressBar.isVisible()


def test_a_result_that_is_changed_has_to_be_audited_again(panel, denoised):
    audit(panel)
    panel.ui.strengthSlider.setValue(50)
    panel.spin(lambda: "Audit the result again" in panel.audit_verdict)
    audit(panel)
    assert "again" not in panel.audit_verdict


def test_an_audit_can_be_cancelled(panel, denoised):
    panel.ui.auditButton.click()
    assert panel.ui.auditButton.text == "Cancel the audit"
    panel.ui.auditButton.click()
    panel.spin(lambda: "Cancelled" in panel.audit_message)
    assert panel.audit_verdict == ""
    assert panel.why("auditButton") == ""


def test_a_result_that_disappears_meanwhile_ends_the_audit_in_a_sentence(panel, denoised):
    panel.ui.auditButton.click()
    slicer.mrmlScene.RemoveNode(panel.output)
    panel.spin(lambda: panel.ui.auditButton.text == "Audit the result", timeout=60)
    assert panel.audit_verdict == ""


def test_a_worker_that_dies_is_told(panel, denoised):
    panel.worker.suspend()
    panel.ui.auditButton.click()
    panel.spin(lambda: panel.ui.auditProgressBar.value >= 30)  # all is prepared, and the worker is asked
    panel.kill_worker()
    panel.spin(lambda: panel.audit_message, timeout=60)
    assert "worker" in panel.audit_message
    assert panel.why("auditButton") == ""


def test_the_verdict_is_saved_with_the_scene(panel, denoised, tmp_path):
    audit(panel)
    before = panel.audit_verdict
    panel.host.parts.save(tmp_path / "exam.mrb")
    panel.host.parts.open(tmp_path / "exam.mrb")
    panel.spin(lambda: panel.audit_verdict == before)


def test_a_closed_scene_ends_the_audit(panel, denoised):
    panel.ui.auditButton.click()
    panel.host.parts.close()
    panel.spin(seconds=0.2)
    assert panel.audit_verdict == panel.audit_message == ""
    assert panel.ui.auditButton.text == "Audit the result"

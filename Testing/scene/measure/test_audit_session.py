"""The audit of a result in a scene: what is copied, what the worker finds, and the verdict that stays."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.audit_verdict import AuditLevel
from CTDenoiseScene.audit_session import AuditSession, audit_obstacle
from CTDenoiseScene.job_session import JobSessionState
from CTDenoiseScene.kept_audit import ResultState, read_audit
from CTDenoiseScene.results import Results
from CTDenoiseScene.strength import StrengthControl
from CTDenoiseScene.voxels import voxels_of
from support.ct_series import anatomy
from support.denoised_volume import add_result, input_of, noise_of


@pytest.fixture
def output(slicer_scene):
    """A result that is a blur of its input rather than noise taken away."""
    before = anatomy((9, 96, 96)).astype(np.int16)
    node = add_result(slicer_scene, slicer_scene.add_volume(before))
    voxels_of(node)[:] = gaussian_filter(before, (0, 1.5, 1.5))
    return node


@pytest.fixture
def begin(session_worker, tmp_path):
    (tmp_path / "temporary").mkdir()

    def start(node, **options):
        session = AuditSession(session_worker.client, node, temporary_folder=tmp_path / "temporary", **options)
        session.start()
        return session

    return start


@pytest.fixture
def audit(begin, session_worker):
    def finish(node, **options):
        session = begin(node, **options)
        session_worker.wait_until(lambda: (session.work(0.01), session.state.ended)[1])
        return session

    return finish


def test_the_verdict_is_told_and_kept_with_the_output(output, audit, tmp_path):
    session = audit(output)
    assert (session.state, session.failure) == (JobSessionState.DONE, "")
    assert session.audit.level is AuditLevel.RED
    assert output.GetAttribute("CTDenoise.audit") == "red"
    kept = read_audit(output)
    assert kept.audit.figures == session.audit.figures
    assert kept.audit.reasons == session.audit.reasons
    assert not kept.is_outdated
    assert not list((tmp_path / "temporary").iterdir())


def test_the_verdict_is_saved_with_the_scene(slicer_scene, output, audit, tmp_path):
    level = audit(output).audit.level
    for node in (output, input_of(output), noise_of(output)):
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(str(tmp_path / f"{node.GetID()}.nrrd"))
        assert node.GetStorageNode().WriteData(node)
    slicer_scene.scene.SetURL(str(tmp_path / "scene.mrml"))
    slicer_scene.scene.Commit()
    slicer_scene.scene.Clear(False)
    slicer_scene.scene.Connect()
    loaded = slicer_scene.scene.GetFirstNodeByName("Denoised")
    kept = read_audit(loaded)
    assert kept.audit.level is level
    assert not kept.is_outdated


def test_it_is_outdated_at_another_strength_and_not_after_going_back(output, audit):
    control = StrengthControl(output)
    control.apply(0.7)
    audit(output)
    control.apply(0.2)
    assert read_audit(output).is_outdated
    control.apply(0.7)
    assert not read_audit(output).is_outdated


@pytest.mark.parametrize("which", [input_of, lambda output: output])
def test_it_is_outdated_when_voxels_change(output, audit, which):
    audit(output)
    voxels_of(which(output))[4] += 1
    assert read_audit(output).is_outdated


def test_a_change_while_it_is_measured_makes_it_outdated(output, begin, session_worker):
    session = begin(output)
    while session.work(0.0):
        pass
    assert session.state is JobSessionState.WORKING
    voxels_of(output)[:] += 1
    session_worker.wait_until(lambda: session.state.ended)
    assert read_audit(output).is_outdated


def test_a_change_while_it_is_copied_ends_it(output, begin):
    session = begin(output)
    for _ in range(4):
        session.work(0.0)
    voxels_of(output)[:] += 1
    output.GetImageData().Modified()
    while session.work(0.0):
        pass
    assert session.state is JobSessionState.FAILED
    assert "audit it again" in session.failure
    assert read_audit(output) is None


def test_only_denoised_sections_are_looked_at(output, audit):
    output.SetAttribute("CTDenoise.sections", "2-4")
    voxels_of(output)[5:] = -1024
    whole = audit(output).audit
    assert whole.sections == 3
    assert whole.worst_section in (2, 3, 4)


def test_a_step_is_one_section(output, begin):
    session = begin(output)
    calls = 0
    while session.work(0.0):
        calls += 1
    assert calls == 9 + 9
    session.close()


def test_cancelled_it_leaves_no_verdict(output, begin, session_worker, tmp_path):
    session = begin(output)
    while session.work(0.0):
        pass
    session.cancel()
    session_worker.wait_until(lambda: (session.work(0.0), session.state.ended)[1])
    assert session.state is JobSessionState.CANCELLED
    assert session.audit is None
    assert read_audit(output) is None
    assert not list((tmp_path / "temporary").iterdir())


def test_a_scene_closed_meanwhile_does_no_harm(slicer_scene, output, begin, session_worker):
    session = begin(output)
    while session.work(0.0):
        pass
    slicer_scene.close()
    session_worker.wait_until(lambda: session.state.ended)
    assert session.audit is not None


def test_what_stands_in_the_way_is_said(slicer_scene, output, audit):
    assert audit_obstacle(output) == ""
    assert "Choose a denoised volume" in audit_obstacle(input_of(output))
    assert "Choose a denoised volume" in audit_obstacle(None)
    output.SetAttribute("CTDenoise.sections", "")
    assert "No section" in audit_obstacle(output)
    output.SetAttribute("CTDenoise.sections", "0-8")
    slicer_scene.scene.RemoveNode(input_of(output))
    assert "removed" in audit_obstacle(output)
    session = audit(output)
    assert session.state is JobSessionState.FAILED
    assert session.failure == audit_obstacle(output)


def test_an_attribute_of_another_version_is_no_verdict(output):
    assert read_audit(output) is None
    output.SetAttribute("CTDenoise.audit.record", '{"sentence": "green"}')
    assert read_audit(output) is None
    output.SetAttribute("CTDenoise.audit.record", "green")
    assert read_audit(output) is None


def test_the_state_of_a_result_tells_strength_and_voxels(output):
    state = ResultState.of(Results.of(output))
    assert state == ResultState.of(Results.of(output))
    output.SetAttribute("CTDenoise.strength", "0.5")
    assert ResultState.of(Results.of(output)) != state


def test_slicer_needs_no_further_package_for_it():
    script = """
import sys
sys.modules.update(dict.fromkeys("torch matplotlib jsonschema platformdirs psutil safetensors".split()))
import CTDenoiseScene.audit_session, CTDenoiseScene.retention_session
"""
    subprocess.run([sys.executable, "-c", script], check=True)

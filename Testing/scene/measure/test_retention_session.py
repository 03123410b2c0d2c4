"""The retention of small vessels for a result in a scene."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.job_session import JobSessionState
from CTDenoiseScene.retention_session import RetentionSession, retention_obstacle
from support.denoised_volume import add_result, input_of


@pytest.fixture
def worker(session_worker, small_model):
    """With the model “tiny”."""
    session_worker.client.load_model(small_model, "tiny", "cpu", "fp32")
    session_worker.wait_until(lambda: session_worker.client.loaded)
    return session_worker


@pytest.fixture
def output(slicer_scene, worker, rng):
    voxels = np.rint(50 + 20 * rng.standard_normal((9, 64, 64))).astype(np.int16)
    node = add_result(slicer_scene, slicer_scene.add_volume(voxels, spacing=(1.0, 0.8, 0.8)))
    node.SetAttribute("CTDenoise.weights_sha256", worker.client.loaded.weights_sha256)
    return node


@pytest.fixture
def measure(worker, tmp_path):
    (tmp_path / "temporary").mkdir()

    def run(node, section):
        session = RetentionSession(worker.client, node, section, temporary_folder=tmp_path / "temporary")
        session.start()
        worker.wait_until(lambda: (session.work(0.01), session.state.ended)[1])
        return session

    return run


@pytest.mark.parametrize("section", [0, 4, 8])
def test_the_section_asked_for_is_measured(output, measure, section, tmp_path):
    session = measure(output, section)
    assert (session.state, session.failure) == (JobSessionState.DONE, "")
    assert session.retention.section == section
    assert len(session.retention.cells) == 18
    assert session.retention.words()[0].startswith("0.3 mm, 100 HU: ")
    assert not list((tmp_path / "temporary").iterdir())


def test_at_no_strength_all_is_left(output, measure):
    output.SetAttribute("CTDenoise.strength", "0")
    cells = measure(output, 4).retention.cells
    assert [cell.share for cell in cells] == pytest.approx([1.0] * len(cells), abs=1e-4)


def test_a_section_that_is_not_there_is_told(output, measure):
    assert "no section 10" in measure(output, 9).failure


def test_what_stands_in_the_way_is_said(slicer_scene, output, measure, worker):
    assert retention_obstacle(output, worker.client) == ""
    assert "Choose a denoised volume" in retention_obstacle(None, worker.client)
    output.SetAttribute("CTDenoise.weights_sha256", "another")
    assert "Choose the model tiny 1.0" in retention_obstacle(output, worker.client)
    assert measure(output, 4).state is JobSessionState.FAILED
    slicer_scene.scene.RemoveNode(input_of(output))
    assert "removed" in retention_obstacle(output, worker.client)

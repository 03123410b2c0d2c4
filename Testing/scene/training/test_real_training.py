"""A session with the real worker: look, train, pause, stop, resume elsewhere, keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from CTDenoiseLib.models import ModelStore
from CTDenoiseTrainScene.case_volumes import CaseVolumes
from CTDenoiseTrainScene.training_layout import Stage, TrainingLayout
from CTDenoiseTrainScene.training_session import TrainingSession
from CTDenoiseTrainScene.training_state import TrainingState as State
from support.ct_series import anatomy
from support.tiny_run import tiny_recipe
from support.training_job import training_bench


@pytest.fixture(scope="module")
def worker(tmp_path_factory):
    folder = tmp_path_factory.mktemp("worker")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTDENOISE_MODELS", str(folder / "models"))
        bench = training_bench(folder)
        yield bench
        bench.close()


def wait_until(worker, session, condition):
    """Do what a timer does until something is true, or the session has failed."""

    def reached():
        session.work(0.01)
        return condition() or session.state is State.FAILED

    worker.wait_until(reached)


def wait_for(worker, session, state):
    """Do what a timer does until a state is reached."""
    wait_until(worker, session, lambda: session.state is state)
    assert session.state is state, session.failure


def test_from_volumes_to_a_model(slicer_scene, worker, tmp_path):
    low = slicer_scene.add_volume(anatomy((20, 48, 40), noise_hu=30.0, seed=1), name="Low dose")
    full = slicer_scene.add_volume(anatomy((20, 48, 40), noise_hu=5.0), name="Full dose")
    cases = [CaseVolumes(noisy=low, clean=full)]
    layout = TrainingLayout(slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node)
    session = TrainingSession(slicer_scene.scene, worker.client, tmp_path / "run")
    layout.follow(session)
    layout.show()

    session.look(tiny_recipe(), cases, patches=4)
    wait_for(worker, session, State.READY)
    assert layout.stages == (Stage.IMAGES, Stage.PATCHES)
    assert session.seen.training_sections > session.seen.validation_sections > 0

    session.start(tiny_recipe(epochs=200), cases)
    wait_until(worker, session, lambda: len(session.epochs) > 2)
    session.pause()
    wait_for(worker, session, State.PAUSED)
    assert layout.stage is Stage.NETWORK
    session.resume()
    wait_until(worker, session, lambda: session.last_step.step > 10)
    session.stop()
    wait_for(worker, session, State.DONE)
    assert not session.result.complete
    before = {epoch.epoch: replace(epoch, job=0) for epoch in session.epochs}
    session.close()
    assert session.folder.exists()

    again = TrainingSession(slicer_scene.scene, worker.client, tmp_path / "run")
    assert again.can_resume
    again.resume()
    wait_until(worker, again, lambda: len(again.epochs) > len(before))
    assert {epoch.epoch: replace(epoch, job=0) for epoch in again.epochs}.items() >= before.items()
    again.stop()
    wait_for(worker, again, State.DONE)
    again.keep("our-own", "Ours")
    wait_for(worker, again, State.DONE)
    assert again.model.name == "our-own"
    assert ModelStore.default().card("our-own").title == "Ours"
    again.close()
    layout.close()


def test_images_that_cannot_be_trained_with_end_in_the_workers_sentence(slicer_scene, worker, tmp_path):
    low = slicer_scene.add_volume(anatomy((20, 48, 40), noise_hu=30.0), name="Low dose")
    small = slicer_scene.add_volume(anatomy((20, 40, 40), noise_hu=5.0), name="Small")
    session = TrainingSession(slicer_scene.scene, worker.client, tmp_path / "run")
    session.start(tiny_recipe(), [CaseVolumes(noisy=low, clean=small)])
    wait_for(worker, session, State.FAILED)
    assert "48" in session.failure
    session.close()
    assert not session.folder.exists()

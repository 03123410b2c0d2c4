"""What becomes of a training: kept, discarded, left for later, gone on with another day."""

from __future__ import annotations

import importlib
import shutil

import pytest
import slicer

from CTDenoiseTrainLib.runs.run_folder import RunFolder, default_parent, runs_in
from CTDenoiseTrainLib.training.news import StoppedError
from support.tiny_run import make_run
from support.training_watcher import Watcher

NEVER_ENDING = {"epochs": 100000, "patches": 64}


class StopAfterAnEpoch(Watcher):
    def check(self) -> None:
        if self.epochs and self.epochs[-1].epoch == 1:
            raise StoppedError


@pytest.fixture(scope="session")
def stopped_runs(tmp_path_factory):
    """A folder with the run “our-own”, which was stopped after its first epoch."""
    from CTDenoiseTrainLib.runs.start import train_run

    parent = tmp_path_factory.mktemp("runs")
    train_run(make_run(parent / "our-own"), observer=StopAfterAnEpoch())
    return parent


@pytest.fixture
def returning(trainer, scripted, stopped_runs, users_folders):
    """A user who comes back to a training that was stopped."""
    shutil.copytree(stopped_runs, users_folders / "runs")
    trainer.open()
    return trainer


def test_a_training_that_did_not_end_is_offered_and_can_be_kept(returning):
    assert returning.ui.runsFrame.isVisible()
    (line,) = returning.texts("runSelector")
    assert line.startswith("our-own: 1 of 3 epochs, ")
    returning.press("openRunButton")
    assert not returning.ui.runsFrame.isVisible()
    assert "RMSE" in returning.ui.resultLabel.text
    assert returning.ui.nameEdit.text == "our-own"
    assert returning.ui.pauseButton.text == "Resume"
    assert "keep or discard the last training" in returning.why("startButton")
    assert returning.why("keepButton") == ""


def test_an_offer_can_be_put_off_until_the_next_time(returning, load_module):
    returning.press("notNowButton")
    assert not returning.ui.runsFrame.isVisible()
    returning.host.enter(load_module("CTDenoise"))
    returning.host.enter(returning.loaded)
    returning.settle()
    assert returning.ui.runsFrame.isVisible()


def test_what_was_opened_can_be_left_again_for_another_training(returning):
    returning.add_ct()
    returning.press("openRunButton")
    returning.press("laterButton")
    assert returning.ui.runsFrame.isVisible()
    assert returning.ui.nameEdit.text == ""
    assert returning.why("startButton") == ""


def test_nothing_is_deleted_without_a_question(returning):
    folder = default_parent() / "our-own"
    returning.host.user.answer("No")
    returning.press("deleteRunButton")
    assert folder.is_dir()
    returning.host.user.answer("Yes")
    returning.press("deleteRunButton")
    assert not folder.exists()
    assert not returning.ui.runsFrame.isVisible()


def test_a_result_is_discarded_after_a_question(returning):
    returning.press("openRunButton")
    returning.host.user.answer("No")
    returning.press("discardButton")
    assert returning.state == "idle"
    returning.host.user.answer("Yes")
    returning.press("discardButton")
    assert returning.state == "discarded"
    assert returning.result_message == "The files of the training were deleted."
    assert not runs_in(default_parent())


def test_a_model_is_replaced_after_a_question_only(returning, scripted):
    from CTDenoiseTrainLib.worker.messages import KeepModel

    returning.press("openRunButton")
    returning.set(model_name="hrcnn-small")
    assert "came with CT Denoise" in returning.why("keepButton")
    returning.set(model_name="tiny")
    returning.host.user.answer("No")
    returning.press("keepButton")
    assert returning.state == "idle"
    returning.host.user.answer("Yes")
    returning.press("keepButton")
    scripted.get_ready()
    assert scripted.last(KeepModel).overwrite


def test_the_real_worker_goes_on_where_slicer_was_closed(trainer, pair):
    """Slicer is closed in the middle of a training; another one offers it, goes on, pauses, stops and keeps it."""
    trainer.open(model="tiny", **NEVER_ENDING)
    trainer.press("startButton")
    trainer.spin(lambda: trainer.session and len(trainer.session.epochs) > 2, timeout=90)
    (folder,) = default_parent().iterdir()
    trainer.host.close_module(trainer.loaded)
    state = RunFolder(folder).state()
    assert state.resumable
    assert state.epochs_done > 0

    trainer.open()
    trainer.press("resumeRunButton")
    trainer.spin(lambda: trainer.session.last_step is not None, timeout=90)
    trainer.press("pauseButton")
    trainer.wait_for("paused")
    trainer.press("pauseButton")
    trainer.wait_for("training")
    trainer.press("stopButton")
    trainer.wait_for("done")
    told = [epoch.epoch for epoch in trainer.session.epochs]
    assert told == list(range(len(told)))
    assert len(told) > state.epochs_done
    trainer.press("keepButton")
    trainer.spin(lambda: trainer.result_message, timeout=30)
    assert "“tiny-qr89” is in the store" in trainer.result_message
    trainer.press("discardButton")
    assert not folder.exists()
    slicer.mrmlScene.Clear()
    assert importlib.import_module("CTDenoiseLib.models.store").ModelStore.default().card("tiny-qr89")

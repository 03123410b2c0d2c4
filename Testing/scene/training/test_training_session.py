"""A session from the user's volumes to a model: which state follows which, and what the worker is asked for."""

from __future__ import annotations

import pytest

from CTDenoiseLib.worker.messages import Cancel, JobCancelled, JobFailed, JobRequest, Note
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.worker.messages import Continue, KeepModel, Kept, LookAtData, Pause, Paused, Stop, Train
from CTDenoiseTrainScene.case_volumes import CaseVolumes
from CTDenoiseTrainScene.training_state import TrainingState as State
from support.tiny_run import make_run
from support.training_news import data_seen, epoch, preview, step, trained


def test_a_look_copies_the_volumes_and_ends_with_something_to_see(training_scene):
    session, seen = training_scene.session(), []
    session.data_seen.connect(seen.append)
    session.look(training_scene.recipe, training_scene.cases, patches=5)
    assert session.state is State.PREPARING
    training_scene.prepare(session)
    assert session.state is State.LOOKING
    request = training_scene.trainer.last(LookAtData)
    assert (request.recipe, request.patches) == (str(session.folder / "recipe.toml"), 5)
    assert request.folder == str(session.folder / "look")
    at_hand = []
    session.state_changed.connect(lambda state: at_hand.append((state, session.seen is not None)))
    training_scene.trainer.say(data_seen(session.folder / "look"))
    assert at_hand == [(State.READY, True)]
    assert seen == [session.seen]


def test_training_tells_its_steps_epochs_and_previews_and_ends_done(training_scene, tmp_path):
    session, told = training_scene.session(), []
    for signal in (session.began, session.step_done, session.epoch_done, session.preview_ready, session.trained):
        signal.connect(lambda *news: told.append(type(*news).__name__ if news else "began"))
    session.start(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    assert training_scene.trainer.last(Train) == Train(run=str(session.folder), resume=False, job=1)
    for news in (epoch(0), step(), epoch(1), preview(tmp_path / "preview"), trained()):
        training_scene.trainer.say(news)
    assert told == ["began", "EpochDone", "StepDone", "EpochDone", "PreviewReady", "Trained"]
    assert training_scene.said == [State.PREPARING, State.TRAINING, State.DONE]
    assert [news.epoch for news in session.epochs] == [0, 1]
    assert session.last_step.step == 1
    assert session.result.complete


def test_after_a_look_training_begins_without_copying_again(training_scene):
    session = training_scene.session()
    session.look(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    training_scene.trainer.say(data_seen(session.folder / "look"))
    image = next((session.folder / "data").glob("*.mha"))
    written = image.stat().st_mtime_ns
    session.start(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    assert session.state is State.TRAINING
    assert image.stat().st_mtime_ns == written


def test_a_pause_waits_for_the_worker_and_ends_with_resume(training_scene):
    session = training_scene.started()
    session.pause()
    assert session.state is State.PAUSING
    assert isinstance(training_scene.trainer.told[-1], Pause)
    training_scene.trainer.say(Paused(job=0))
    assert session.state is State.PAUSED
    assert session.can_resume
    session.resume()
    assert session.state is State.TRAINING
    assert isinstance(training_scene.trainer.told[-1], Continue)


@pytest.mark.parametrize("paused", [False, True])
def test_a_stop_ends_with_the_figures_so_far(training_scene, paused):
    session = training_scene.started()
    if paused:
        session.pause()
        training_scene.trainer.say(Paused(job=0))
    session.stop()
    assert session.state is State.STOPPING
    assert isinstance(training_scene.trainer.told[-1], Stop)
    training_scene.trainer.say(trained(complete=False))
    assert session.state is State.DONE


def test_a_late_pause_does_not_undo_a_stop(training_scene):
    session = training_scene.started()
    session.pause()
    session.stop()
    training_scene.trainer.say(Paused(job=0))
    assert session.state is State.STOPPING


def test_cancel_ends_the_job_of_the_worker(training_scene):
    session = training_scene.started()
    session.cancel()
    assert session.state is State.CANCELLING
    assert isinstance(training_scene.trainer.told[-1], Cancel)
    training_scene.trainer.say(JobCancelled(0, 0))
    assert session.state is State.CANCELLED


def test_cancel_while_volumes_are_copied_needs_no_worker(training_scene):
    session = training_scene.session()
    session.start(training_scene.recipe, training_scene.cases)
    session.work(0.0)
    session.cancel()
    assert session.state is State.CANCELLED
    assert not session.work(0.01)
    assert training_scene.trainer.told == []
    assert list((session.folder / "data").glob("**/*.mha")) == []


def test_what_fails_in_the_worker_is_told_once_and_can_be_tried_again(training_scene):
    session = training_scene.started()
    training_scene.trainer.say(JobFailed(0, "The images differ."))
    assert training_scene.said[-2:] == ["The images differ.", State.FAILED]
    assert session.failure == "The images differ."
    session.start(training_scene.recipe, training_scene.cases)
    assert (session.state, session.failure) == (State.PREPARING, "")


def test_a_worker_that_crashes_is_told_in_a_sentence(training_scene):
    session = training_scene.started()
    training_scene.trainer.crash()
    assert session.state is State.FAILED
    assert session.failure.endswith(".")


def test_a_recipe_that_is_not_possible_fails_before_anything_is_copied(training_scene):
    session = training_scene.session()
    session.look(training_scene.recipe, [CaseVolumes(noisy=training_scene.low)])
    assert session.state is State.FAILED
    assert "“noisy” and “clean”" in session.failure
    assert not session.folder.exists()


def test_a_volume_without_an_image_fails_with_its_name(training_scene, slicer_scene):
    empty = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Hollow")
    session = training_scene.session()
    session.start(training_scene.recipe, [CaseVolumes(noisy=training_scene.low, clean=empty)])
    assert session.state is State.FAILED
    assert "“Hollow”" in session.failure


@pytest.mark.parametrize("event", ["one volume", "the scene"])
def test_volumes_that_leave_the_scene_before_they_are_copied_end_the_session(training_scene, slicer_scene, event):
    session = training_scene.session()
    session.start(training_scene.recipe, training_scene.cases)
    session.work(0.0)
    slicer_scene.scene.RemoveNode(training_scene.full) if event == "one volume" else slicer_scene.close()
    assert session.state is State.FAILED
    assert "removed from the scene" in session.failure


def test_training_goes_on_when_the_scene_is_closed(training_scene, slicer_scene):
    session = training_scene.started()
    slicer_scene.close()
    training_scene.trainer.say(step())
    assert session.state is State.TRAINING
    assert session.source_node is None


def test_notes_of_the_worker_are_passed_on(training_scene):
    training_scene.started()
    training_scene.trainer.say(Note(0, "One patient only."))
    assert training_scene.said[-1] == "One patient only."


def test_discarding_a_training_cancels_it_and_deletes_its_folder(training_scene):
    session = training_scene.started()
    session.discard()
    assert session.state is State.CANCELLING
    training_scene.trainer.say(JobCancelled(0, 0))
    assert session.state is State.DISCARDED
    assert not session.folder.exists()
    assert (session.can_look, session.can_resume, session.can_keep) == (False, False, False)


def test_a_training_that_ends_while_it_is_discarded_is_discarded(training_scene):
    session = training_scene.started()
    session.discard()
    training_scene.trainer.say(trained())
    assert session.state is State.DISCARDED
    assert not session.folder.exists()


def test_a_folder_that_holds_something_else_is_not_deleted(training_scene):
    session = training_scene.started()
    training_scene.trainer.say(trained())
    (session.folder / "letters.txt").write_text("Dear")
    session.discard()
    assert session.state is State.DONE
    assert "letters.txt" in session.failure
    assert (session.folder / "letters.txt").exists()


def test_closing_before_training_has_begun_leaves_no_files(training_scene):
    session = training_scene.session()
    session.look(training_scene.recipe, training_scene.cases)
    training_scene.prepare(session)
    session.close()
    assert session.state is State.CANCELLED
    assert isinstance(training_scene.trainer.told[-1], Cancel)
    assert not session.folder.exists()


def test_closing_leaves_a_run_that_another_made(training_scene):
    run = make_run(training_scene.folder / "run")
    training_scene.session().close()
    assert run.exists


@pytest.mark.parametrize("end", [JobCancelled(0, 0), JobFailed(0, "Too late."), trained()])
def test_nothing_is_heard_of_the_worker_after_closing(training_scene, end):
    session = training_scene.started()
    session.close()
    heard = list(training_scene.said)
    training_scene.trainer.say(step())
    training_scene.trainer.say(Note(0, "Not heard."))
    training_scene.trainer.say(end)
    assert training_scene.said == heard


def test_what_is_not_possible_now_does_nothing(training_scene):
    session = training_scene.session()
    for action in (session.pause, session.stop, session.resume, session.cancel):
        action()
    session.keep("our-own", "Ours")
    assert session.state is State.IDLE
    assert training_scene.trainer.told == []
    session = training_scene.started()
    requests = training_scene.trainer.told.copy()
    session.start(training_scene.recipe, training_scene.cases)
    session.look(training_scene.recipe, training_scene.cases)
    session.keep("our-own", "Ours")
    assert training_scene.trainer.told == requests


class TestARunThatEnded:
    """Its folder tells what can be done; here a real one, whose training was stopped after an epoch."""

    @pytest.fixture
    def stopped_run(self, stopped_run_folder):
        return RunFolder(stopped_run_folder)

    @pytest.fixture
    def session(self, training_scene, stopped_run):
        return training_scene.session(stopped_run.path)

    def test_it_can_be_resumed_and_kept_but_not_begun_anew(self, session):
        assert (session.can_look, session.can_resume, session.can_keep) == (False, True, True)

    def test_resuming_asks_the_worker_to_go_on(self, session, training_scene):
        session.resume()
        training_scene.trainer.get_ready()
        assert session.state is State.TRAINING
        assert training_scene.trainer.last(Train) == Train(run=str(session.folder), resume=True, job=1)
        assert session.recipe.name == "our-own"

    def test_keeping_it_ends_with_the_name_of_the_model(self, session, training_scene):
        session.keep("our-own", "Ours", overwrite=True)
        training_scene.trainer.get_ready()
        assert session.state is State.KEEPING
        assert training_scene.trainer.last(KeepModel).overwrite
        training_scene.trainer.say(Kept(job=0, name="our-own", folder="models"))
        assert session.state is State.DONE
        assert session.model.name == "our-own"

    @pytest.mark.parametrize("news", [JobFailed(0, "There is such a model already."), JobCancelled(0, 0)])
    def test_a_model_that_was_not_kept_can_be_kept_again(self, session, training_scene, news):
        session.keep("our-own", "Ours")
        training_scene.trainer.get_ready()
        training_scene.trainer.say(news)
        assert session.state is State.IDLE
        assert session.can_keep
        session.keep("our-own-2", "Ours")
        assert training_scene.trainer.last(JobRequest).name == "our-own-2"

    def test_damaged_it_can_neither_be_resumed_nor_begun_anew_and_closing_leaves_it(self, session, stopped_run):
        for checkpoint in stopped_run.checkpoints.iterdir():
            (checkpoint / "state.json").write_text("")
        session.resume()
        assert (session.can_look, session.can_resume, session.can_keep) == (False, False, True)
        session.close()
        assert stopped_run.exists

    def test_closing_leaves_it_as_it_is(self, session, stopped_run):
        session.close()
        assert stopped_run.state().resumable

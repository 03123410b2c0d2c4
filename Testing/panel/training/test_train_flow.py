"""The buttons and lines of a training in each of its states, with a worker that says what the test wants."""

from __future__ import annotations

import pytest

from CTDenoiseLib.worker.messages import Cancel, JobCancelled, JobFailed
from CTDenoiseTrainLib.worker.messages import Continue, LookAtData, Pause, Paused, Stop, Train
from support import training_news as news


@pytest.fixture
def ready(trainer, scripted, pair):
    """The panel in which training may begin."""
    trainer.open()
    return trainer


@pytest.fixture
def training(ready, scripted):
    """The panel of which the training has begun."""
    ready.begin(scripted)
    scripted.say(news.step(11))
    ready.settle()
    return ready


def layout_active(user):
    return bool(user.ui.viewsButton.checked)


def test_a_look_shows_images_facts_and_warnings(ready, scripted, tmp_path):
    ready.press("lookButton")
    ready.spin(lambda: ready.state == "looking")
    assert ready.ui.progressLabel.text == "Making noise maps, pairs and patches…"
    assert ready.ui.progressBar.isVisible()
    scripted.get_ready()
    scripted.say(news.data_seen(tmp_path / "look"))
    ready.wait_for("ready")
    text = ready.ui.lookLabel.text
    assert text.index("The images are those of one patient.") < text.index("90 sections to learn from, 10 held out.")
    assert "Leakage of anatomy" in text
    assert layout_active(ready)
    assert ready.texts("stageSelector") == ["Images and noise", "Patches"]
    ready.choose("stageSelector", "PATCHES")
    assert ready.why("startButton") == ""
    assert scripted.last(LookAtData).recipe.endswith("recipe.toml")


def test_the_users_layout_comes_back(training, slicer_host):
    import slicer

    layout = slicer.app.layoutManager()
    assert layout_active(training)
    shown = layout.layout
    training.press("viewsButton")
    assert not layout_active(training)
    assert layout.layout != shown
    training.press("viewsButton")
    assert layout.layout == shown


def test_how_far_it_is(training):
    assert training.ui.progressBar.value == 27
    assert training.ui.progressLabel.text == "Epoch 2 of 4, 160 samples/s, 1 min 0 s left"
    assert "learning rate 0.001" in training.ui.progressLabel.toolTip
    assert "5 % of the time waiting for data" in training.ui.progressLabel.toolTip


def test_pause_and_resume(training, scripted):
    training.press("pauseButton")
    assert scripted.told[-1] == Pause(scripted.last(Train).job)
    assert "Pausing" in training.ui.progressLabel.text
    scripted.say(Paused(0))
    training.settle()
    assert training.ui.pauseButton.text == "Resume"
    assert "Paused" in training.ui.progressLabel.text
    training.press("pauseButton")
    assert scripted.told[-1] == Continue(scripted.last(Train).job)
    assert training.ui.pauseButton.text == "Pause"
    assert training.ui.progressLabel.text.startswith("Epoch 2 of 4")


def test_stop_and_a_second_time_at_once(training, scripted):
    training.press("stopButton")
    assert scripted.told[-1] == Stop(scripted.last(Train).job)
    assert training.ui.stopButton.text == "Stop now"
    training.press("stopButton")
    assert scripted.told[-1] == Cancel(scripted.last(Train).job)
    scripted.say(JobCancelled(0, 0))
    training.settle()
    assert training.message == "Cancelled."


def test_the_end_shows_what_it_came_to(training, scripted):
    scripted.say(news.epoch(1))
    scripted.say(news.trained())
    training.settle()
    assert training.message == "Training has ended after 4 epochs in 48 s; see the result below."
    assert "Best: epoch 3 of 4." in training.ui.resultLabel.text
    assert "21.3" in training.ui.resultLabel.text
    assert not training.ui.progressBar.isVisible()


def test_who_gained_nothing_is_told(training, scripted):
    scripted.say(news.trained(best_epoch=0))
    training.settle()
    assert "nothing to keep" in training.ui.resultLabel.text


def test_what_is_going_on_is_said_for_the_moment_and_notes_stay(training, scripted):
    session = training.session
    session.note.emit("Reading the noisy series of patient 1…")
    assert training.ui.progressLabel.text == "Reading the noisy series of patient 1…"
    assert training.message == ""
    session.note.emit("The logs of this run end here.")
    assert training.message == "The logs of this run end here."


def test_a_failure_is_said_in_a_sentence(training, scripted):
    scripted.say(JobFailed(0, "The loss is no number any more."))
    training.settle()
    assert training.message == "The loss is no number any more."
    assert training.why("startButton") == ""  # there is no checkpoint to go on from


def test_a_worker_that_crashes_takes_nothing_with_it(training, scripted):
    scripted.crash()
    training.settle()
    assert "worker" in training.message
    assert training.state == "failed"


def test_training_goes_on_when_the_scene_is_closed(training, scripted):
    training.host.parts.close()
    training.settle()
    assert training.state == "training"
    scripted.say(news.trained())
    training.settle()
    assert "Best: epoch 3" in training.ui.resultLabel.text


def test_training_goes_on_while_the_user_is_elsewhere(training, scripted, load_module):
    load_module("CTDenoise")
    scripted.say(news.trained())
    training.settle()
    assert training.state == "done"


def test_what_is_being_copied_can_be_stopped_before_it_began(ready):
    ready.press("startButton")
    ready.press("stopButton") if ready.state == "preparing" else ready.session.cancel()
    ready.settle()
    assert ready.state in ("cancelled", "cancelling")

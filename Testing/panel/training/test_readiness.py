"""Why a control is disabled, from facts to sentences."""

from __future__ import annotations

import pytest

READY = {"has_volume": True, "knows_devices": True, "scales_noise": True, "has_stages": True, "case_selected": True}


@pytest.fixture
def why(slicer_host):
    """The sentence for a control, given facts that differ from those of a panel in which training may begin."""
    from CTDenoiseTrainPanel.readiness import Facts, why_disabled
    from CTDenoiseTrainScene.training_state import TrainingState

    def ask(control, *, state="idle", **facts):
        return why_disabled(Facts(**READY | {"state": TrainingState(state)} | facts))[control]

    return ask


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, ""),
        ({"missing_packages": "tensorboardX"}, "Install the missing Python packages first (tensorboardX)."),
        ({"data_problem": "Choose a volume first."}, "Choose a volume first."),
        ({"model_problem": "There is no such model."}, "There is no such model."),
        ({"device_problem": "This computer has no device cuda:1."}, "This computer has no device cuda:1."),
        ({"state": "training"}, "Something is going on; wait until it is done, or stop it."),
        ({"begun": True}, "Resume, keep or discard the last training first, or leave it for later."),
    ],
)
@pytest.mark.parametrize("control", ["startButton", "lookButton"])
def test_the_button_says_what_it_waits_for(why, control, facts, sentence):
    assert why(control, **facts) == sentence


@pytest.mark.parametrize("control", ["volumeSelector", "sourceSelector", "epochsSpinBox", "modelSelector"])
def test_what_a_training_was_begun_with_is_locked(why, control):
    assert "going on" in why(control, state="training")
    assert "keep or discard" in why(control, begun=True)
    assert why(control) == ""


def test_a_training_can_be_paused_and_whatever_waits_resumed(why):
    assert why("pauseButton", state="training") == ""
    assert why("pauseButton", state="paused", can_resume=True) == ""
    assert why("pauseButton", state="failed", can_resume=True) == ""
    assert "after the step" in why("pauseButton", state="pausing")
    assert "No training" in why("pauseButton")


@pytest.mark.parametrize("state", ["preparing", "looking", "training", "paused", "stopping"])
def test_whatever_is_on_can_be_stopped(why, state):
    assert why("stopButton", state=state) == ""


def test_nothing_can_be_stopped_when_nothing_is_on_or_it_ends_already(why):
    assert "Nothing is going on" in why("stopButton")
    assert "a second at most" in why("stopButton", state="cancelling")


def test_only_what_was_trained_can_be_kept_and_only_once(why):
    ended = {"state": "done", "begun": True, "can_keep": True}
    assert why("keepButton", **ended) == ""
    assert why("keepButton", **ended, name_problem="Give the model a name.") == "Give the model a name."
    assert "nothing to keep" in why("keepButton", **ended, gained=False)
    assert "already" in why("keepButton", **ended, is_kept=True)
    assert "Nothing was trained" in why("keepButton")
    assert "no result yet" in why("keepButton", state="failed", begun=True)
    assert "has ended" in why("keepButton", state="training", begun=True)


def test_a_run_that_was_offered_can_be_resumed_or_has_ended(why):
    assert why("resumeRunButton", run_resumable=True) == ""
    assert "finished" in why("resumeRunButton", run_has_result=True)
    assert "no result" in why("openRunButton", run_resumable=True)


def test_noise_that_is_not_added_is_not_scaled(why):
    assert why("scaleLowSpinBox") == ""
    assert "only added noise" in why("scaleLowSpinBox", scales_noise=False)


def test_without_views_training_goes_on_all_the_same(why):
    assert "without slice views" in why("viewsButton", has_views=False)
    assert why("startButton", has_views=False) == ""

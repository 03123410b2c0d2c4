"""Why a control of the panel cannot be used now: from plain facts to a sentence for its tooltip."""

from __future__ import annotations

from dataclasses import dataclass

from slicer.i18n import tr as _

from CTDenoiseTrainScene.training_state import TrainingState


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Where the panel stands.

    Attributes:
        missing_packages: Names of Python packages that training lacks; empty when all are there.
        has_volume: A volume is chosen.
        data_problem: Why there is nothing to train with, else empty.
        case_problem: Why the patient on show cannot be kept, else empty.
        case_selected: A patient among those that were added is selected.
        model_problem: Why the model to fine-tune cannot be used, else empty.
        fine_tuning: A model is to be fine-tuned, not a new one trained.
        scales_noise: Noise is multiplied by a factor.
        knows_devices: The worker has said what it can compute on.
        device_problem: Why the chosen device cannot be used, else empty.
        state: Of the training.
        begun: A training has begun, and is neither kept nor discarded.
        can_resume: It can be gone on with.
        can_keep: It has weights that can be kept.
        gained: It is better than what it began with, or has not ended yet.
        is_kept: It was kept.
        name_problem: Why the model cannot have its name, else empty.
        has_views: Slicer has slice views.
        has_stages: There is something to show in them.
        run_resumable: The run that is offered can be gone on with.
        run_has_result: It has a result.
    """

    missing_packages: str = ""
    has_volume: bool = False
    data_problem: str = ""
    case_problem: str = ""
    case_selected: bool = False
    model_problem: str = ""
    fine_tuning: bool = False
    scales_noise: bool = False
    knows_devices: bool = False
    device_problem: str = ""
    state: TrainingState = TrainingState.IDLE
    begun: bool = False
    can_resume: bool = False
    can_keep: bool = False
    gained: bool = True
    is_kept: bool = False
    name_problem: str = ""
    has_views: bool = True
    has_stages: bool = False
    run_resumable: bool = False
    run_has_result: bool = False


def why_disabled(facts: Facts) -> dict[str, str]:
    """For each control, by its name in the .ui file, why it is disabled, as a sentence; empty where it is not."""
    return _runs(facts) | _data(facts) | _recipe(facts) | _train(facts) | _result(facts)


def _runs(facts: Facts) -> dict[str, str]:
    complete = "" if facts.run_resumable else _("It is finished; open it to keep it.")
    no_result = "" if facts.run_has_result else _("It was interrupted and has no result yet; resume it.")
    return {
        "resumeRunButton": _packages(facts) or complete,
        "openRunButton": _packages(facts) or no_result,
    }


def _data(facts: Facts) -> dict[str, str]:
    locked = _locked(facts)
    no_volume = "" if facts.has_volume else _("Choose a volume first.")
    not_selected = "" if facts.case_selected else _("Select a patient in the list that was added before.")
    return {
        "volumeSelector": locked,
        "sourceSelector": locked or no_volume,
        "noisySelector": locked or no_volume,
        "cleanSelector": locked or no_volume,
        "iterativeSelector": locked or no_volume,
        "repeatsList": locked or no_volume,
        "addCaseButton": locked or facts.case_problem,
        "removeCaseButton": locked or not_selected,
        "lookButton": _why_not_begin(facts),
    }


def _recipe(facts: Facts) -> dict[str, str]:
    locked, packages = _locked(facts), _packages(facts)
    no_devices = "" if facts.knows_devices else _("The worker has not yet said what this computer can compute on.")
    no_card = "" if facts.fine_tuning else _("A new model has no card yet; it gets one when it is kept.")
    not_scaled = "" if facts.scales_noise else _("These pairs are used as they are; only added noise is scaled.")
    figures = ("layersSelector", "shareSpinBox", "epochsSpinBox", "batchSpinBox", "rateSpinBox", "patchesSpinBox")
    return dict.fromkeys((*figures, "sideSpinBox", "seedSpinBox", "presetSelector"), locked) | {
        "modelSelector": packages or locked,
        "modelDetailsButton": packages or facts.model_problem or no_card,
        "scaleLowSpinBox": locked or not_scaled,
        "scaleHighSpinBox": locked or not_scaled,
        "deviceSelector": packages or locked or no_devices,
        "precisionSelector": packages or locked or no_devices,
    }


def _train(facts: Facts) -> dict[str, str]:
    state = facts.state
    cancelling = _("It is being cancelled; this takes a second at most.") if state is TrainingState.CANCELLING else ""
    nothing_on = "" if state.busy else _("Nothing is going on.")
    keeping = _("The model is being kept.") if state is TrainingState.KEEPING else ""
    no_views = "" if facts.has_views else _("This Slicer runs without slice views.")
    nothing_to_see = "" if facts.has_stages else _("There is nothing to see yet; press Look or Start.")
    return {
        "startButton": _why_not_begin(facts),
        "pauseButton": _why_not_pause(facts),
        "stopButton": nothing_on or cancelling or keeping,
        "viewsButton": no_views,
        "stageSelector": no_views or nothing_to_see,
    }


def _why_not_pause(facts: Facts) -> str:
    if facts.state is TrainingState.TRAINING or facts.can_resume:
        return _packages(facts)
    if facts.state is TrainingState.PAUSING:
        return _("It pauses after the step at work.")
    return _("No training is on that could be paused or resumed.")


def _result(facts: Facts) -> dict[str, str]:
    training = _("Wait until the training has ended, or stop it.") if facts.state.busy else ""
    kept = _("The model is in the store already.") if facts.is_kept else ""
    nothing = "" if facts.begun or facts.is_kept else _("Nothing was trained yet.")
    no_weights = "" if facts.can_keep else _("It was interrupted and has no result yet; resume it.")
    not_gained = "" if facts.gained else _("No epoch was better than the start, so there is nothing to keep.")
    why_not_keep = training or kept or nothing or no_weights or not_gained
    return {
        "nameEdit": kept,
        "titleEdit": kept,
        "keepButton": _packages(facts) or why_not_keep or facts.name_problem,
        "discardButton": training or nothing,
        "laterButton": training or nothing,
    }


def _why_not_begin(facts: Facts) -> str:
    return _packages(facts) or _locked(facts) or facts.data_problem or facts.model_problem or facts.device_problem


def _locked(facts: Facts) -> str:
    """Why nothing about the training to come can be changed."""
    if facts.state.busy:
        return _("Something is going on; wait until it is done, or stop it.")
    return _("Resume, keep or discard the last training first, or leave it for later.") if facts.begun else ""


def _packages(facts: Facts) -> str:
    if not facts.missing_packages:
        return ""
    return _("Install the missing Python packages first ({names}).").format(names=facts.missing_packages)

"""Why a control is disabled, from facts to sentences."""

from __future__ import annotations

import pytest

THERE = ("has_input", "knows_devices", "has_output", "comparing", "in_place", "has_regions", "has_figures")
READY = dict.fromkeys(THERE, True) | {"companions": 3}


@pytest.fixture
def why(slicer_host):
    """The sentence for a control, given facts that differ from those of a panel in which all can be used."""
    from CTDenoisePanel.readiness import Facts, why_disabled

    return lambda control, **facts: why_disabled(Facts(**READY | facts))[control]


def test_every_control_can_be_used_when_all_is_there(slicer_host):
    from CTDenoisePanel.readiness import Facts, why_disabled

    reasons = why_disabled(Facts(**READY, is_slab=True))
    assert {name for name, reason in reasons.items() if reason} == set()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"missing_packages": "PyTorch"}, "Install the missing Python packages first (PyTorch)."),
        ({"has_input": False}, "Choose a CT volume first."),
        ({"model_problem": "There is no model."}, "There is no model."),
        ({"refusal": "The volume is of modality MR."}, "The volume is of modality MR."),
        ({"device_problem": "This computer has no device cuda:1."}, "This computer has no device cuda:1."),
        ({"exporting": True}, "The result is being saved; wait until it is done."),
        ({"cancelling": True, "running": True}, "The run is being cancelled; this takes a second at most."),
    ],
)
def test_the_button_says_what_it_waits_for(why, facts, sentence):
    assert why("applyButton", **facts) == sentence


def test_a_model_can_be_fine_tuned_where_the_module_for_it_is(why):
    assert why("fineTuneButton") == ""
    assert "CT Denoise Train is not there" in why("fineTuneButton", can_train=False)
    assert why("fineTuneButton", has_input=False) == "Choose a CT volume first."


def test_the_button_stays_usable_during_a_run_because_it_cancels(why):
    assert why("applyButton", running=True) == ""


@pytest.mark.parametrize(
    "control", ["inputSelector", "modelSelector", "deviceSelector", "precisionSelector", "scopeSelector"]
)
def test_settings_are_locked_during_a_run(why, control):
    assert "cancel" in why(control, running=True)


def test_strength_can_be_changed_during_a_run(why):
    assert why("strengthSlider", running=True) == ""


@pytest.mark.parametrize("control", ["smoothSharpDenoisedButton", "softTissueButton", "fadeSlider", "smoothSelector"])
def test_comparing_needs_no_packages(why, control):
    assert why(control, missing_packages="PyTorch") == ""


def test_a_layout_of_reconstructions_needs_two_volumes(why):
    assert "second volume" in why("twoByTwoButton", companions=1)


def test_without_views_layouts_say_so_and_windows_still_work(why):
    assert "without slice views" in why("twoByTwoButton", has_views=False)
    assert why("lungButton", has_views=False) == ""


@pytest.mark.parametrize("control", ["newLineButton", "newCurveButton", "boxButton", "closedCurveButton"])
def test_drawing_needs_views_and_no_packages(why, control):
    assert "without slice views" in why(control, has_views=False)
    assert "Choose a CT volume" in why(control, has_input=False)
    assert why(control, missing_packages="PyTorch", running=True) == ""


def test_rois_are_placed_without_views(why):
    assert why("uniformRoisButton", has_views=False) == ""


@pytest.mark.parametrize("control", ["copyTableButton", "saveMeasurementsButton"])
def test_an_empty_table_says_how_to_fill_it(why, control):
    assert "draw a line" in why(control, has_figures=False, shows_profile=True)
    assert "draw or place one" in why(control, has_figures=False, shows_profile=False)


def test_an_audit_waits_for_others_and_can_be_cancelled(why):
    assert "wait until it is done" in why("auditButton", running=True)
    assert "wait until it is done" in why("auditButton", exporting=True)
    assert why("auditButton", audit_obstacle="No section is denoised yet.") == "No section is denoised yet."
    assert why("auditButton", auditing=True, audit_obstacle="No section is denoised yet.") == ""


@pytest.mark.parametrize("control", ["saveDicomButton", "saveFileButton", "reportButton"])
def test_nothing_is_saved_before_something_is_denoised_or_while_it_is(why, control):
    assert "denoise one first" in why(control, has_output=False)
    assert "wait until it is done" in why(control, running=True)


def test_saving_says_what_the_scene_layer_says(why):
    assert why("saveDicomButton", series_obstacle="It was not loaded from DICOM.") == "It was not loaded from DICOM."
    assert why("saveFileButton", series_obstacle="It was not loaded from DICOM.") == ""

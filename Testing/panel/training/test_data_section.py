"""Choosing what to learn from: proposals, sources, roles, several patients."""

from __future__ import annotations

import pytest


@pytest.fixture
def choosing(trainer, scripted, pair):
    """The panel with a sharp and a smooth series loaded."""
    trainer.open()
    return trainer


def names(case):
    return {role: node.GetName() for role in ("noisy", "clean") if (node := getattr(case, role)) is not None}


def cases(user):
    return user.loaded.widget.panel._data.choice.cases


def test_the_noisy_one_of_a_pair_and_its_companion_are_proposed_with_the_reason(choosing, pair):
    sharp, smooth = pair
    assert choosing.parameters.volume is sharp
    assert choosing.texts("sourceSelector")[0] == "Automatic: Sharp and smooth kernel"
    assert "smoother reconstruction" in choosing.ui.reasonLabel.text
    assert choosing.ui.noisyLabel.text == "Sharp kernel:"
    automatic = f"Automatic: sharp kernel “{sharp.GetName()}”; smooth kernel “{smooth.GetName()}”."
    assert choosing.ui.automaticLabel.text == automatic
    assert "kernel Qr89, 24 axial sections" in choosing.ui.factsLabel.text


def test_each_source_asks_for_its_own_volumes(choosing):
    choosing.choose("sourceSelector", "self-supervised")
    assert not choosing.ui.noisySelector.isVisible()
    assert "alone will do" in choosing.ui.reasonLabel.text
    choosing.choose("sourceSelector", "noise-maps/reconstructions")
    assert choosing.ui.iterativeSelector.isVisible()
    assert not choosing.ui.cleanSelector.isVisible()
    assert choosing.why("startButton") == "<p>Choose a volume for “Iterative”.</p>"
    choosing.choose("sourceSelector", "averages")
    assert choosing.ui.repeatsList.isVisible()
    assert choosing.why("startButton") == "<p>Tick at least 3 repeats of the same scan.</p>"


def test_a_volume_that_the_user_chose_takes_the_place_of_the_proposed_one(choosing):
    other = choosing.add_ct(name="Other")
    choosing.set(clean_volume=other)
    (case,) = cases(choosing)
    assert case.clean is other
    choosing.choose("sourceSelector", "dose-pairs")
    assert choosing.parameters.clean_volume is None


def test_repeats_are_ticked(choosing, pair):
    choosing.choose("sourceSelector", "repeats")
    widget = choosing.ui.repeatsList
    for row in range(widget.count):
        widget.item(row).setCheckState(_checked())
    choosing.settle()
    (case,) = cases(choosing)
    assert set(case.repeats) == set(pair)
    assert choosing.why("startButton") == ""


def test_several_patients_are_listed_and_one_can_be_taken_off_again(choosing, pair):
    assert not choosing.ui.casesList.isVisible()
    choosing.press("addCaseButton")
    assert choosing.parameters.volume is None
    assert choosing.why("startButton") == ""
    assert choosing.parameters.source == "kernel-pairs"

    low = choosing.add_ct(name="Second")
    choosing.set(volume=low)
    assert "Patient 2 lacks a volume for “Smooth kernel”" in choosing.why("startButton")
    choosing.set(clean_volume=choosing.add_ct(name="Smooth of second"))
    first, second = cases(choosing)
    assert (first.patient, names(first)["noisy"]) == ("1", pair[0].GetName())
    assert (second.patient, names(second)) == ("2", {"noisy": "Second", "clean": "Smooth of second"})

    choosing.ui.casesList.setCurrentRow(0)
    choosing.settle()
    choosing.press("removeCaseButton")
    assert [case.patient for case in cases(choosing)] == ["1"]
    assert not choosing.ui.casesList.isVisible()


def test_patients_and_repeats_are_saved_with_the_scene(choosing, pair, tmp_path):
    sharp, smooth = pair
    choosing.press("addCaseButton")
    choosing.set(volume=smooth, source="repeats")
    choosing.ui.repeatsList.item(0).setCheckState(_checked())
    choosing.settle()
    choosing.host.parts.save(tmp_path / "scene.mrb")
    choosing.host.parts.open(tmp_path / "scene.mrb")
    choosing.settle()
    choosing.choose("sourceSelector", "kernel-pairs")
    kept, _shown = cases(choosing)
    assert names(kept) == {"noisy": sharp.GetName(), "clean": smooth.GetName()}


def test_a_volume_that_left_the_scene_is_missed(choosing, pair):
    import slicer

    choosing.press("addCaseButton")
    slicer.mrmlScene.RemoveNode(pair[1])
    choosing.settle()
    assert "Smooth kernel" in choosing.why("startButton")


def test_a_volume_without_an_image_is_no_volume(choosing):
    import slicer

    choosing.set(volume=slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"))
    assert "image" in choosing.ui.factsLabel.text


def _checked():
    import qt

    return qt.Qt.Checked

"""The slider with a number field."""

from __future__ import annotations

import pytest


@pytest.fixture
def strength(slicer_host):
    import ctk

    slider = ctk.ctkSliderWidget()
    slider.setRange(0, 100)
    slider.singleStep = 0.5
    slider.value = 40
    return slider


@pytest.fixture
def heard(strength):
    signals = []
    strength.valueChanged.connect(lambda value: signals.append(("changed", value)))
    strength.valueIsChanging.connect(lambda value: signals.append(("changing", value)))
    return signals


def drag(strength, *steps: int) -> None:
    strength.slider().setSliderDown(True)
    for step in steps:
        strength.slider().setValue(step)
    strength.slider().setSliderDown(False)


def test_setting_the_value_moves_slider_and_number(strength, heard):
    strength.value = 62.5
    assert (strength.spinBox().value, strength.slider().value) == (62.5, 125)
    assert heard == [("changed", 62.5)]


def test_value_stays_in_the_range(strength):
    strength.value = 400
    assert strength.value == 100


def test_a_drag_is_told_step_by_step(strength, heard):
    drag(strength, 90, 100)
    assert heard == [("changed", 45.0), ("changed", 50.0)]


def test_without_tracking_a_drag_changes_the_value_on_release(strength, heard):
    strength.tracking = False
    values = []
    strength.valueIsChanging.connect(lambda _: values.append(strength.value))
    drag(strength, 90, 100)
    assert heard == [("changing", 45.0), ("changing", 50.0), ("changed", 50.0)]
    assert values == [40.0, 40.0]
    assert strength.value == 50.0


def test_without_tracking_a_typed_number_counts_at_once(strength, heard):
    strength.tracking = False
    strength.spinBox().value = 12
    assert heard == [("changing", 12.0), ("changed", 12.0)]

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseScene.in_place import InPlace
from support.slice_views import render_slice


@pytest.fixture
def logic(slicer_scene, exam):
    logic = slicer_scene.slice_logic("Red")
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(exam.output.GetID())
    logic.GetSliceNode().SetDimensions(120, 100, 1)
    logic.FitSliceToBackground()
    return logic


@pytest.fixture
def in_place(logic, exam):
    return InPlace(logic.GetSliceCompositeNode(), exam.sharp)


@pytest.fixture
def picture(slicer_scene, logic):
    return lambda: render_slice(slicer_scene, logic.GetSliceNode(), (120, 100)).astype(int)


@pytest.fixture
def picture_of_input(logic, exam, picture):
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(exam.sharp.GetID())
    taken = picture()
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(exam.output.GetID())
    return taken


def test_blinking_shows_the_input_in_the_place_of_the_output_and_back(in_place, picture, picture_of_input):
    output = picture()
    assert not np.array_equal(output, picture_of_input)
    in_place.blink()
    assert np.array_equal(picture(), picture_of_input)
    in_place.blink()
    assert np.array_equal(picture(), output)


def test_fading_mixes_input_and_output(in_place, picture, picture_of_input):
    output = picture()
    in_place.share = 0.25
    assert picture() == pytest.approx(0.25 * picture_of_input + 0.75 * output, abs=1.5)


def test_blinking_while_fading_goes_on_to_the_input_alone(in_place):
    in_place.share = 0.25
    in_place.blink()
    assert in_place.share == 1.0


def test_the_output_stays_the_volume_of_the_view(in_place, logic, exam):
    in_place.share = 1.0
    assert logic.GetSliceCompositeNode().GetBackgroundVolumeID() == exam.output.GetID()
    in_place.share = 0.0
    assert logic.GetSliceCompositeNode().GetForegroundVolumeID() is None


def test_each_change_is_announced_once(in_place):
    shares = []
    in_place.changed.connect(lambda: shares.append(in_place.share))
    in_place.share = 0.5
    in_place.share = 0.5
    in_place.blink()
    assert shares == [0.5, 1.0]

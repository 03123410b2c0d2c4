from __future__ import annotations

import pytest

from CTDenoiseScene.comparison import Role
from CTDenoiseScene.view_labels import LONGEST, difference_label, fade_label, missing_label, volume_label


def test_a_reconstruction_is_named_by_kernel_and_thickness(exam):
    assert volume_label(exam.smooth, exam.headers) == "Br56 1 mm"


def test_a_result_is_named_by_its_input_and_the_model(exam):
    assert volume_label(exam.output, exam.headers) == "Qr89 1 mm · hrcnn-small"


def test_a_strength_below_all_is_part_of_the_name(exam):
    exam.output.SetAttribute("CTDenoise.strength", "0.7")
    assert volume_label(exam.output, exam.headers) == "Qr89 1 mm · hrcnn-small 70 %"


def test_a_volume_without_headers_goes_by_its_own_name(exam):
    assert volume_label(exam.sharp, None) == "sharp"
    assert volume_label(exam.output, None) == "sharp · hrcnn-small"
    exam.sharp.SetName("a chest with a name beyond all reason")
    assert volume_label(exam.sharp, None) == "a chest with a name beyond…"
    assert volume_label(exam.output, None) == "a chest with… · hrcnn-small"


def test_a_denoised_series_that_was_loaded_is_said_to_be_denoised(exam):
    exam.headers.add(exam.smooth, kernel="Qr89", thickness="0.4", description="Spine CTDenoise hrcnn-small")
    assert volume_label(exam.smooth, exam.headers) == "Qr89 0.4 mm · denoised"


def test_noise_is_called_noise(exam):
    assert volume_label(exam.noise, exam.headers) == "Noise"


def test_a_result_keeps_its_name_when_the_input_was_deleted(exam, slicer_scene):
    slicer_scene.scene.RemoveNode(exam.sharp)
    assert volume_label(exam.output, exam.headers) == "Denoised · hrcnn-small"


@pytest.mark.parametrize("strength", ["1", "0.35"])
@pytest.mark.parametrize("kernel", ["Qr89", "BONEPLUS\\3", "A kernel with a name beyond all reason"])
@pytest.mark.parametrize("model", ["m", "a-model-with-a-name-beyond-all-reason"])
def test_no_label_is_too_long_for_the_bar(exam, kernel, model, strength):
    exam.headers.add(exam.sharp, kernel=kernel, thickness="0.625")
    exam.output.SetAttribute("CTDenoise.model", model)
    exam.output.SetAttribute("CTDenoise.strength", strength)
    label = volume_label(exam.output, exam.headers)
    assert len(label) <= LONGEST
    assert label.startswith(kernel[:8].replace("\\", "/"))
    assert model[0] in label.split("·")[1]


def test_the_difference_is_named_with_the_range_of_its_colours():
    assert difference_label(200) == "Difference ±100 HU"
    assert difference_label(75) == "Difference ±37.5 HU"


def test_a_mixture_is_named_by_its_shares():
    assert fade_label(0.25) == "25 % input, 75 % denoised"


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_view_says_briefly_what_is_missing(role):
    assert missing_label(role).startswith("No")
    assert len(missing_label(role)) <= LONGEST

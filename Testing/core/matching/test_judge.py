from __future__ import annotations

import pytest

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason, judge_match
from CTDenoiseLib.matching.verdict import ASPECTS

GREEN, AMBER, RED = MatchLevel


@pytest.fixture
def reason(card_for, facts_like):
    """What is said about the one fact that was changed; all others fit."""

    def judge(made_for=None, **changes):
        verdict = judge_match(card_for(**(made_for or {})), facts_like(**changes))
        (against,) = verdict.objections or (None,)
        assert verdict.level is (against.level if against else GREEN)
        return against

    return judge


def test_an_image_of_the_kind_the_model_was_made_for_is_green_with_a_reason_for_each_fact(card_for, facts_like):
    verdict = judge_match(card_for(), facts_like())
    assert verdict.level is GREEN
    assert [reason.what for reason in verdict.reasons] == list(ASPECTS)
    assert {reason.level for reason in verdict.reasons} == {GREEN}
    assert not verdict.objections
    assert not verdict.refused


def test_a_larger_field_of_view_is_red_for_it_loses_resolution(reason):
    said = reason(pixel_spacing=(0.9, 0.9))
    assert (said.level, said.what) == (RED, "pixel size")
    assert said.sentence == (
        "The pixel size of 0.9 mm is above what the model was made for (0.3 to 0.6 mm): "
        "the field of view is too large for the model, expect loss of resolution."
    )


def test_smaller_pixels_are_amber_for_weak_denoising_and_false_texture(reason):
    said = reason(pixel_spacing=(0.15, 0.15))
    assert said.level is AMBER
    assert "0.15 mm is below" in said.sentence
    assert said.sentence.endswith("expect weaker denoising, and false texture along edges.")


def test_of_pixels_that_are_no_squares_the_worse_side_counts(reason):
    assert reason(pixel_spacing=(0.2, 0.9)).level is RED
    assert "0.9 mm" in reason(pixel_spacing=(0.9, 0.45)).sentence
    assert "0.2 mm" in reason(pixel_spacing=(0.45, 0.2)).sentence


def test_thinner_sections_are_red_for_they_lose_resolution(reason):
    said = reason(section_thickness=0.2)
    assert (said.level, said.what) == (RED, "section thickness")
    assert said.sentence.endswith("(0.4 to 2 mm): expect loss of resolution.")


def test_thicker_sections_are_amber_for_weak_denoising(reason):
    said = reason(section_thickness=5.0)
    assert said.level is AMBER
    assert said.sentence.endswith("expect weaker denoising.")


def test_a_sharper_kernel_is_red_for_it_loses_resolution(reason):
    said = reason(kernel=("Qr89", "3"))
    assert said.level is RED
    assert said.sentence == (
        "The kernel Qr89/3 is none that the model was made for (Qr76, Br64), but sharper: expect loss of resolution."
    )


def test_a_smoother_kernel_is_amber_for_weak_denoising(reason):
    said = reason(kernel=("Br40",))
    assert said.level is AMBER
    assert said.sentence.endswith("but smoother: expect weaker denoising.")


def test_another_kernel_no_sharper_is_amber_for_its_noise(reason):
    for kernel in ("BONEPLUS", "Hr64", "Bl77"):
        said = reason(kernel=(kernel,))
        assert said.level is AMBER
        assert "not sharper" in said.sentence


@pytest.mark.parametrize("kernel", ["QR76", "Qr76f", " br64 "])
def test_case_and_rotation_time_make_no_other_kernel(reason, kernel):
    assert reason(kernel=(kernel,)) is None


def test_a_model_that_is_bound_to_no_kernel_takes_any(reason):
    assert reason(made_for={"kernels": ()}, kernel=("Qr89",)) is None
    assert reason(made_for={"kernels": ()}, kernel=()) is None


def test_more_noise_is_amber_for_weak_denoising(reason):
    said = reason(noise_hu=120.0)
    assert (said.level, said.what) == (AMBER, "noise")
    assert "The noise of 120 HU is above" in said.sentence
    assert "weaker denoising, and blotches" in said.sentence


def test_less_noise_is_amber_for_detail_taken_for_noise(reason):
    said = reason(noise_hu=4.0)
    assert said.level is AMBER
    assert said.sentence.endswith("fine detail of little contrast may be taken for noise.")


def test_another_modality_is_red_and_refused(card_for, facts_like):
    verdict = judge_match(card_for(), facts_like(modality="MR"))
    assert verdict.level is RED
    assert verdict.refused
    assert "modality MR" in verdict.worst.sentence


@pytest.mark.parametrize(
    ("unknown", "words"),
    [
        ({"modality": None}, "does not say that it is CT"),
        ({"kernel": ()}, "does not name its kernel; the model was made for Qr76, Br64"),
        ({"kernel": ("MyKernel",)}, "which of them is sharper is not known"),
        ({"section_thickness": None}, "only that sections lie 0.4 mm apart; the model was made for 0.4 to 2 mm"),
        ({"noise_hu": None}, "the noise is not known; the model was made for 10 to 80 HU"),
    ],
)
def test_what_is_not_known_is_amber_with_the_reason(reason, unknown, words):
    said = reason(**unknown)
    assert said.level is AMBER
    assert words in said.sentence


def test_kernels_of_the_card_that_nobody_knows_leave_the_order_open(reason):
    assert "not known" in reason(made_for={"kernels": ("MyKernel",)}).sentence


def test_figures_at_the_edge_of_a_range_fit_in_spite_of_rounding(reason):
    assert reason(pixel_spacing=(0.6000004, 0.3), section_thickness=0.3999, noise_hu=80.0) is None


def test_the_worst_reason_decides_and_comes_first(card_for, facts_like):
    verdict = judge_match(card_for(), facts_like(kernel=("Br40",), section_thickness=0.2, noise_hu=None))
    assert verdict.level is RED
    assert [reason.what for reason in verdict.objections] == ["section thickness", "kernel", "noise"]


def test_red_for_any_other_reason_than_modality_is_not_refused():
    assert not MatchVerdict((Reason(RED, "kernel", "Too sharp."),)).refused

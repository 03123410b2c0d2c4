from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.pairs.split import CasePart, section_gap, split_cases, take_share
from CTDenoiseTrainLib.recipe.content import DataOptions
from support.plain_pairs import PlainPairs, body_case


def case_of(sections: int, patient: str = "A") -> PlainPairs:
    return body_case((sections, 8, 8), patient=patient)


def patients_of(parts: tuple[CasePart, ...]) -> set[str]:
    return {part.case.patient for part in parts}


def sections_of(parts: tuple[CasePart, ...]) -> int:
    return sum(len(part.sections) for part in parts)


@given(
    sections=st.lists(st.integers(1, 40), min_size=2, max_size=8),
    labels=st.randoms(use_true_random=False),
    share=st.floats(0.01, 0.9),
    seed=st.integers(0, 5),
)
def test_no_patient_is_on_both_sides(sections, labels, share, seed):
    cases = [case_of(count, labels.choice("ABCD")) for count in sections]
    cases += [case_of(3, "E"), case_of(3, "F")]
    split = split_cases(cases, share=share, seed=seed, gap=6)
    assert not patients_of(split.training) & patients_of(split.validation)
    assert split.training
    assert split.validation
    # All of every case, on one side or the other.
    parts = (*split.training, *split.validation)
    assert sorted(len(part.sections) for part in parts) == sorted(case.shape[0] for case in cases)


def test_patients_held_out_are_about_the_share():
    cases = [case_of(20, f"patient {index}") for index in range(20)]
    split = split_cases(cases, share=0.1, seed=0, gap=6)
    assert sections_of(split.validation) == 40
    assert "2 of 20 patients (40 of 400 sections)" in split.sentence


def test_chance_decides_which_patients_are_held_out():
    cases = [case_of(4, f"patient {index}") for index in range(10)]
    held_out = {frozenset(patients_of(split_cases(cases, share=0.1, seed=s, gap=6).validation)) for s in range(20)}
    assert len(held_out) > 5
    again = [split_cases(cases, share=0.1, seed=3, gap=6) for _ in range(2)]
    assert again[0] == again[1]


def test_where_no_patient_fits_the_share_the_one_with_fewest_sections_is_held_out():
    split = split_cases([case_of(50, "A"), case_of(30, "B"), case_of(40, "C")], share=0.1, seed=0, gap=6)
    assert patients_of(split.validation) == {"B"}


@given(sections=st.integers(2, 400), share=st.floats(0.01, 0.95), gap=st.integers(0, 9), seed=st.integers(0, 5))
def test_windows_of_a_single_patient_do_not_cross_the_gap(sections, share, gap, seed):
    assume(sections - max(1, round(share * sections)) > gap)
    split = split_cases([case_of(sections)], share=share, seed=seed, gap=gap)
    (training,), (validation,) = split.training, split.validation
    distances = [abs(a - b) for a, b in product(training.sections, validation.sections)]
    assert min(distances) == gap + 1
    assert len(validation.sections) == max(1, round(share * sections))
    # The stretch held out is without holes.
    assert validation.sections == tuple(range(validation.sections[0], validation.sections[-1] + 1))


def test_a_single_patient_is_said_so_with_the_figures():
    split = split_cases([case_of(143)], share=0.1, seed=0, gap=9)
    assert "All images are of one patient" in split.sentence
    assert "a stretch of 14 sections is held out" in split.sentence
    assert "with 9 sections between" in split.sentence
    assert sections_of(split.training) == 143 - 14 - 2 * 9


def test_a_short_series_gives_its_first_or_its_last_sections():
    splits = [split_cases([case_of(40)], share=0.1, seed=seed, gap=9) for seed in range(20)]
    assert {split.validation[0].sections for split in splits} == {(0, 1, 2, 3), (36, 37, 38, 39)}
    assert {sections_of(split.training) for split in splits} == {40 - 4 - 9}


def test_a_long_series_gives_a_stretch_from_anywhere():
    splits = [split_cases([case_of(400)], share=0.1, seed=seed, gap=9) for seed in range(20)]
    assert len({split.validation[0].sections[0] for split in splits}) > 10


@given(sections=st.integers(2, 60), share=st.floats(0.01, 0.99), gap=st.integers(0, 30), seed=st.integers(0, 5))
def test_there_is_always_something_to_train_with(sections, share, gap, seed):
    split = split_cases([case_of(sections)], share=share, seed=seed, gap=gap)
    assert sections_of(split.training)
    assert sections_of(split.validation)
    assert not {s for part in split.training for s in part.sections} & set(split.validation[0].sections)


def test_a_series_too_short_for_the_gap_says_that_sections_are_shared():
    split = split_cases([case_of(7)], share=0.1, seed=0, gap=9)
    assert sections_of(split.validation) == 1
    assert sections_of(split.training) == 1
    assert "with 5 sections between" in split.sentence
    assert "9 sections would have to lie between" in split.sentence


def test_two_series_of_one_patient_hold_out_the_same_anatomy():
    split = split_cases([case_of(200), case_of(100)], share=0.2, seed=1, gap=4)
    first, second = (part.sections[0] / part.case.shape[0] for part in split.validation)
    # The finer series counts twice the sections; both stretches begin at the same height to within a section.
    assert first == pytest.approx(second, abs=0.01)


def test_single_sections_of_one_patient_are_held_out_one_by_one():
    split = split_cases([case_of(1) for _ in range(10)], share=0.2, seed=0, gap=6)
    assert len(split.validation) == 2
    assert len(split.training) == 8
    assert "of one patient" in split.sentence


@pytest.mark.parametrize("cases", [[], [case_of(1)]])
def test_less_than_two_sections_are_refused(cases):
    with pytest.raises(DataError, match="one section to learn from and one to validate on"):
        split_cases(cases, share=0.1, seed=0, gap=6)


def test_the_gap_holds_both_windows_and_what_noise_and_targets_reach_over():
    plain = DataOptions(source="dose-pairs", cases=())
    assert section_gap(plain, context=3) == 6
    from_reconstructions = DataOptions(source="noise-maps", cases=(), target_sections=2)
    assert section_gap(from_reconstructions, context=3) == 7
    from_sections = DataOptions(source="noise-maps", cases=(), method="adjacent-sections", sections_apart=3)
    assert section_gap(from_sections, context=3) == 10
    assert section_gap(DataOptions(source="self-supervised", cases=(), sections_apart=4), context=1) == 6


def test_the_ends_of_a_chest_are_not_all_that_is_validated_on():
    # 143 sections are what the NLST series has, and 9 the gap of self-supervised pairs.
    splits = [split_cases([case_of(143)], share=0.1, seed=seed, gap=9) for seed in range(20)]
    inner = [0 < split.validation[0].sections[0] < 143 - 14 for split in splits]
    assert sum(inner) >= 18


@given(share=st.floats(0.05, 1), sections=st.lists(st.integers(1, 60), min_size=1, max_size=4), seed=st.integers(0, 5))
def test_a_share_for_fine_tuning_is_spread_evenly_over_each_case(share, sections, seed):
    parts = [CasePart(case_of(count), tuple(range(5, 5 + count))) for count in sections]
    for part, taken in zip(parts, take_share(parts, share=share, seed=seed), strict=True):
        assert len(taken.sections) == max(1, round(share * len(part.sections)))
        assert set(taken.sections) <= set(part.sections)
        steps = {b - a for a, b in pairwise(taken.sections)}
        assert len(steps) == 0 or max(steps) - min(steps) <= 1


def test_the_whole_share_is_everything():
    parts = [CasePart(case_of(7), (0, 1, 4, 5, 6))]
    assert take_share(parts, share=1.0, seed=2) == tuple(parts)

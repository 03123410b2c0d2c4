from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.match_series import (
    Subject,
    check_enough_sections,
    check_same_kernel,
    check_same_patient,
    check_same_thickness,
    match_all,
    match_sections,
)

WHAT = "filtered back-projection and iterative reconstruction"


def series(sections: int = 10, *, start: float = 0.0, increment: float = 0.2, **geometry: object) -> Volume:
    place = Geometry(spacing=(increment, 0.15, 0.15), origin=(-75.0, -75.0, start))
    return Volume(np.zeros((sections, 8, 8), np.float32), replace(place, **geometry))


def test_common_sections_are_found_by_position_though_counts_differ():
    matched = match_sections(series(10, start=100.0), series(20, start=99.4), what=WHAT)
    assert matched.first == tuple(range(10))
    assert matched.second == tuple(range(3, 13))


@given(
    first=st.tuples(st.integers(1, 12), st.integers(-5, 5)),
    second=st.tuples(st.integers(1, 12), st.integers(-5, 5)),
    noise=st.floats(-0.01, 0.01),
)
def test_matched_sections_are_those_that_both_have(first, second, noise):
    one = series(first[0], start=0.2 * first[1])
    other = series(second[0], start=0.2 * second[1] + noise)
    common = set(range(first[1], first[1] + first[0])) & set(range(second[1], second[1] + second[0]))
    if not common:
        with pytest.raises(DataError, match="no section in common"):
            match_sections(one, other, what=WHAT)
        return
    matched = match_sections(one, other, what=WHAT)
    assert [index + first[1] for index in matched.first] == sorted(common)
    assert [index + second[1] for index in matched.second] == sorted(common)


def test_a_series_with_sections_stacked_the_other_way_is_matched():
    upside_down = series(10, start=1.8, direction=((0.0, 0.0, -1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)))
    assert match_sections(series(10), upside_down, what=WHAT).second == tuple(range(9, -1, -1))


def test_of_a_series_of_twice_the_increment_every_second_section_is_matched():
    matched = match_sections(series(9), series(5, increment=0.4), what=WHAT)
    assert matched.first == (0, 2, 4, 6, 8)


def test_sections_that_several_series_have_in_common():
    three = [series(10), series(10, start=0.4), series(5, start=0.2)]
    assert match_all(three, what="repeated scans") == [(2, 0, 1), (3, 1, 2), (4, 2, 3), (5, 3, 4)]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Volume(np.zeros((10, 8, 9), np.float32)), "differ in size"),
        (series(spacing=(0.2, 0.3, 0.3)), "pixels .* differ in size"),
        (series(direction=((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))), "oriented differently"),
        (series(start=50.0), "no section in common"),
        (series(origin=(-74.0, -75.0, 0.0)), "different fields of view"),
        (series(60, increment=0.205), "not evenly spaced"),
    ],
)
def test_series_that_do_not_fit_are_refused_in_a_sentence(other, words):
    with pytest.raises(DataError, match=words) as refused:
        match_sections(series(60, increment=0.2), other, what=WHAT)
    assert WHAT in str(refused.value).lower()
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("first", "second"), [(("Qr89",), ("Qr89", "4")), (("B30f",), ("I30f", "3")), (("FC51",), ("FC51",))]
)
def test_the_strength_of_an_iterative_method_is_no_other_kernel(first, second):
    assert check_same_kernel(Acquisition(kernel=first), Acquisition(kernel=second), what=WHAT) is None


def test_other_kernels_are_refused_by_name():
    with pytest.raises(DataError, match="Qr89 and Br56"):
        check_same_kernel(Acquisition(kernel=("Qr89",)), Acquisition(kernel=("Br56", "4")), what=WHAT)


def test_an_unknown_kernel_is_warned_of():
    assert "not known" in check_same_kernel(Acquisition(kernel=("Qr89",)), Acquisition(), what=WHAT)


def test_other_section_thickness_is_refused():
    check_same_thickness(Acquisition(section_thickness=0.2), Acquisition(), what=WHAT)
    with pytest.raises(DataError, match=r"0\.2 and 0\.4 mm"):
        check_same_thickness(Acquisition(section_thickness=0.2), Acquisition(section_thickness=0.4), what=WHAT)


def test_other_patients_are_refused_and_unknown_ones_are_not():
    check_same_patient(Subject(patient="a"), Subject(), what=WHAT)
    with pytest.raises(DataError, match="different patients"):
        check_same_patient(Subject(patient="a"), Subject(patient="b"), what=WHAT)


def test_reconstructions_of_one_scan_share_its_frame_of_reference_and_repeats_need_not():
    first, second = (Subject(patient="a", frame_of_reference=frame) for frame in ("1", "2"))
    check_same_patient(first, second, what=WHAT)
    with pytest.raises(DataError, match="frames of reference"):
        check_same_patient(first, second, what=WHAT, same_scan=True)


def test_too_few_sections_are_refused_and_few_are_warned_of():
    with pytest.raises(DataError, match="at least 3"):
        check_enough_sections(2, context=0, what="patient A")
    assert "7" in check_enough_sections(6, context=3, what="patient A")
    assert check_enough_sections(7, context=3, what="patient A") is None

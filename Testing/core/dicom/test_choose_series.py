"""Choosing one of the series in a folder."""

from __future__ import annotations

import pytest

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.errors import NoSeriesError, SeriesChoiceError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.series import SeriesSearch


@pytest.fixture
def three_series(tmp_path, make_ct_series) -> SeriesSearch:
    """Places 1, 2 and 3 in the listing: Series Numbers 2, 30 and 40."""
    for number, kernel in ((2, "FC51"), (30, ["Br40d", "2"]), (40, "11")):
        make_ct_series(tmp_path / str(number), sections=2, kernel=kernel, series_number=number)
    return find_series(tmp_path)


def test_the_only_series_needs_no_name(tmp_path, make_ct_series):
    search = find_series(make_ct_series(tmp_path, sections=2))
    assert choose_series(search, None) is search.series[0]


def test_several_series_and_none_named_are_listed(three_series):
    with pytest.raises(SeriesChoiceError) as problem:
        choose_series(three_series, None)
    assert str(problem.value).startswith("The folder holds several series and none is named")
    for place, series in enumerate(three_series.series, start=1):
        assert f"{place}. {series}, Series Number {series.number}, UID {series.uid}" in str(problem.value)


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("fc51", 2),
        ("Br40d", 30),
        ("br40d 2", 30),
        ("Br40d\\2", 30),
        ("1", 2),
        ("3", 40),
        ("30", 30),
        (" 40 ", 40),
        ("11", 40),
    ],
)
def test_kernel_place_and_series_number_name_a_series(three_series, wanted, number):
    assert choose_series(three_series, wanted).number == number


def test_a_uid_names_a_series(three_series):
    for series in three_series.series:
        assert choose_series(three_series, series.uid) is series


def test_a_number_that_is_place_of_one_and_series_number_of_another_is_refused(three_series):
    with pytest.raises(SeriesChoiceError, match='More than one series answers to "2"') as problem:
        choose_series(three_series, "2")
    assert "FC51" in str(problem.value)
    assert "Br40d 2" in str(problem.value)
    assert three_series.series[2].uid not in str(problem.value), "only those that answer are listed"


def test_a_kernel_of_two_series_is_refused(tmp_path, make_ct_series):
    for number in (1, 2):
        make_ct_series(tmp_path / str(number), sections=2, kernel="Qr89", series_number=number)
    with pytest.raises(SeriesChoiceError, match="More than one"):
        choose_series(find_series(tmp_path), "Qr89")


@pytest.mark.parametrize("wanted", ["Qr89", "4", "1.2.3", ""])
def test_a_name_nothing_answers_to_is_refused_with_the_listing(three_series, wanted):
    with pytest.raises(SeriesChoiceError, match=f'No series answers to "{wanted}"') as problem:
        choose_series(three_series, wanted)
    assert str(problem.value).count("Series Number") == 3


def test_an_empty_folder_is_said_to_be_empty(tmp_path):
    with pytest.raises(NoSeriesError, match="empty"):
        choose_series(find_series(tmp_path), None)


def test_a_folder_without_images_says_what_it_holds(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text("no DICOM")
    with pytest.raises(NoSeriesError, match=r"among the 2 files \(2 × not DICOM\)"):
        choose_series(find_series(tmp_path), None)

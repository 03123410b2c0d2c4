from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.measure.uniform_region import UniformRegion
from CTDenoiseLib.report import ReportContent, SectionPair, write_report
from CTDenoiseLib.report.page import ReportError, draw_report
from CTDenoiseLib.report.pictures import scale_bar_length


@pytest.fixture
def content(rng) -> ReportContent:
    y, x = np.mgrid[-1:1:96j, -1:1:128j]
    clean = np.where(np.hypot(y, x) < 0.9, 40.0, -1000.0) + 500 * (np.hypot(y, x - 0.5) < 0.1)
    noisy = (clean + 25 * rng.standard_normal(clean.shape)).astype(np.float32)
    return ReportContent(
        source="Qr89 · 1.00/1.00 mm · 0.70 mm · 128×96 · 9 slices",
        uniform=SectionPair(4, noisy, clean.astype(np.float32)),
        detailed=SectionPair(6, noisy + 1, clean.astype(np.float32)),
        spacing=(0.7, 0.7),
        region=UniformRegion(4, slice(40, 61), slice(40, 61), 40.0, 25.0),
        facts=(("Model", "tiny 1.0"), ("Noise", "25.0 → 9.0 HU (−64 %)"), ("Device", "cpu")),
        notes=("The model is made for another kernel.",),
    )


def words(page) -> str:
    return "\n".join(text.get_text() for text in page.findobj(lambda artist: hasattr(artist, "get_text")))


def test_the_page_says_what_it_shows_and_that_it_is_for_research(content):
    said = words(draw_report(content))
    for expected in (
        "Research use only",
        content.source,
        "Input, section 5",
        "Output, section 7",
        "tiny 1.0",
        "−64 %",
        content.notes[0],
    ):
        assert expected in said


def test_input_output_and_difference_share_a_window_and_the_difference_has_its_own(content):
    page = draw_report(content)
    pictures = [axes.images[0] for axes in page.axes if axes.images]
    assert len(pictures) == 9
    for source, result, difference in (pictures[:3], pictures[3:6], pictures[6:]):
        assert source.get_clim() == result.get_clim()
        assert difference.get_clim() == (-100, 100)
    np.testing.assert_array_equal(pictures[0].get_array(), content.uniform.input_hu)
    np.testing.assert_array_equal(pictures[1].get_array(), content.uniform.output_hu)
    np.testing.assert_array_equal(pictures[2].get_array(), content.uniform.input_hu - content.uniform.output_hu)
    assert words(page).count("±100 HU") == 3
    assert words(page).count("W 400  L 40 HU") >= 2


def test_every_picture_has_a_scale_bar_of_the_length_it_says(content):
    page = draw_report(content)
    for axes in (axes for axes in page.axes if axes.images):
        (label,) = (text.get_text() for text in axes.texts)
        left, right = axes.lines[0].get_xdata()
        assert f"{right - left:g} mm" == label


def test_pictures_lie_on_a_scale_of_mm_with_true_proportions(content):
    axes = draw_report(content).axes[0]
    left, right, bottom, top = axes.images[0].get_extent()
    assert (right - left, bottom - top) == pytest.approx((128 * 0.7, 96 * 0.7))
    assert axes.get_aspect() == 1.0


def test_the_profile_shows_input_and_output_along_the_same_line(content):
    (plot,) = (axes for axes in draw_report(content).axes if axes.get_xlabel() == "distance / mm")
    before, after = plot.lines
    np.testing.assert_array_equal(before.get_xdata(), after.get_xdata())
    assert np.std(before.get_ydata() - after.get_ydata()) == pytest.approx(25, rel=0.3)


@pytest.mark.parametrize(("width", "length"), [(276.5, 50), (75, 10), (10, 2), (9, 2), (0.5, 0.1), (84, 20)])
def test_scale_bars_have_round_lengths(width, length):
    assert scale_bar_length(width) == pytest.approx(length)


@given(st.floats(0.01, 1e4))
def test_a_scale_bar_fills_at_least_a_tenth_and_at_most_a_quarter_of_any_picture(width):
    length = scale_bar_length(width)
    assert width / 10.001 <= length <= width / 4
    assert f"{length:.0e}"[0] in "125"


@pytest.mark.parametrize(("name", "magic"), [("report.png", b"\x89PNG"), ("report.PDF", b"%PDF")])
def test_the_suffix_decides_the_format(content, tmp_path, name, magic):
    write_report(content, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(magic)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_pdf_has_exactly_one_page(content, tmp_path):
    write_report(content, tmp_path / "report.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b", (tmp_path / "report.pdf").read_bytes())) == 1


def test_other_formats_are_refused_by_name(content, tmp_path):
    with pytest.raises(ReportError, match=r"report\.png.*report\.pdf"):
        write_report(content, tmp_path / "report.jpg")
    assert not list(tmp_path.iterdir())


def test_an_existing_report_stays_unless_told_otherwise(content, tmp_path):
    path = tmp_path / "report.png"
    path.write_bytes(b"mine")
    with pytest.raises(OutputExistsError):
        write_report(content, path)
    assert path.read_bytes() == b"mine"
    write_report(content, path, overwrite=True)
    assert path.read_bytes().startswith(b"\x89PNG")

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.report.compose import Subject, compose_report
from CTDenoiseLib.report.figures import RegionFigures
from CTDenoiseLib.report.page import draw_report, write_report
from CTDenoiseLib.report.path import ReportError
from CTDenoiseLib.report.pictures import outlines, scale_bar_length
from CTDenoiseLib.volume import Volume


def words(page) -> str:
    return "\n".join(text.get_text() for text in page.findobj(lambda artist: hasattr(artist, "get_text")))


def pictures(page):
    return [axes for axes in page.axes if axes.images]


def chart(page, label):
    (found,) = (axes for axes in page.axes if axes.get_xlabel().startswith(label))
    return found


def test_the_page_says_what_it_shows_and_that_it_is_for_research(content):
    said = words(draw_report(content))
    for expected in (
        "Research use only",
        content.source,
        f"Input, section {content.overview.index + 1}",
        f"Output, section {content.detailed.index + 1}",
        "tiny 1.0",
        "Uniform 1",
        "(−80 %)",
        "Edge, 10–90 %",
        content.notes[0],
    ):
        assert expected in said


def test_the_verdict_is_said_in_words_with_what_noise_gives(content):
    said = words(draw_report(content))
    assert "Green: what was taken away is like noise" in said
    assert "pure noise gives" in said
    assert "Residual, edges / flat" in said
    assert "The audit judges edges and tissues as a whole." in said.replace("\n", " ")


def test_a_red_verdict_gives_its_reasons(noisy):
    blurred = Volume(gaussian_filter(noisy.hu, (0, 1.5, 1.5)), noisy.geometry)
    content = compose_report(noisy, blurred, Subject(source="blurred", facts=()))
    said = words(draw_report(content)).replace("\n", " ")
    assert "Red: more than noise was taken away" in said
    assert "much stronger at edges" in said
    assert "more, see the table" in said


def test_input_output_and_difference_share_a_window_and_the_difference_has_its_own(content):
    page = draw_report(content)
    images = [axes.images[0] for axes in pictures(page)]
    assert len(images) == 9
    for source, result, difference in (images[:3], images[3:6], images[6:]):
        assert source.get_clim() == result.get_clim()
        assert difference.get_clim() == (-100, 100)
    np.testing.assert_array_equal(images[0].get_array(), content.overview.input_hu)
    np.testing.assert_array_equal(images[1].get_array(), content.overview.output_hu)
    np.testing.assert_array_equal(images[2].get_array(), content.overview.input_hu - content.overview.output_hu)
    assert words(page).count("±100 HU") == 3
    assert words(page).count("W 400  L 40 HU") >= 2


def test_every_picture_has_a_scale_bar_of_the_length_it_says(content):
    for axes in pictures(draw_report(content)):
        label = axes.texts[0].get_text()
        left, right = axes.lines[0].get_xdata()
        assert f"{right - left:g} mm" == label


def test_pictures_lie_on_a_scale_of_mm_with_true_proportions(content):
    axes = pictures(draw_report(content))[0]
    left, right, bottom, top = axes.images[0].get_extent()
    assert (right - left, bottom - top) == pytest.approx((256 * 0.8, 256 * 0.8))
    assert axes.get_aspect() == 1.0


def test_the_region_of_the_section_is_outlined_where_it_was_measured(content):
    axes = pictures(draw_report(content))[0]
    outline = next(artist for artist in axes.collections if isinstance(artist, LineCollection))
    corners = np.concatenate(outline.get_segments())
    rows, first, stop = np.array(content.regions[0].spans).T
    assert corners.min(axis=0) == pytest.approx((first.min() * 0.8, rows.min() * 0.8))
    assert corners.max(axis=0) == pytest.approx((stop.max() * 0.8, (rows.max() + 1) * 0.8))


def test_an_outline_follows_the_pixels():
    edges = list(outlines(((5, 2, 4), (6, 2, 3))))
    assert len(edges) == 8
    assert not any(np.array_equal(edge, [[6, 2], [6, 3]]) for edge in edges)


def test_the_profile_shows_input_and_output_along_the_same_line(content):
    before, after = chart(draw_report(content), "distance").lines
    np.testing.assert_array_equal(before.get_xdata(), after.get_xdata())
    np.testing.assert_array_equal(before.get_ydata(), content.line.before)
    np.testing.assert_array_equal(after.get_ydata(), content.line.after)


def test_the_spectra_are_those_of_the_audit(content):
    before, after = chart(draw_report(content), "spatial frequency").lines
    np.testing.assert_array_equal(before.get_ydata(), content.audit.texture.before.power)
    np.testing.assert_array_equal(after.get_ydata(), content.audit.texture.after.power)


def test_what_could_not_be_measured_is_said(content):
    bare = replace(content, regions=(), line=None, audit=replace(content.audit, texture=None))
    said = words(draw_report(bare))
    assert "No uniform place was found" in said
    assert "too small for a line" in said
    assert "too little uniform tissue" in said


def test_a_region_without_figures_and_many_regions_keep_to_their_place(content):
    empty = RegionFigures(name="Air", section=0, spans=((1, 1, 2),), before=None, after=None)
    said = words(draw_report(replace(content, regions=(empty,) * 9)))
    assert "not measured" in said
    assert "… and 4 more" in said


@pytest.mark.parametrize("notes", [0, 1, 20])
@pytest.mark.parametrize("regions", [0, 1, 9])
def test_no_text_leaves_the_page_or_runs_into_another(content, notes, regions):
    named = replace(content.regions[0], name="A region of a name that is much too long")
    note = "A note that is quite long, as notes are. " * 3
    crowded = replace(content, notes=(note,) * notes, regions=(named,) * regions, source="A long label " * 20)
    page = draw_report(crowded)
    renderer = FigureCanvasAgg(page).get_renderer()
    paper = next(axes for axes in page.axes if axes.get_label() == "paper")
    boxes = [text.get_window_extent(renderer) for text in paper.texts if text.get_text()]
    width, height = page.canvas.get_width_height()
    assert all(box.x0 > 0 and box.x1 < width and box.y0 > 0 and box.y1 < height for box in boxes)
    for number, box in enumerate(boxes):
        overlapping = [other for other in boxes[:number] if _shared(box, other) > 0.15]
        assert not overlapping


def _shared(box, other) -> float:
    """Share of the smaller box's height that two boxes have in common, 0 where they lie side by side."""
    if min(box.x1, other.x1) <= max(box.x0, other.x0):
        return 0.0
    return (min(box.y1, other.y1) - max(box.y0, other.y0)) / min(box.height, other.height)


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


def test_names_and_notes_with_dollar_signs_are_no_formulas(content, tmp_path):
    region = replace(content.regions[0], name="$\\frac$")
    write_report(replace(content, regions=(region,), notes=("It costs $1 and $2_{",)), tmp_path / "report.png")
    assert (tmp_path / "report.png").exists()


def test_notes_without_room_are_not_left_out_in_silence(content):
    said = words(draw_report(replace(content, notes=tuple(f"Note {number}." for number in range(30)))))
    assert "Note 0." in said
    assert "more lines of notes" in said


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 40), (2, 90, 3)])
def test_a_page_of_any_size_of_volume_is_drawn(shape, tmp_path):
    volume = Volume(np.full(shape, 40.0, np.float32))
    write_report(compose_report(volume, volume, Subject(source="tiny", facts=())), tmp_path / "report.png")
    assert (tmp_path / "report.png").exists()


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

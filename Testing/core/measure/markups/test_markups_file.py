"""Files as Slicer writes them; Testing/scene/test_markups_file_of_slicer.py has Slicer itself write them."""

import json
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.measure.markups.markups_file import MarkupsFileError, read_markups
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid

TURNED = [0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]


def points(*positions, **more) -> list[dict]:
    return [{"position": position, "positionStatus": "defined", **more} for position in positions]


def roi(**changes) -> dict:
    return {
        "type": "ROI",
        "coordinateSystem": "LPS",
        "coordinateUnits": "mm",
        "roiType": "Box",
        "center": [10.0, 20.0, 30.0],
        "orientation": TURNED,
        "size": [4.0, 6.0, 8.0],
        "controlPoints": points([10.0, 20.0, 30.0], description=""),
    } | changes


@pytest.fixture
def write(tmp_path):
    def file(*markups: dict, name: str = "Liver ROI.mrk.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"@schema": "markups-schema-v1.0.3.json#", "markups": markups}), encoding="utf-8")
        return path

    return file


def test_a_roi_is_a_box_named_by_its_file(write):
    (found,) = read_markups(write(roi())).shapes
    assert found.name == "Liver ROI"
    assert isinstance(found.shape, Box)
    np.testing.assert_array_equal(found.shape.centre, [10, 20, 30])
    np.testing.assert_array_equal(found.shape.size, [4, 6, 8])
    np.testing.assert_array_equal(found.shape.axes, [[0, 1, 0], [-1, 0, 0], [0, 0, 1]])


def test_coordinates_in_ras_become_lps(write):
    ras = roi(coordinateSystem="RAS", center=[-10.0, -20.0, 30.0], orientation=[-x for x in TURNED[:6]] + TURNED[6:])
    (left,), (right,) = (read_markups(write(markup)).shapes for markup in (roi(), ras))
    np.testing.assert_array_equal(left.shape.centre, right.shape.centre)
    np.testing.assert_array_equal(left.shape.axes, right.shape.axes)


@pytest.mark.parametrize(("description", "kind"), [("ellipsoid", Ellipsoid), (" Cylinder", Cylinder), ("hot", Box)])
def test_the_description_of_the_control_point_says_which_shape_fills_the_box(write, description, kind):
    markup = roi(controlPoints=points([10.0, 20.0, 30.0], description=description))
    (found,) = read_markups(write(markup)).shapes
    assert isinstance(found.shape, kind)
    np.testing.assert_array_equal(found.shape.size, [4, 6, 8])


def test_several_markups_are_told_apart(write):
    line = {"type": "Line", "controlPoints": points([0, 0, 0], [3, 4, 0])}
    named = roi(name="Aorta")
    found = read_markups(write(line, roi(), named))
    assert [shape.name for shape in found.shapes] == ["Liver ROI 2", "Aorta"]
    assert found.paths[0].name == "Liver ROI 1"
    assert found.paths[0].path.length == 5.0


def test_a_closed_curve_goes_smoothly_through_its_points(write):
    square = [[10, 0, 0], [0, 10, 0], [-10, 0, 0], [0, -10, 0]]
    (found,) = read_markups(write({"type": "ClosedCurve", "controlPoints": points(*square)})).shapes
    assert isinstance(found.shape, ClosedCurve)
    np.testing.assert_allclose(found.shape.points[::10], square, atol=1e-12)
    # Half-way, a periodic cubic spline through cosines at right angles has 11/16 of both neighbours.
    np.testing.assert_allclose(found.shape.points[5], [6.875, 6.875, 0], atol=1e-12)


def test_a_curve_goes_smoothly_through_its_points(write):
    bend = [[0, 0, 0], [10, 5, 0], [20, 0, 0]]
    (found,) = read_markups(write({"type": "Curve", "controlPoints": points(*bend)})).paths
    np.testing.assert_allclose(found.path.points[::10], bend, atol=1e-12)
    assert found.path.length > 2 * np.hypot(10, 5)


def test_points_without_a_place_do_not_count(write):
    placed = points([0, 0, 0], [3, 4, 0])
    unplaced = [{"position": "", "positionStatus": "undefined"}]
    (found,) = read_markups(write({"type": "Line", "controlPoints": unplaced + placed})).paths
    assert found.path.length == 5.0


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        (roi(size=[0, 0, 0]), "no extent"),
        (roi(size=[1, 2]), "“size” should hold 3 numbers"),
        (roi(center="here"), "“center” is missing or holds no numbers"),
        ({"type": "ROI"}, "“center” is missing"),
        (roi(coordinateSystem="XYZ"), "coordinate system “XYZ” is unknown"),
        (roi(coordinateUnits="m"), "in m; only mm"),
        ({"type": "Line", "controlPoints": points([1, 2, 3])}, "no length"),
        ({"type": "Curve", "controlPoints": []}, "no length"),
        ({"type": "ClosedCurve", "controlPoints": points([1, 2, 3], [2, 2, 3])}, "at least three points"),
    ],
)
def test_a_markup_that_cannot_be_used_is_named_with_the_reason(write, markup, sentence):
    with pytest.raises(MarkupsFileError, match=rf"“Liver ROI” of .*{sentence}"):
        read_markups(write(markup))


def test_a_unit_may_be_a_coded_entry(write):
    assert read_markups(write(roi(coordinateUnits=["mm", "UCUM", "millimeter"]))).shapes


def test_a_file_without_a_region_or_line_says_what_it_holds(write):
    with pytest.raises(MarkupsFileError, match=r"holds Fiducial, Plane, but no ROI.*Markups module"):
        read_markups(write({"type": "Plane"}, {"type": "Fiducial"}))
    with pytest.raises(MarkupsFileError, match="but no ROI"):
        read_markups(write({"type": ["Line"]}))
    with pytest.raises(MarkupsFileError, match="holds nothing"):
        read_markups(write())


@pytest.mark.parametrize("text", ["[1, 2]", "{}", '{"markups": {}}', '{"markups": [1]}'])
def test_a_file_of_something_else_says_so(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MarkupsFileError, match=r"other\.json is no markups file of Slicer"):
        read_markups(path)


def test_a_file_that_is_no_json_or_missing_says_so(tmp_path):
    path = tmp_path / "list.fcsv"
    for content in (b"\xff\xfe1,2", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(MarkupsFileError, match="no JSON file"):
            read_markups(path)
    with pytest.raises(MarkupsFileError, match="cannot be read: No such file"):
        read_markups(tmp_path / "none.mrk.json")

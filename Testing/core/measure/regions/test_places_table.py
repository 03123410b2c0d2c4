from __future__ import annotations

import numpy as np

from CTDenoiseLib.measure.image import Grid
from CTDenoiseLib.measure.regions.places_table import places_table
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, LabelShape, NamedShape

AXES = np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])


def test_a_region_can_be_made_again_from_its_row():
    cylinder = Cylinder(np.array([1.5, -2.0, 30.0]), AXES, (12.0, 8.0), 5.0)
    (row,) = places_table([NamedShape("Rod", cylinder)], axes="RAS").content()["rows"]
    assert (row["roi"], row["shape"]) == ("Rod", "cylinder")
    assert [row[f"centre_{axis}"] for axis in "ras"] == [1.5, -2.0, 30.0]
    assert [row[f"size_{number}"] for number in (1, 2, 3)] == [12.0, 8.0, 5.0]
    axes = [[float(part) for part in row[f"axis_{number}"].split()] for number in (1, 2, 3)]
    np.testing.assert_allclose(axes, AXES)


def test_a_closed_curve_has_its_points():
    points = np.array([[0.0, 0.0, 5.0], [10.0, 0.0, 5.0], [0.0, 10.25, 5.0]])
    (row,) = places_table([NamedShape("Curve", ClosedCurve(points))], axes="xyz").content()["rows"]
    read = [[float(part) for part in point.split()] for point in row["points"].split(";")]
    np.testing.assert_allclose(read, points)


def test_headings_name_the_axes_of_the_world():
    box = NamedShape("Box", Box(np.zeros(3), np.eye(3), np.ones(3)))
    assert "Centre R" in places_table([box], axes="RAS").csv()
    assert "Axis 1 (x y z)" in places_table([box], axes="xyz").csv()


def test_a_label_has_a_name_and_no_place():
    label = LabelShape(np.ones((2, 2, 2)), Grid((2, 2, 2), np.eye(4)))
    (row,) = places_table([NamedShape("Liver", label)], axes="xyz").content()["rows"]
    assert (row["roi"], row["shape"], row["centre_x"], row["points"]) == ("Liver", "label", None, None)

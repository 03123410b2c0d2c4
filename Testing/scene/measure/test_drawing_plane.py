from __future__ import annotations

import numpy as np
import pytest
import slicer

from CTDenoiseScene.drawing_plane import drawing_plane


def view(orientation, offset=0.0, *, tilt_degrees=0.0):
    """A slice node in a standard plane, tilted about the R axis."""
    node = slicer.vtkMRMLSliceNode()
    matrix = {"axial": np.eye(3), "coronal": np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]])}[orientation]
    angle = np.radians(tilt_degrees)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    matrix = turn @ matrix
    to_ras = node.GetSliceToRAS()
    for row in range(3):
        for column in range(3):
            to_ras.SetElement(row, column, matrix[row, column])
        to_ras.SetElement(row, 3, offset * matrix[row, 2])
    node.UpdateMatrices()
    return node


LINE = np.array([[10.0, 5.0, 20.0], [40.0, 30.0, 20.0]])  # in an axial section
SIDEWAYS = np.array([[10.0, 5.0, 20.0], [40.0, 5.0, 20.0]])  # in an axial section and in a coronal one


def test_a_line_was_drawn_in_the_view_whose_plane_it_lies_in():
    assert drawing_plane(LINE, [view("coronal", 5.0), view("axial", 20.0)]) == pytest.approx((0, 0, 1))


def test_of_two_planes_through_a_line_the_nearer_one_counts():
    assert drawing_plane(SIDEWAYS, [view("coronal", 80.0), view("axial", 20.0)]) == pytest.approx((0, 0, 1))
    assert abs(drawing_plane(SIDEWAYS, [view("axial", 90.0), view("coronal", 5.0)])[1]) == pytest.approx(1)


def test_a_view_that_was_scrolled_away_still_has_the_plane():
    assert drawing_plane(LINE, [view("axial", -60.0)]) == pytest.approx((0, 0, 1))


def test_an_oblique_view_has_an_oblique_plane():
    oblique = view("axial", 20.0, tilt_degrees=30.0)
    to_ras = np.array([[oblique.GetSliceToRAS().GetElement(r, c) for c in range(3)] for r in range(3)])
    points = LINE[:1] + np.array([[0, 0], [30, 20]]) @ to_ras[:, :2].T
    assert drawing_plane(points, [view("axial", 20.0), oblique]) == pytest.approx(to_ras[:, 2])


def test_a_curve_through_all_sections_lies_in_no_plane():
    spiral = np.array([[0, 0, 0], [10, 0, 5], [10, 10, 10], [0, 10, 15.0]])
    assert drawing_plane(spiral, [view("axial"), view("coronal")]) is None
    assert drawing_plane(LINE, []) is None

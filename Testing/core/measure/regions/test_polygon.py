import numpy as np
from skimage.measure import points_in_poly

from CTDenoiseLib.measure.regions.polygon import inside_polygon

SQUARE = np.array([[0.0, 0], [4, 0], [4, 4], [0, 4]])
RIGHT = np.array([4.0, 0])


def test_points_inside_are_told_from_points_outside():
    points = np.array([[2.0, 2], [-1, 2], [5, 2], [2, 5], [2, -1]])
    assert inside_polygon(points, SQUARE).tolist() == [True, False, False, False, False]


def test_the_sense_of_turning_does_not_matter(rng):
    points = rng.uniform(-1, 5, (200, 2))
    np.testing.assert_array_equal(inside_polygon(points, SQUARE), inside_polygon(points, SQUARE[::-1]))


def test_polygons_side_by_side_share_no_point_and_miss_none():
    points = np.stack(np.meshgrid(np.arange(9.0), np.arange(5.0)), axis=-1).reshape(-1, 2)
    left, right = inside_polygon(points, SQUARE), inside_polygon(points, SQUARE + RIGHT)
    both = inside_polygon(points, SQUARE * [2, 1])
    assert not (left & right).any()
    np.testing.assert_array_equal(left | right, both)
    assert both.sum() == 8 * 4


def test_agrees_with_scikit_image_on_polygons_of_any_form(rng):
    for _ in range(20):
        corners, points = rng.normal(size=(30, 2)), rng.normal(size=(500, 2))
        np.testing.assert_array_equal(inside_polygon(points, corners), points_in_poly(points, corners))


def test_no_points_are_no_trouble():
    assert inside_polygon(np.empty((0, 2)), SQUARE).shape == (0,)

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.profiles.path import ProfilePath, ZeroLengthLineError


def test_a_line_is_walked_in_equal_steps_with_both_ends():
    samples = ProfilePath(np.array([[0, 0, 0], [0, 3, 4.0]])).resampled(1.0)
    np.testing.assert_allclose(samples.distance, np.arange(6))
    np.testing.assert_allclose(samples.points, np.outer(np.arange(6), [0, 0.6, 0.8]), atol=1e-12)
    np.testing.assert_allclose(samples.tangents, np.tile([0, 0.6, 0.8], (6, 1)))


def test_a_step_that_does_not_fit_is_made_shorter():
    distance = ProfilePath(np.array([[0, 0, 0], [10.0, 0, 0]])).resampled(3.0).distance
    np.testing.assert_allclose(distance, [0, 2.5, 5, 7.5, 10])


def test_a_line_shorter_than_a_step_still_has_its_two_ends():
    assert len(ProfilePath(np.array([[0, 0, 0], [0.1, 0, 0]])).resampled(5.0).distance) == 2


def test_a_curve_is_walked_along_its_points():
    samples = ProfilePath(np.array([[0, 0, 0], [2, 0, 0], [2, 3.0, 0]])).resampled(1.0)
    np.testing.assert_allclose(samples.points[:, :2], [[0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [2, 3]], atol=1e-12)
    np.testing.assert_allclose(samples.tangents[[1, 4]], [[1, 0, 0], [0, 1, 0]])


def test_the_length_of_a_curve_is_that_along_it():
    angle = np.linspace(0, np.pi, 500)
    half_circle = np.stack([10 * np.cos(angle), 10 * np.sin(angle), 0 * angle], axis=1)
    assert ProfilePath(half_circle).length == pytest.approx(10 * math.pi, rel=1e-5)


def test_points_drawn_twice_do_no_harm():
    samples = ProfilePath(np.array([[0, 0, 0], [0, 0, 0], [4, 0, 0], [4, 0, 0], [8, 0, 0], [8.0, 0, 0]])).resampled(1)
    np.testing.assert_allclose(samples.points[:, 0], np.arange(9), atol=1e-12)
    np.testing.assert_allclose(samples.tangents, np.tile([1, 0, 0], (9, 1)))


@given(
    st.lists(st.tuples(*[st.floats(-500, 500)] * 3), min_size=2, max_size=8),
    st.floats(0.05, 5),
)
def test_samples_are_never_further_apart_than_the_step(points, step):
    try:
        path = ProfilePath(np.array(points))
    except ZeroLengthLineError:
        return
    samples = path.resampled(step)
    assert samples.distance[-1] == pytest.approx(path.length)
    assert np.diff(samples.distance).max() <= step * (1 + 1e-6)
    # Around a corner the way is longer than the straight line.
    assert (np.linalg.norm(np.diff(samples.points, axis=0), axis=1) <= np.diff(samples.distance) + 1e-6).all()
    np.testing.assert_allclose(np.linalg.norm(samples.tangents, axis=1), 1)
    np.testing.assert_allclose(samples.points[[0, -1]], np.array(points)[[0, -1]], atol=1e-6)


@pytest.mark.parametrize(
    "points",
    [[], [[1, 2, 3]], [[1, 2, 3], [1, 2, 3]], [[1, 2, 3]] * 4, [[0, 0, 0], [np.nan, 0, 0]], [[0, 0, 0], [1e-4, 0, 0]]],
    ids=["no point", "one point", "same place", "always the same", "no place", "shorter than any voxel"],
)
def test_a_line_without_length_is_refused(points):
    with pytest.raises(ZeroLengthLineError, match="no length"):
        ProfilePath(np.array(points, dtype=float).reshape(-1, 3))
    assert issubclass(ZeroLengthLineError, MeasurementError)


def test_moving_the_drawn_points_later_does_not_move_the_path():
    points = np.array([[0, 0, 0], [1.0, 0, 0]])
    path = ProfilePath(points)
    points[1, 0] = 5
    assert path.length == 1
    with pytest.raises(ValueError, match="read-only"):
        path.points[0] = 1

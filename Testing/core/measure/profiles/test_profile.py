from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import OutsideImageError
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from support.tilted_grid import tilted_grid, voxel_centres

SLOPE = np.array([3.0, -2.0, 5.0])  # HU per mm along world x, y, z


def ramp(name: str = "ramp", **grid: object) -> MeasuredImage:
    """HU rise linearly through the world, whatever the grid: interpolation is exact."""
    place = tilted_grid(**{"shape": (20, 40, 50), "spacing": (2.0, 0.5, 0.4), **grid})
    return MeasuredImage(name, voxel_centres(place) @ SLOPE, place)


def flat(rng: np.random.Generator, *, sd: float = 0.0, hu: float = 50.0) -> MeasuredImage:
    grid = tilted_grid((5, 100, 400), spacing=(1.0, 0.5, 0.5))
    return MeasuredImage("flat", hu + sd * rng.standard_normal(grid.shape), grid)


def line(*points: tuple[float, float, float]) -> ProfilePath:
    return ProfilePath(np.array(points))


@given(st.tuples(*[st.floats(-180, 180)] * 3), st.floats(0, 3), st.sampled_from(["linear", "cubic"]))
def test_hu_are_those_at_world_points_whatever_the_direction_of_the_grid(degrees, width, interpolation):
    settings = ProfileSettings(interpolation=interpolation, width_mm=width)
    profiles = sample_profiles([ramp(degrees=degrees)], line((-3, -2, -3), (3, 2, 4)), settings)
    # The outermost voxels are held by cubic interpolation, which the line does not reach.
    np.testing.assert_allclose(profiles.hu[0], profiles.points @ SLOPE, atol=1e-6)


def test_images_of_different_grids_are_read_at_the_same_world_points():
    fine = ramp("sharp", shape=(12, 80, 80), spacing=(1.0, 0.2, 0.2), degrees=(10, 20, 30))
    profiles = sample_profiles([ramp("smooth"), fine], line((-3, 0, -2), (4, 1, 2)))
    assert profiles.names == ("smooth", "sharp")
    np.testing.assert_allclose(profiles.hu[0], profiles.hu[1], atol=1e-9)
    np.testing.assert_allclose(profiles.hu[1], profiles.points @ SLOPE, atol=1e-9)


def test_a_curve_is_followed(rng):
    angle = np.linspace(0, 3, 200)
    curve = ProfilePath(np.stack([4 * np.cos(angle), 4 * np.sin(angle), 0.5 * angle], axis=1))
    profiles = sample_profiles([ramp()], curve)
    assert profiles.distance_mm[-1] == pytest.approx(curve.length)
    np.testing.assert_allclose(profiles.hu[0], profiles.points @ SLOPE, atol=1e-9)


@pytest.mark.parametrize(
    ("end", "step"), [((8, 0, 0), 0.1), ((0, 8, 0), 0.1), ((0, 0, 8), 0.5)], ids=["columns", "rows", "sections"]
)
def test_the_step_is_half_a_voxel_of_the_finest_image_in_the_direction_of_the_line(end, step):
    fine = ramp(shape=(30, 80, 80), spacing=(1.0, 0.2, 0.2))
    distance = sample_profiles([ramp(), fine], line((0, 0, 0), end)).distance_mm
    assert np.diff(distance) == pytest.approx(step)


def test_another_step_can_be_asked_for():
    distance = sample_profiles([ramp()], line((0, 0, 0), (6, 0, 0)), ProfileSettings(step_mm=0.25)).distance_mm
    assert np.diff(distance) == pytest.approx(0.25)


def test_a_width_averages_in_the_plane_it_is_given():
    grid = tilted_grid((41, 41, 41), spacing=(0.25, 0.25, 0.25), degrees=(20, 30, 40))
    image = MeasuredImage("bowl", 10 * voxel_centres(grid)[..., 2] ** 2, grid)
    path, width = line((-2, 0, 0), (2, 0, 0)), 3.0
    in_plane = sample_profiles([image], path, ProfileSettings(width_mm=width, plane_normal=(0, 0, 1)))
    across = sample_profiles([image], path, ProfileSettings(width_mm=width, plane_normal=(0, 1, 0)))
    alone = sample_profiles([image], path)
    np.testing.assert_allclose(in_plane.hu[0], 0, atol=0.3)
    # The mean of z² over a width is width²/12; linear interpolation adds at most 1/8 of a squared voxel along z.
    np.testing.assert_allclose(across.hu[0] - alone.hu[0], 10 * width**2 / 12, rtol=0.03)


def test_without_a_plane_the_width_lies_in_the_sections_of_the_first_image():
    grid = tilted_grid((9, 60, 60), spacing=(2.0, 0.5, 0.5), degrees=(25, -40, 10))
    sections = np.broadcast_to(np.arange(9.0)[:, None, None], grid.shape)
    middle, row = grid.to_world(np.array([[4.0, 30, 30], [4.0, 41, 38]]))
    profiles = sample_profiles(
        [MeasuredImage("sections", sections, grid)], line(middle, row), ProfileSettings(width_mm=8)
    )
    np.testing.assert_allclose(profiles.hu[0], 4, atol=1e-9)


def test_a_line_through_the_sections_has_a_width_too():
    profiles = sample_profiles([ramp()], line((0, 0, -8), (0, 0, 8)), ProfileSettings(width_mm=3))
    np.testing.assert_allclose(profiles.hu[0], profiles.points @ SLOPE, atol=1e-9)
    assert (profiles.standard_error[0] > 0).all()


def test_a_width_lowers_noise_by_the_root_of_the_voxels_and_its_standard_error_tells(rng):
    path = line((-90, 0.11, 0), (90, 0.11, 0))
    voxels = 16
    narrow = sample_profiles([flat(rng, sd=20)], path)
    wide = sample_profiles([flat(rng, sd=20)], path, ProfileSettings(width_mm=voxels * 0.5))
    assert narrow.standard_error == (None,)
    # Interpolation lowers noise along the line only: across it, all voxels of the width weigh the same.
    assert wide.hu[0].std() == pytest.approx(np.sqrt(2 / 3) * 20 / np.sqrt(voxels), rel=0.15)
    standard_error = np.sqrt(np.mean(wide.standard_error[0] ** 2))
    assert 0.7 < standard_error / wide.hu[0].std() < 1.05


def test_a_width_below_a_voxel_is_none(rng):
    path = line((-20, 0, 0), (20, 0, 0))
    image = flat(rng, sd=20)
    thin = sample_profiles([image], path, ProfileSettings(width_mm=0.4))
    np.testing.assert_array_equal(thin.hu[0], sample_profiles([image], path).hu[0])
    assert thin.standard_error == (None,)


def test_whole_numbers_and_floats_give_the_same(rng):
    image = flat(rng, sd=20)
    whole = replace(image, values=np.rint(image.values).astype(np.int16))
    path = line((-20, 0, 0), (20, 3, 1))
    first, second = sample_profiles([image, whole], path).hu
    np.testing.assert_allclose(first, second, atol=0.5)


def test_a_line_partly_outside_has_gaps_and_a_remark(rng):
    image = flat(rng)
    profiles = sample_profiles([image], line((0, 0, 0), (150, 0, 0)))
    inside = profiles.distance_mm <= 100
    np.testing.assert_allclose(profiles.hu[0][inside], 50)
    assert np.isnan(profiles.hu[0][~inside]).all()
    assert re.fullmatch(
        r"Of the 150.0 mm of the line, (49.9|50.0) mm outside the image have no HU.", profiles.remarks[0]
    )


def test_an_image_that_the_line_misses_has_no_hu_and_the_others_are_measured(rng):
    far = ramp("far", centre=(500, 0, 0))
    profiles = sample_profiles([flat(rng), far], line((-20, 0, 0), (20, 0, 0)))
    assert profiles.remarks[0] == ""
    assert profiles.remarks[1].endswith("40.0 mm outside the image have no HU.")
    assert np.isnan(profiles.hu[1]).all()


def test_a_line_outside_all_images_is_refused(rng):
    with pytest.raises(OutsideImageError, match="outside the images"):
        sample_profiles([flat(rng), ramp()], line((0, 0, 90), (10, 0, 95)))


def test_the_edge_of_a_width_that_leaves_the_image_leaves_a_gap(rng):
    profiles = sample_profiles([flat(rng)], line((-20, 24, 0), (20, 24, 0)), ProfileSettings(width_mm=4))
    assert np.isnan(profiles.hu[0]).all()
    assert "at the border of the image" in profiles.remarks[0]


def test_sections_that_hold_no_data_yet_are_told_apart(rng):
    some = replace(flat(rng), sections=frozenset({0, 1, 2}))
    profiles = sample_profiles([some], line((0, 0, -2), (0, 0, 2)))
    assert np.isnan(profiles.hu[0]).tolist() == (profiles.points[:, 2] > 1e-9).tolist()
    assert profiles.remarks[0].endswith("in sections that hold no data yet have no HU.")


def test_padding_is_told_apart(rng):
    image = flat(rng)
    values = image.values.copy()
    values[:, :, 300:] = -2048
    profiles = sample_profiles([replace(image, values=values, padding_hu=(-2048, -2048))], line((0, 0, 0), (90, 0, 0)))
    assert profiles.remarks[0].endswith("at the border of the image or in its padding have no HU.")
    assert np.nanmin(profiles.hu[0]) == pytest.approx(50), "padding is mixed into nothing"


def test_settings_are_kept_with_the_result(rng):
    settings = ProfileSettings(interpolation="cubic", width_mm=2)
    assert sample_profiles([flat(rng)], line((0, 0, 0), (9, 0, 0)), settings).settings is settings

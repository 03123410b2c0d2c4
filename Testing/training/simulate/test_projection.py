from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM
from CTDenoiseTrainLib.simulate.projection import project
from CTDenoiseTrainLib.simulate.scan import ParallelScan, ScanError

SCAN = ParallelScan(views=24, rays=64, ray_spacing_mm=1.0)


@settings(max_examples=15)
@given(
    radius=st.floats(8, 18),
    centre=st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
    pixel=st.sampled_from([0.35, 0.5, 0.8, 1.0]),
    rays=st.sampled_from([63, 64]),
)
def test_line_integral_of_a_disc_is_its_chord(painted_disc, disc_chords, *, radius, centre, pixel, rays):
    scan = ParallelScan(views=24, rays=rays, ray_spacing_mm=1.0)
    disc = painted_disc(int(np.ceil(62 / pixel)), pixel_mm=pixel, radius_mm=radius, centre_mm=centre)
    chords = disc_chords(scan, radius_mm=radius, centre_mm=centre)
    error = project(disc, pixel_mm=pixel, scan=scan) - chords
    # Beside its border the chord of a disc grows from 0 to √(8·radius·pixel) within a pixel, of which pixels and
    # interpolation blur a part.
    assert np.abs(error).max() < 0.25 * np.sqrt(8 * radius * max(pixel, 0.5))
    assert np.sqrt(np.mean(error**2)) < 0.25 * max(pixel, 0.5)
    assert error.mean() == pytest.approx(0, abs=4e-3 * chords.mean())


def test_every_view_holds_all_of_the_attenuation(painted_disc):
    disc = painted_disc(100, pixel_mm=0.5, radius_mm=15, centre_mm=(4, -5))
    totals = project(disc, pixel_mm=0.5, scan=SCAN).sum(axis=1) * SCAN.ray_spacing_mm
    assert totals == pytest.approx(np.pi * 15**2, rel=1e-3)


def test_rays_run_down_the_columns_of_the_first_view():
    section = np.zeros((64, 64))
    section[40, 10] = 1
    view = project(section, pixel_mm=1.0, scan=SCAN)[0]
    assert np.flatnonzero(view).tolist() == [10]
    assert view[10] == 1


def test_rays_run_along_the_rows_of_the_view_at_a_right_angle():
    section = np.zeros((64, 64))
    section[40, 10] = 1
    view = project(section, pixel_mm=1.0, scan=SCAN)[SCAN.views // 2]
    assert view[40] == pytest.approx(1, abs=1e-5)


def test_rays_as_wide_as_four_pixels_take_their_mean():
    section = np.zeros((64, 64))
    section[32, 28] = 1
    wide = ParallelScan(views=1, rays=16, ray_spacing_mm=1.0)
    view = project(section, pixel_mm=0.25, scan=wide)[0]
    assert np.flatnonzero(view).tolist() == [7]
    assert view[7] == pytest.approx(0.25 / 4)


def test_sections_are_projected_one_by_one(painted_disc):
    discs = np.stack([painted_disc(50, pixel_mm=1, radius_mm=radius) for radius in (5, 10)])
    both = project(discs, pixel_mm=1.0, scan=SCAN)
    assert both.shape == (2, SCAN.views, SCAN.rays)
    np.testing.assert_array_equal(both[1], project(discs[1], pixel_mm=1.0, scan=SCAN))


@settings(max_examples=10)
@given(first=st.floats(-3, 3), second=st.floats(-3, 3))
def test_projection_is_linear(first, second):
    one, other = np.random.default_rng(0).random((2, 20, 20))
    together = project(first * one + second * other, pixel_mm=1.0, scan=SCAN)
    apart = first * project(one, pixel_mm=1.0, scan=SCAN) + second * project(other, pixel_mm=1.0, scan=SCAN)
    # Float32 sums of some twenty values of up to 6.
    assert together == pytest.approx(apart, abs=1e-4)


def test_a_section_that_is_not_square_keeps_its_middle_at_the_centre_of_rotation():
    section = np.zeros((20, 40))
    section[9:11, 19:21] = 1
    views = project(section, pixel_mm=1.0, scan=SCAN)
    assert views == pytest.approx(views[:, ::-1], abs=1e-5)


def test_an_object_wider_than_the_field_is_refused_with_both_sizes(painted_disc):
    disc = painted_disc(100, pixel_mm=1, radius_mm=40) * WATER_ATTENUATION_PER_MM
    with pytest.raises(ScanError, match=r"reaches 4\d\.\d mm .* covers 32\.0 mm"):
        project(disc, pixel_mm=1.0, scan=SCAN)


def test_noisy_air_outside_the_field_counts_as_air():
    air = np.full((100, 100), 0.05 * WATER_ATTENUATION_PER_MM)
    outside = np.hypot(*(np.indices((100, 100)) - 49.5)) > 32
    np.testing.assert_array_equal(
        project(air, pixel_mm=1.0, scan=SCAN), project(np.where(outside, 0, air), pixel_mm=1.0, scan=SCAN)
    )


def test_a_pixel_without_a_value_is_refused():
    with pytest.raises(ScanError, match="without a value"):
        project(np.full((8, 8), np.nan), pixel_mm=1.0, scan=SCAN)


def test_pixels_of_no_size_are_refused():
    with pytest.raises(ScanError, match="above 0 mm"):
        project(np.zeros((8, 8)), pixel_mm=0.0, scan=SCAN)

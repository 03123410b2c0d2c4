from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM, hu_of
from CTDenoiseTrainLib.simulate.filtered_back_projection import reconstruct
from CTDenoiseTrainLib.simulate.kernels import RAM_LAK, RollOff, Window, apodised
from CTDenoiseTrainLib.simulate.scan import ParallelScan, ScanError

SCAN = ParallelScan(views=180, rays=128, ray_spacing_mm=1.0)
HANN = apodised("hann", 0.5)


@pytest.fixture(scope="module")
def water(disc_chords):
    """Line integrals of 90 mm of water, a little off the centre."""
    return disc_chords(SCAN, radius_mm=45, centre_mm=(4, -6)) * WATER_ATTENUATION_PER_MM


@pytest.mark.parametrize("kernel", [RAM_LAK, *(apodised(window, 0.5) for window in get_args(Window))])
def test_water_is_0_hu_and_air_minus_1000(water, kernel):
    hu = hu_of(reconstruct(water, scan=SCAN, kernel=kernel, matrix=128, pixel_mm=1.0))
    y, x = np.indices(hu.shape) - 63.5
    distance = np.hypot(y - 4, x + 6)
    # The error of a mean; single pixels ring with the kernel.
    assert hu[distance < 40].mean() == pytest.approx(0, abs=0.5)
    assert hu[(distance > 50) & (np.hypot(y, x) < 62)].mean() == pytest.approx(-1000, abs=0.5)


@pytest.mark.parametrize("pixel", [0.3, 0.7, 1.5])
def test_water_is_0_hu_whatever_the_pixels(water, pixel):
    hu = hu_of(reconstruct(water, scan=SCAN, kernel=HANN, matrix=40, pixel_mm=pixel, centre_mm=(4, -6)))
    assert hu.mean() == pytest.approx(0, abs=0.5)


def test_water_is_flat_from_edge_to_edge(water):
    hu = hu_of(reconstruct(water, scan=SCAN, kernel=HANN, matrix=128, pixel_mm=1.0))
    y, x = np.indices(hu.shape) - 63.5
    distance = np.hypot(y - 4, x + 6)
    assert abs(hu[distance < 15].mean() - hu[(distance > 30) & (distance < 40)].mean()) < 0.5


@settings(max_examples=12)
@given(
    place=st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    beside=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    pixel=st.sampled_from([0.4, 1.0, 1.3]),
    rays=st.sampled_from([95, 96]),
    matrix=st.sampled_from([63, 64]),
)
def test_a_small_disc_lies_where_it_was(disc_chords, *, place, beside, pixel, rays, matrix):
    scan = ParallelScan(views=120, rays=rays, ray_spacing_mm=1.0)
    lines = disc_chords(scan, radius_mm=3, centre_mm=place)
    middle = (place[0] + beside[0], place[1] + beside[1])
    image = reconstruct(lines, scan=scan, kernel=HANN, matrix=matrix, pixel_mm=pixel, centre_mm=middle)
    y, x = (centre + (np.arange(matrix) - (matrix - 1) / 2) * pixel for centre in middle)
    weight = image * (np.hypot(y[:, None] - place[0], x[None] - place[1]) < 8)
    centroid = (weight.sum(axis=1) @ y / weight.sum(), weight.sum(axis=0) @ x / weight.sum())
    assert centroid == pytest.approx(place, abs=0.05 * pixel)


def test_a_small_field_of_view_is_a_part_of_the_whole(water):
    whole = reconstruct(water, scan=SCAN, kernel=HANN, matrix=128, pixel_mm=1.0)
    part = reconstruct(water, scan=SCAN, kernel=HANN, matrix=32, pixel_mm=1.0, centre_mm=(20.0, -30.0))
    np.testing.assert_allclose(part, whole[68:100, 18:50], atol=1e-8)


def test_pixels_outside_the_scans_field_are_air(water):
    image = reconstruct(water, scan=SCAN, kernel=RAM_LAK, matrix=160, pixel_mm=1.0)
    outside = np.hypot(*(np.indices(image.shape) - 79.5)) > 64
    assert not image[outside].any()


def test_sections_are_reconstructed_one_by_one(water):
    both = reconstruct(np.stack([water, 2 * water]), scan=SCAN, kernel=HANN, matrix=16, pixel_mm=1.0)
    assert both.shape == (2, 16, 16)
    np.testing.assert_allclose(both[1], 2 * both[0], rtol=1e-5, atol=1e-7)


FINE = ParallelScan(views=240, rays=160, ray_spacing_mm=0.5)
KERNELS = [
    apodised("hann", 0.9),
    RollOff("soft", half_per_mm=0.45, steepness=2.35),
    RollOff("enhancing edges", half_per_mm=0.6, steepness=2.35, boost=0.4, centre_per_mm=0.4, width_per_mm=0.25),
]


def transfer(lines, kernel, *, pixel: float, matrix: int):
    """Task transfer function at the edge of the disc of 18 mm at (3.3, −2.7) mm."""
    hu = hu_of(reconstruct(lines, scan=FINE, kernel=kernel, matrix=matrix, pixel_mm=pixel))
    centre = ((matrix - 1) / 2 + 3.3 / pixel, (matrix - 1) / 2 - 2.7 / pixel)
    return disc_ttf(hu[None], pixel_spacing=(pixel, pixel), radius_mm=18, centre=centre)


@pytest.fixture(scope="module")
def rod(disc_chords):
    return disc_chords(FINE, radius_mm=18, centre_mm=(3.3, -2.7)) * WATER_ATTENUATION_PER_MM


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_the_kernels_gain_is_the_resolution_of_the_image(rod, kernel):
    measured = transfer(rod, kernel, pixel=0.4, matrix=150)
    seen = (measured.frequency > 0.05) & (measured.frequency < 0.8)
    frequency = measured.frequency[seen]
    # The rays are 0.5 mm wide; disc_ttf is right within 2 %.
    expected = kernel.gain(frequency) * np.sinc(frequency * FINE.ray_spacing_mm)
    assert measured.value[seen] == pytest.approx(expected, abs=0.025)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_resolution_and_hu_do_not_depend_on_the_pixel_size(rod, kernel):
    coarse, fine = (transfer(rod, kernel, pixel=pixel, matrix=matrix) for pixel, matrix in ((0.5, 120), (0.25, 220)))
    assert fine.f50.value == pytest.approx(coarse.f50.value, rel=0.005)
    assert fine.contrast_hu == pytest.approx(coarse.contrast_hu, rel=0.002)


@pytest.mark.parametrize(
    ("shape", "matrix", "pixel", "said"),
    [
        ((10, 128), 8, 1.0, "180 views of 128 rays"),
        ((180, 128), 0, 1.0, "above zero"),
        ((180, 128), 8, 0.0, "above zero"),
    ],
)
def test_an_impossible_reconstruction_is_refused_in_a_sentence(shape, matrix, pixel, said):
    with pytest.raises(ScanError, match=said):
        reconstruct(np.zeros(shape), scan=SCAN, kernel=RAM_LAK, matrix=matrix, pixel_mm=pixel)

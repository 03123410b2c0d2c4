from __future__ import annotations

import numpy as np
import pytest

from support.edge_phantom import Kernel, disc_picture, edge_picture

SHARP = Kernel(0.4, enhancement=2.0)


def test_a_blurred_disc_is_the_disc_times_the_transfer_function_in_fourier_space():
    step, size = 0.05, 400
    place = (np.arange(size) - size / 2) * step
    distance = np.hypot(place[:, None], place)
    disc = np.clip((3.0 - distance) / step + 0.5, 0, 1)
    frequency = np.hypot(np.fft.fftfreq(size, step)[:, None], np.fft.fftfreq(size, step))
    expected = np.fft.ifft2(np.fft.fft2(disc) * SHARP.transfer(frequency)).real
    # The disc on the grid is itself known to a twentieth of a pixel only.
    assert np.abs(SHARP.disc(distance, 3.0) - expected).max() < 0.003


def test_a_large_disc_has_a_straight_edge():
    distance = np.linspace(-3, 3, 61)
    np.testing.assert_allclose(SHARP.disc(500.0 - distance, 500.0), SHARP.edge(distance), atol=1e-3)


def test_the_transform_of_the_edge_is_the_transfer_function():
    distance = np.arange(-8, 8, 0.01)
    lines = np.diff(SHARP.edge(distance))
    frequency = np.array([0.0, 0.3, 0.6, 1.0])
    spectrum = np.abs(lines @ np.exp(-2j * np.pi * distance[1:, None] * frequency))
    np.testing.assert_allclose(spectrum, SHARP.transfer(frequency), atol=1e-3)


def test_an_enhanced_kernel_lifts_the_transfer_function_above_one():
    assert SHARP.transfer(np.linspace(0, 1, 50)).max() == pytest.approx(1.213, abs=0.002)


def test_averaging_over_pixels_multiplies_with_their_aperture():
    fine = edge_picture((3, 81), pixel_spacing=(1.0, 0.5), normal_degrees=0, kernel=Kernel(0.5), supersampling=20)
    frequency = 0.5
    wave = np.exp(-2j * np.pi * frequency * np.arange(80) * 0.5)
    # Differences of neighbours bring a factor of their own.
    measured = abs(np.diff(fine[1]) @ wave) / 100 / np.sinc(frequency * 0.5)
    assert measured == pytest.approx(Kernel(0.5).transfer(frequency) * np.sinc(frequency * 0.5), rel=0.05)


def test_a_disc_lies_where_it_is_put():
    picture = disc_picture((60, 80), pixel_spacing=(0.5, 0.4), centre=(30.25, 41.5), radius_mm=6.0, kernel=Kernel(0.4))
    y, x = np.indices(picture.shape)
    assert (np.average(y, weights=picture), np.average(x, weights=picture)) == pytest.approx((30.25, 41.5), abs=0.01)
    assert picture.sum() * 0.5 * 0.4 == pytest.approx(100 * np.pi * 6.0**2, rel=1e-3)

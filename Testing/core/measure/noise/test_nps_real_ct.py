"""Noise power spectra of real scanners: water of a GE scanner, a head phantom with two kernels of Philips."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.noise.nps import difference_nps
from CTDenoiseLib.measure.noise.nps_regions import square_regions
from CTDenoiseLib.measure.regions.shapes import Box, Cylinder


def image(folder, index: int = 0) -> MeasuredImage:
    return MeasuredImage.of(read_series(find_series(folder).series[index]), name=folder.name)


@pytest.fixture(scope="module")
def water(real_data) -> tuple[MeasuredImage, MeasuredImage]:
    folder = real_data("ge_water_phantom")
    first, second = (image(folder, index) for index in (0, 1))
    return first, second


def water_squares(picture: MeasuredImage):
    centre = picture.grid.to_world(np.array([0.0, 255.0, 253.0]))
    return square_regions(Cylinder(centre, np.eye(3), (160.0, 160.0), 0.0), picture)


def test_water_has_the_noise_and_the_band_of_a_standard_kernel(water):
    spectrum = water_squares(water[0]).spectrum(water[0])
    assert spectrum.warnings == ()
    assert spectrum.noise == pytest.approx(5.0, rel=0.05)
    assert 0.25 < spectrum.peak_frequency < 0.4
    assert 0.3 < spectrum.mean_frequency < 0.36
    # The kernel passes nothing at the Nyquist frequency, and the ramp nothing at zero.
    assert spectrum.power[-1] < 0.02 * spectrum.power.max()
    assert spectrum.power[0] < 0.5 * spectrum.power.max()


def test_two_sections_as_repeats_have_the_same_band(water):
    first, second = water
    squares, other = water_squares(first), water_squares(second)
    single = squares.spectrum(first)
    repeated = difference_nps(squares.values(first), other.values(second), pixel_spacing=squares.pixel_spacing)
    # Sections of a helical scan share some of their noise, which is gone in the difference.
    assert 0.8 * single.noise < repeated.noise < single.noise
    assert repeated.mean_frequency == pytest.approx(single.mean_frequency, rel=0.05)


def test_a_smooth_kernel_shifts_noise_to_low_frequencies(real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    sharp, smooth = (image(folder / name) for name in ("YA_sharp", "UB_smooth_iDose"))
    centre = sharp.grid.to_world(np.array([12.0, 159.0, 232.0]))
    squares = square_regions(Box(centre, np.eye(3), np.array([11.0, 11.0, 5.0])), sharp)
    fine, coarse = (squares.spectrum(picture) for picture in (sharp, smooth))
    assert not any("not uniform" in warning for warning in fine.warnings + coarse.warnings)
    assert coarse.noise < 0.3 * fine.noise
    assert coarse.mean_frequency < 0.6 * fine.mean_frequency

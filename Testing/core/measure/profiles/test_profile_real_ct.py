"""Profiles through real phantoms: rods of a CatPhan 504, a sphere and a skull reconstructed with two kernels."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.measure.noise.global_noise_level import global_noise_level
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import ProfileFeatures, profile_features

Index = tuple[int, int, int]


def features(
    images: list[MeasuredImage], start: Index, end: Index, *, width: float = 0.0
) -> tuple[ProfileFeatures, ...]:
    """Features along a line from voxel to voxel."""
    path = ProfilePath(images[0].grid.to_world(np.array([start, end])))
    profiles = sample_profiles(images, path, ProfileSettings(width_mm=width))
    return tuple(profile_features(profiles.distance_mm, hu) for hu in profiles.hu)


@pytest.fixture(scope="module")
def catphan(catphan_folder) -> list[MeasuredImage]:
    return [MeasuredImage.of(read_series(find_series(catphan_folder).series[0]), name="CatPhan")]


@pytest.fixture(scope="module")
def kernels(real_data) -> list[MeasuredImage]:
    """Of one scan, the smooth and the sharp image."""
    found = find_series(real_data("philips_head_phantom_kernel_pair")).series
    volumes = {series.kernel: read_series(series) for series in found}
    return [MeasuredImage.of(volumes[kernel], name=kernel) for kernel in ("UB", "YA")]


@pytest.mark.parametrize("width", [0.0, 3.0])
@pytest.mark.parametrize(("row", "columns"), [(151, (285, 347)), (135, (225, 290))], ids=["Teflon", "air"])
def test_rods_of_a_catphan_are_as_thick_as_they_are_made(catphan, row, columns, width):
    (found,) = features(catphan, (32, row, columns[0]), (32, row, columns[1]), width=width)
    # 12.2 mm as made; the width of the line sees a little less of the circle.
    assert found.fwhm.value == pytest.approx(12.2, abs=0.15)
    assert found.fwhm.uncertainty < 0.05


def test_two_rods_of_one_scanner_are_equally_sharp_whatever_their_contrast(catphan):
    (teflon,) = features(catphan, (32, 151, 285), (32, 151, 347), width=3)
    (air,) = features(catphan, (32, 135, 225), (32, 135, 290), width=3)
    assert teflon.peak_contrast.value == pytest.approx(890, abs=40)
    assert air.peak_contrast.value == pytest.approx(-1070, abs=40)
    apart = teflon.edge_distance.value - air.edge_distance.value
    assert abs(apart) < 3 * np.hypot(teflon.edge_distance.uncertainty, air.edge_distance.uncertainty)


def test_air_filled_at_one_value_is_no_plateau(catphan):
    (found,) = features(catphan, (32, 300, 20), (32, 300, 100))
    assert "clipped or filled at -1000 HU" in found.edge_distance.reason


def test_uniform_plastic_has_no_edge(catphan):
    (found,) = features(catphan, (20, 250, 250), (20, 200, 300))
    assert found.fwhm.reason.startswith("No edge found")


def test_the_noise_level_of_a_catphan_is_that_read_in_its_uniform_part(catphan):
    (found,) = global_noise_level(catphan)
    assert isinstance(found.level, Measured)
    assert 16 < found.level.value < 18


def test_the_sharper_kernel_has_the_sharper_edges_and_the_same_width_and_contrast(kernels):
    smooth, sharp = features(kernels, (12, 313, 240), (12, 313, 345), width=4)
    assert sharp.edge_distance.value < 0.6 * smooth.edge_distance.value
    assert sharp.edge_slope.value > 1.5 * smooth.edge_slope.value
    assert sharp.fwhm.value == pytest.approx(smooth.fwhm.value, abs=0.05)
    assert sharp.peak_contrast.value == pytest.approx(smooth.peak_contrast.value, rel=0.01)


def test_a_skull_is_a_peak_with_its_thickness(kernels):
    smooth, sharp = features(kernels, (12, 10, 250), (12, 90, 250))
    assert sharp.fwhm.value == pytest.approx(smooth.fwhm.value, abs=0.2)
    assert 9 < sharp.fwhm.value < 11


def test_a_line_that_begins_within_a_hole_is_cut_off(kernels):
    for found in features(kernels, (12, 190, 170), (12, 178, 240)):
        assert isinstance(found.fwhm, NotMeasurable)
        assert found.fwhm.reason.startswith("Cut off")

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from CTDenoiseLib.measure.noise.uniform_region import UniformRegion, find_uniform_region
from CTDenoiseLib.volume import Geometry, Volume

GEOMETRY = Geometry(spacing=(2.0, 0.7, 0.7))


def body(sections: int = 6, side: int = 160) -> np.ndarray:
    """Structured tissue in air, a bone ring, a lung, and a uniform square of 50 HU in all but the outer sections."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(y / 0.8, x / 0.95)
    picture = np.where(radius < 1, 90 * np.sin(14 * x) * np.cos(14 * y), -1000.0)
    picture[(radius > 0.85) & (radius < 0.9)] = 900
    picture[np.hypot(y, x + 0.45) < 0.25] = -850
    volume = np.repeat(picture[np.newaxis], sections, axis=0)
    volume[1:5, 60:110, 95:130] = 50
    return volume


def noisy(rng, hu: np.ndarray, sd: float) -> np.ndarray:
    return np.rint(hu + sd * rng.standard_normal(hu.shape)).astype(np.float32)


@pytest.mark.parametrize("sd", [3.0, 30.0, 150.0])
def test_the_uniform_material_is_found_at_any_noise(rng, sd):
    region = find_uniform_region(Volume(noisy(rng, body(), sd), GEOMETRY))
    assert 0 < region.section < 5
    assert 55 <= region.rows.start < region.rows.stop <= 115
    assert 90 <= region.columns.start < region.columns.stop <= 135
    assert region.noise_hu == pytest.approx(sd, rel=0.15)
    assert region.mean_hu == pytest.approx(50, abs=max(3, 0.15 * sd))


@pytest.mark.parametrize("blur", [0.0, 0.7], ids=["white", "blotchy"])
def test_the_noise_found_is_that_of_a_square_dropped_blindly(rng, blur):
    geometry = Geometry(spacing=(2.0, 1.0, 1.0))
    found, blind, lowest = [], [], []
    for _ in range(60):
        volume = Volume(
            np.rint(20 * ndimage.gaussian_filter(rng.standard_normal((4, 96, 96)), (0, blur, blur))).astype(np.float32),
            geometry,
        )
        found.append(find_uniform_region(volume).noise_hu)
        squares = sliding_window_view(volume.hu, (15, 15), axis=(1, 2))[:, ::3, ::3].std(axis=(-1, -2), ddof=1)
        blind.append(squares.mean())
        lowest.append(squares.min())
    assert np.mean(found) == pytest.approx(np.mean(blind), rel=0.02)
    assert np.mean(lowest) < 0.87 * np.mean(blind), "what choosing by deviation would have reported"


def test_the_square_has_the_side_asked_for_in_mm_whatever_the_pixel_shape(rng):
    geometry = Geometry(spacing=(2.0, 0.5, 1.0))
    region = find_uniform_region(Volume(noisy(rng, np.zeros((1, 80, 80)), 10.0), geometry), side=15.0)
    assert (region.rows.stop - region.rows.start) * 0.5 == pytest.approx(15, abs=0.5)
    assert (region.columns.stop - region.columns.start) * 1.0 == pytest.approx(15, abs=1.0)


def test_the_output_is_measured_in_the_same_voxels(rng):
    section = np.zeros((20, 20), np.float32)
    section[4:8, 5:9] = np.arange(16).reshape(4, 4)
    statistics = UniformRegion(0, slice(4, 8), slice(5, 9), 0.0, 0.0).measure(section)
    assert statistics.mean_hu == pytest.approx(7.5)
    assert statistics.noise_hu == pytest.approx(np.std(np.arange(16), ddof=1))


@pytest.mark.parametrize(
    ("value", "why"), [(-1000.0, "air"), (-850.0, "lung"), (3071.0, "metal"), (-2048.0, "background")]
)
def test_what_is_not_tissue_is_never_taken(rng, value, why):
    assert find_uniform_region(Volume(noisy(rng, np.full((2, 64, 64), value), 5.0), GEOMETRY)) is None, why


def test_a_constant_area_is_never_taken_even_at_the_hu_of_tissue(rng):
    hu = noisy(rng, np.zeros((1, 96, 96)), 20.0)
    hu[:, :, :48] = 40
    assert find_uniform_region(Volume(hu, GEOMETRY)).columns.start >= 47


def test_declared_padding_is_never_taken(rng):
    hu = noisy(rng, np.full((1, 96, 96), -100), 20.0)
    hu[:, :48] = noisy(rng, np.full((1, 48, 96), 50), 0.5)
    padding = np.array([[45, 55]], np.float32)
    assert find_uniform_region(Volume(hu, GEOMETRY, padding=padding)).rows.start >= 48


def test_structure_everywhere_means_no_region_rather_than_a_wrong_figure(rng):
    y, x = np.mgrid[:96, :96]
    hu = 120 * np.sin(x / 6.0) * np.cos(y / 6.0)
    assert find_uniform_region(Volume(noisy(rng, hu[np.newaxis], 2.0), GEOMETRY)) is None


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 8, 200), (2, 200, 8)])
def test_a_volume_smaller_than_the_square_has_none(rng, shape):
    assert find_uniform_region(Volume(noisy(rng, np.zeros(shape), 5.0), GEOMETRY)) is None


def test_a_long_series_is_sampled_evenly(rng, monkeypatch):
    seen = []
    monkeypatch.setattr(Volume, "padding_mask", lambda self, section: seen.append(section) or np.zeros((32, 32), bool))
    find_uniform_region(Volume(noisy(rng, np.zeros((103, 32, 32)), 5.0), GEOMETRY), most_sections=10)
    steps = {later - earlier for earlier, later in pairwise(seen)}
    assert len(seen) <= 10
    assert len(steps) == 1
    assert seen[0] < 11 > 103 - 1 - seen[-1]


def test_liver_noise_of_a_low_dose_chest_is_found(real_data):
    from CTDenoiseLib.dicom.find import find_series
    from CTDenoiseLib.dicom.read import read_series

    (series,) = find_series(real_data("nlst_chest_low_dose_fc51")).series
    region = find_uniform_region(read_series(series))
    assert 0 < region.mean_hu < 100
    assert 25 < region.noise_hu < 42

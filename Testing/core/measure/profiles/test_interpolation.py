from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.profiles.interpolation import inside, interpolate
from support.tilted_grid import tilted_grid

SHAPE = (9, 12, 14)
METHODS = ("linear", "cubic")


def image(values: np.ndarray) -> MeasuredImage:
    return MeasuredImage("image", values, tilted_grid(values.shape))


def row(values: list[float] | np.ndarray) -> MeasuredImage:
    return image(np.asarray(values, dtype=float).reshape(1, 1, -1))


def along_row(column: np.ndarray | list[float]) -> np.ndarray:
    column = np.asarray(column, dtype=float)
    return np.stack([0 * column, 0 * column, column], axis=-1)


def places(low: float, high: float) -> st.SearchStrategy[list[float]]:
    return st.tuples(*[st.floats(low, size - 1 - high) for size in SHAPE])


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, np.float32, np.float64, ">i2"])
@pytest.mark.parametrize("method", METHODS)
def test_at_its_centre_a_voxel_has_its_own_value(rng, dtype, method):
    values = rng.integers(0, 200, SHAPE).astype(dtype)
    centres = np.stack(np.indices(SHAPE), axis=-1)
    np.testing.assert_allclose(interpolate(image(values), centres, interpolation=method), values)


@given(places(0, 0))
def test_linear_is_exact_where_hu_are_linear_along_each_axis(place):
    z, y, x = np.indices(SHAPE)
    found = interpolate(image(2.0 * z - 3 * y + x + y * x * z / 7), np.array(place))
    z, y, x = place
    assert found == pytest.approx(2 * z - 3 * y + x + y * x * z / 7, abs=1e-5)


@given(places(1, 1))
def test_cubic_is_exact_where_hu_are_parabolas(place):
    def hu(z, y, x):
        return z * z + 2 * y * y - x * x + y * x * x / 5 - 4

    found = interpolate(image(hu(*np.indices(SHAPE).astype(float))), np.array(place), interpolation="cubic")
    assert found == pytest.approx(hu(*place), abs=1e-3)


def test_linear_agrees_with_scipy(rng):
    values = rng.integers(-1000, 3000, SHAPE).astype(np.int16)
    index = rng.random((500, 3)) * SHAPE - 0.5
    expected = ndimage.map_coordinates(values.astype(float), index.T, order=1, mode="nearest")
    np.testing.assert_allclose(interpolate(image(values), index), expected)


@pytest.mark.parametrize("method", METHODS)
def test_memory_order_makes_no_difference(rng, method):
    values = rng.standard_normal(SHAPE)
    index = rng.random((50, 3)) * (np.array(SHAPE) - 1)
    expected = interpolate(image(values), index, interpolation=method)
    odd = np.repeat(values, 2, axis=2)[:, :, ::2], np.asfortranarray(values), values[::-1].copy()[::-1]
    for same in odd:
        assert not same.flags.c_contiguous
        np.testing.assert_array_equal(interpolate(image(same), index, interpolation=method), expected)


def test_the_outer_half_of_the_outermost_voxels_belongs_to_the_image():
    hu = interpolate(row([10, 20, 30]), along_row([-0.51, -0.5, 0, 2, 2.5, 2.51]))
    np.testing.assert_array_equal(hu, [np.nan, 10, 10, 30, 30, np.nan])
    assert inside(np.array([0.5, 0.4, 2.4]), (1, 1, 3)).tolist() is True
    assert inside(np.array([0.6, 0.4, 2.4]), (1, 1, 3)).tolist() is False


@pytest.mark.parametrize("method", METHODS)
def test_padding_and_what_touches_it_has_no_hu(method):
    padded = replace(row([-2048, -2048, 5, 6, 7, 8, 9]), padding_hu=(-2048, -2000))
    hu = interpolate(padded, along_row([1.5, 4.0, 4.5]), interpolation=method)
    np.testing.assert_allclose(hu, [np.nan, 7, 7.5])


def test_nan_in_an_image_stays_nan():
    assert np.isnan(interpolate(row([1, np.nan, 3]), along_row([0.5]))).all()


def test_sections_without_data_have_no_hu_but_a_line_within_a_section_needs_no_other(rng):
    values = rng.standard_normal(SHAPE)
    some = replace(image(values), sections=frozenset({3, 4}))
    index = np.array([[3.0, 2.5, 2.5], [3.5, 2, 2], [4.0, 2, 2], [4.1, 2, 2], [2.9, 2, 2], [8, 2, 2]])
    found = interpolate(some, index)
    assert np.isnan(found).tolist() == [False, False, False, True, True, True]
    assert not np.isnan(interpolate(some, index[:1], interpolation="cubic")).any()


def test_rounding_of_matrices_does_not_reach_for_the_section_beside(rng):
    some = replace(image(rng.standard_normal(SHAPE)), sections=frozenset({3}))
    assert np.isfinite(interpolate(some, np.array([[3 + 1e-9, 2, 2], [3 - 1e-9, 2, 2]]))).all()


@pytest.mark.parametrize(("method", "halfway", "average"), [("linear", 0.71, 0.82), ("cubic", 0.80, 0.90)])
def test_noise_between_centres_is_as_low_as_documented(rng, method, halfway, average):
    noise = row(rng.standard_normal(200_000))
    columns = np.arange(2, 199_000.0)
    assert interpolate(noise, along_row(columns + 0.5), interpolation=method).std() == pytest.approx(halfway, abs=0.01)
    anywhere = interpolate(noise, along_row(columns + rng.random(len(columns))), interpolation=method)
    assert anywhere.std() == pytest.approx(average, abs=0.01)


@pytest.mark.parametrize(("method", "share"), [("linear", 0.81), ("cubic", 0.94)])
def test_amplitude_at_half_the_nyquist_frequency_is_as_documented(method, share):
    wave = row(np.cos(np.pi / 2 * np.arange(64)))
    columns = np.linspace(8, 48, 4000, endpoint=False)
    hu = interpolate(wave, along_row(columns), interpolation=method)
    assert 2 * (hu * np.cos(np.pi / 2 * columns)).mean() == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize(("method", "overshoot"), [("linear", 0.0), ("cubic", 0.074)])
def test_overshoot_at_a_step_is_as_documented(method, overshoot):
    hu = interpolate(row([0] * 6 + [1] * 6), along_row(np.linspace(0, 11, 5000)), interpolation=method)
    assert hu.max() - 1 == pytest.approx(overshoot, abs=0.001)
    assert -hu.min() == pytest.approx(overshoot, abs=0.001)


@pytest.mark.parametrize("method", METHODS)
def test_a_volume_on_disk_is_not_loaded(tmp_path, method):
    on_disk = np.memmap(tmp_path / "volume", dtype=np.int16, mode="w+", shape=(64, 512, 512))
    index = np.random.default_rng(0).random((2000, 3)) * (63, 511, 511)
    tracemalloc.start()
    interpolate(image(on_disk), index, interpolation=method)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < on_disk.nbytes / 10

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.volume import Geometry
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.section_average import average_sections, averaged_geometry, averaged_positions


@given(sections=st.integers(1, 9), count=st.integers(1, 9), seed=st.integers(0, 99))
def test_each_average_is_the_mean_of_its_sections(sections, count, seed):
    hu = np.random.default_rng(seed).integers(-1024, 3072, (sections, 3, 2)).astype(np.int16)
    if count > sections:
        with pytest.raises(DataError, match="average fewer"):
            average_sections(hu, count)
        return
    averages = average_sections(hu, count)
    assert averages.dtype == np.float32
    expected = [hu[start : start + count].mean(axis=0) for start in range(sections - count + 1)]
    np.testing.assert_array_equal(averages, np.float32(expected))


@given(count=st.integers(1, 8))
def test_on_a_ramp_along_z_an_average_has_the_value_of_the_place_it_is_said_to_lie_at(count):
    geometry = Geometry(
        spacing=(0.2, 1.0, 1.0), origin=(3.0, 4.0, 5.0), direction=((0, 0.6, 0.8), (0, 1, 0), (1, 0, 0))
    )
    ramp = np.arange(10, dtype=np.float32).reshape(-1, 1, 1)
    averages = average_sections(ramp, count).ravel()
    np.testing.assert_allclose(averages, averaged_positions(10, count), rtol=1e-6)
    moved = np.subtract(averaged_geometry(geometry, count).origin, geometry.origin)
    np.testing.assert_allclose(moved, averages[0] * 0.2 * np.array(geometry.direction[0]), atol=1e-6)


def test_two_sections_lie_half_an_increment_above_the_first():
    geometry = averaged_geometry(Geometry(spacing=(0.2, 0.15, 0.15), origin=(0.0, 0.0, 10.0)), 2)
    assert geometry.origin == pytest.approx((0.0, 0.0, 10.1))
    assert geometry.spacing == (0.2, 0.15, 0.15)


def test_a_memory_mapped_file_can_take_the_result(tmp_path):
    def allocate(shape):
        return np.lib.format.open_memmap(tmp_path / "target.npy", mode="w+", dtype=np.float32, shape=shape)

    average_sections(np.ones((4, 2, 2), np.float32), 2, allocate=allocate).flush()
    assert np.load(tmp_path / "target.npy").tolist() == np.ones((3, 2, 2)).tolist()


def test_less_than_one_section_is_refused():
    with pytest.raises(DataError, match="target_sections"):
        average_sections(np.ones((4, 2, 2), np.float32), 0)

"""Volumes in memory and in files."""

import gc
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.pairs.volume_cache import StoredVolume, VolumeCache

SHAPE = (4, 20, 30)


def whole_hu(rng) -> np.ndarray:
    return rng.integers(-1024, 3071, SHAPE).astype(np.float32)


def test_whole_hu_values_are_kept_in_16_bits_without_loss(rng, tmp_path):
    hu = whole_hu(rng)
    kept = VolumeCache(tmp_path, memory_gb=1).keep(hu.__getitem__, SHAPE)
    assert kept.values.dtype == np.int16
    np.testing.assert_array_equal([kept.section(index) for index in range(4)], hu)


@pytest.mark.parametrize("value", [0.5, 40000.0, -32769.0])
def test_other_values_are_kept_as_they_are(rng, tmp_path, value):
    hu = whole_hu(rng)
    hu[-1, -1, -1] = value
    kept = VolumeCache(tmp_path, memory_gb=1).keep(hu.__getitem__, SHAPE)
    assert kept.values.dtype == np.float32
    np.testing.assert_array_equal(kept.section(3), hu[3])


@pytest.mark.parametrize("highest", [0.5, 300.0, 20000.0])
def test_noise_is_kept_in_16_bits_within_half_a_step(rng, tmp_path, highest):
    noise = rng.standard_normal(SHAPE).astype(np.float32)
    noise *= highest / np.abs(noise).max()
    kept = VolumeCache(tmp_path, memory_gb=1).keep_noise(noise)
    assert kept.values.dtype == np.int16
    assert kept.step <= 2 * highest / 32767
    np.testing.assert_allclose(kept.section(1), noise[1], atol=kept.step / 2, rtol=0)


def test_what_exceeds_the_memory_lies_in_files_that_nobody_sees(rng, tmp_path):
    hu = whole_hu(rng)
    cache = VolumeCache(tmp_path / "cache", memory_gb=1.5 * 2 * hu.size / 1e9)
    first, second = cache.keep(hu.__getitem__, SHAPE), cache.keep((hu + 1).__getitem__, SHAPE)
    assert cache.fact == "4.8e-06 GB in memory, 4.8e-06 GB in files"
    assert os.name == "nt" or not list((tmp_path / "cache").iterdir())
    gc.collect()
    np.testing.assert_array_equal(first.section(2) + 1, second.section(2))


def test_scratch_room_is_granted_again_after_its_use(tmp_path):
    cache = VolumeCache(tmp_path, memory_gb=4 * np.prod(SHAPE) / 1e9)
    for _ in range(2):
        with cache.scratch() as allocate:
            first, second = allocate(SHAPE), allocate(SHAPE)
            assert first.flags.owndata
            assert not second.flags.owndata
            second[:] = 1
            assert second.dtype == np.float32
            assert second.sum() == second.size


def test_a_full_disk_is_told_before_anything_is_written(rng, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(WriteFailedError, match="disk is full"):
        VolumeCache(tmp_path, memory_gb=0).keep(whole_hu(rng).__getitem__, SHAPE)


@given(st.integers(-40, 60), st.integers(-40, 60), st.integers(1, 25))
def test_a_window_beyond_the_borders_goes_on_as_a_mirror_image(row, column, side):
    hu = np.random.default_rng(0).normal(size=(2, 20, 30)).astype(np.float32)
    window = StoredVolume(hu).mirrored_window([1], row + np.arange(side), column + np.arange(side))
    padded = np.pad(hu[1], 80, mode="symmetric")
    expected = padded[80 + row : 80 + row + side, 80 + column : 80 + column + side]
    np.testing.assert_array_equal(window[0], expected)

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseTrainLib.simulate.anatomy import average_down, procedural_volume, resample_sections


def test_procedural_volume_is_the_same_for_the_same_seed():
    first, second = (procedural_volume((5, 48, 48), section_step=2.0, rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_procedural_volume_spans_air_to_bone_and_holds_sharp_edges():
    volume = procedural_volume((8, 128, 128), section_step=1.0, rng=np.random.default_rng(0))
    assert volume.min() >= -1024
    assert volume.max() <= 3071
    assert volume.max() > 600
    assert volume.min() < -500
    # An edge as sharp as the pixels: most of a contrast of several hundred HU from one pixel to the next.
    assert np.abs(np.diff(volume, axis=2)).max() > 400


def test_whole_factors_average_blocks(rng):
    volume = rng.standard_normal((2, 12, 8)).astype(np.float32)
    blocks = volume.reshape(2, 6, 2, 4, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(average_down(volume, 2.0), blocks, atol=1e-5)


@given(factor=st.floats(1, 4), hu=st.floats(-1000, 3000))
def test_any_factor_keeps_hu_values(factor, hu):
    volume = np.full((1, 23, 17), hu, dtype=np.float32)
    coarse = average_down(volume, factor)
    assert coarse.shape == (1, int(23 / factor), int(17 / factor))
    np.testing.assert_allclose(coarse, hu, rtol=1e-4, atol=1e-2)


def test_averaging_down_lowers_white_noise_by_the_factor(rng):
    noise = rng.standard_normal((4, 300, 300)).astype(np.float32)
    assert average_down(noise, 3.0).std() == pytest.approx(1 / 3, rel=0.02)


@given(step=st.floats(0.2, 2.5))
def test_sections_between_lie_on_a_straight_line(step):
    ramp = np.arange(9, dtype=np.float32)[:, None, None] * np.ones((1, 2, 3), dtype=np.float32)
    resampled = resample_sections(ramp, step)
    np.testing.assert_allclose(resampled[:, 0, 0], np.arange(len(resampled)) * step, atol=1e-4)


def test_bar_patterns_come_on_top_of_the_same_anatomy():
    plain, with_bars = (
        procedural_volume((6, 96, 96), section_step=1.0, rng=np.random.default_rng(1), bar_patterns=bars)
        for bars in (0, 4)
    )
    changed = plain != with_bars
    assert 0 < changed.mean() < 0.3

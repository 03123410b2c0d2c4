"""Differences of reconstructions and of repeated scans."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.noise.reconstruction_difference import reconstruction_noise
from CTDenoiseTrainLib.noise.repeated_scans import noise_of_repeats, repeated_scan_noise
from support.thorax_phantom import as_volume, scanner_noise, thorax


def test_what_an_iterative_method_took_away_is_the_noise(rng):
    noise = scanner_noise(rng, sections=4)
    found = reconstruction_noise(as_volume(thorax() + noise), as_volume(thorax() + 0.4 * noise))
    # Both images are rounded to float32.
    np.testing.assert_allclose(found.noise, 0.6 * noise, atol=1e-3)


def test_only_sections_that_both_have_give_noise():
    hu = np.arange(10, dtype=np.float32)[:, None, None] + np.zeros((10, 4, 4), np.float32)
    later = Volume(np.zeros((5, 4, 4), np.float32), Geometry(origin=(0.0, 0.0, 3.0)))
    assert reconstruction_noise(Volume(hu), later).noise[:, 0, 0].tolist() == [3, 4, 5, 6, 7]


def test_clipped_and_padded_pixels_have_no_weight(rng):
    anatomy = np.full((2, 64, 64), 40.0)
    anatomy[:, :, 32:] = -1010.0
    hu = np.maximum(anatomy + 30 * rng.standard_normal(anatomy.shape), -1024).astype(np.float32)
    hu[:, 48:] = -2000.0
    padding = np.tile(np.float32([-2000.0, -2000.0]), (2, 1))
    weight = repeated_scan_noise(Volume(hu, padding=padding), Volume(hu[::-1].copy(), padding=padding)).weight
    assert weight[:, :36, :20].min() > 0.9
    assert weight[:, :, 36:].mean() < 0.05
    assert weight[:, 48:].max() == 0


def test_noise_of_two_repeats_has_the_level_of_one(rng):
    noise = [scanner_noise(rng, sections=3) for _ in range(2)]
    found = repeated_scan_noise(*(as_volume(thorax() + one) for one in noise))
    # About 10⁵ pixels, correlated over a few: 1 %.
    assert found.noise.std() == pytest.approx(np.std(noise), rel=0.02)


def test_noise_of_more_repeats_has_the_level_of_one_and_their_sum_is_zero(rng):
    noise = [scanner_noise(rng, sections=3) for _ in range(4)]
    maps = noise_of_repeats([as_volume(thorax() + one) for one in noise])
    assert [found.noise.std() for found in maps] == pytest.approx([np.std(noise)] * 4, rel=0.02)
    np.testing.assert_allclose(np.sum([found.noise for found in maps], axis=0), 0, atol=1e-3)


def test_four_repeats_are_correlated_as_their_common_mean_makes_them(rng):
    maps = noise_of_repeats([as_volume(thorax() + scanner_noise(rng, sections=3)) for _ in range(4)])
    assert np.corrcoef(maps[0].noise.ravel(), maps[1].noise.ravel())[0, 1] == pytest.approx(-1 / 3, abs=0.03)


def test_both_ways_to_say_two_repeats_give_the_same(rng):
    scans = [as_volume(thorax() + scanner_noise(rng)) for _ in range(2)]
    (found,) = noise_of_repeats(scans)
    np.testing.assert_array_equal(found.noise, repeated_scan_noise(*scans).noise)


def test_correlation_between_sections_survives(rng):
    white = rng.standard_normal((21, 32, 32))
    overlapping = 30 * (white[1:] + white[:-1]) / np.sqrt(2)
    noise = reconstruction_noise(as_volume(overlapping), as_volume(np.zeros_like(overlapping))).noise
    assert (noise[1:] * noise[:-1]).mean() / np.square(noise).mean() == pytest.approx(0.5, abs=0.03)


def test_one_scan_is_no_repeat():
    with pytest.raises(DataError, match="two or more"):
        noise_of_repeats([as_volume(thorax())])

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from CTDenoiseTrainLib.material.sampler import LOWEST_HU, Material, PairOptions, PairSampler
from CTDenoiseTrainLib.noise.noise_map import NoiseMap

OPTIONS = PairOptions(side=32, margin=8, context=1, noise_hu=(20, 40), clipped_share=0)


@pytest.fixture
def material(rng) -> Material:
    flat = np.full((6, 64, 64), 40, dtype=np.int16)
    noise = rng.standard_normal((8, 80, 80)).astype(np.float16)
    return Material(anatomy=[[flat]], reconstructed_noise=[noise])


@pytest.fixture
def with_measured_noise(material, rng) -> Material:
    noise = (25 * rng.standard_normal((6, 64, 64))).astype(np.float32)
    weight = np.zeros_like(noise)
    weight[:, :, :40] = 1
    return replace(material, measured_noise=[NoiseMap(noise, weight)])


def test_same_seed_gives_the_same_pairs(with_measured_noise):
    first, second = (PairSampler(with_measured_noise, OPTIONS, seed=5).draw(range(4)) for _ in range(2))
    torch.testing.assert_close(first.sections, second.sections, rtol=0, atol=0)
    torch.testing.assert_close(first.noise, second.noise, rtol=0, atol=0)
    other = PairSampler(with_measured_noise, OPTIONS, seed=6).draw(range(4))
    assert not torch.equal(first.sections, other.sections)


def test_pair_of_a_number_is_the_same_in_any_company(with_measured_noise):
    sampler = PairSampler(with_measured_noise, OPTIONS, seed=5)
    together, turned, alone = sampler.draw([3, 8, 9]), sampler.draw([9, 8, 3]), sampler.draw([8])
    for field in ("sections", "noise", "noise_hu"):
        assert torch.equal(getattr(together, field), getattr(turned, field).flip(0))
        assert torch.equal(getattr(together, field)[1:2], getattr(alone, field))


def test_twins_show_the_same_anatomy_at_the_same_level_in_noise_of_their_own(with_measured_noise, rng):
    anatomy = rng.integers(-100, 100, (6, 64, 64)).astype(np.int16)
    material = replace(with_measured_noise, anatomy=[[anatomy]])
    batch = PairSampler(material, replace(OPTIONS, twins=True), seed=5).draw(range(40))
    clean = batch.sections[:, 1:2] - batch.noise
    torch.testing.assert_close(clean[0::2], clean[1::2], rtol=0, atol=1e-3)
    assert torch.equal(batch.noise_hu[0::2], batch.noise_hu[1::2])
    assert len(torch.unique(batch.noise_hu)) == 20, "other twins are other pairs"
    first, second = (batch.noise[start::2].flatten(1) for start in (0, 1))
    correlation = (first * second).mean(1) / (first.std(1) * second.std(1))
    # 1024 correlated values a pair: an SD of 0.05 to 0.1; that of the mean of 20 is less than 0.03.
    assert abs(float(correlation.mean())) < 0.1


def test_measured_share_of_the_pairs_has_measured_noise(material, rng):
    """Measured noise of two levels shows which pairs have it: its SD differs between left and right."""
    noise = rng.standard_normal((6, 64, 64)).astype(np.float32)
    noise[:, :, ::2] = 0
    measured = replace(material, measured_noise=[NoiseMap(noise, np.ones_like(noise))])
    batch = PairSampler(measured, replace(OPTIONS, measured_share=0.3), seed=0).draw(range(200))
    # Every other column, or after a quarter turn every other row, has none.
    silent = torch.stack([batch.noise[..., start::2].abs().amax((1, 2, 3)) for start in (0, 1)]).amin(0) == 0
    silent |= torch.stack([batch.noise[..., start::2, :].abs().amax((1, 2, 3)) for start in (0, 1)]).amin(0) == 0
    # 60 expected of 200 with an SD of 6.5.
    assert 40 < int(silent.sum()) < 80


def test_shapes_are_those_of_a_window_and_its_centre(material):
    batch = PairSampler(material, OPTIONS, seed=0).draw(range(5))
    assert batch.sections.shape == (5, 3, 32, 32)
    assert batch.noise.shape == (5, 1, 32, 32)


def test_input_without_its_noise_is_the_anatomy(material):
    batch = PairSampler(material, OPTIONS, seed=0).draw(range(6))
    clean = batch.sections[:, 1:2] - batch.noise
    torch.testing.assert_close(clean, torch.full_like(clean, 40.0), rtol=0, atol=1e-2)


def test_noise_has_the_drawn_level(with_measured_noise):
    batch = PairSampler(with_measured_noise, OPTIONS, seed=0).draw(range(24))
    assert ((batch.noise_hu >= 20) & (batch.noise_hu <= 40)).all()
    ratio = batch.noise.std((1, 2, 3)) / batch.noise_hu
    # The level is set over the window; its centre section has 1024 correlated values.
    assert ratio.mean() == pytest.approx(1, abs=0.05)


def test_scanner_that_clips_never_goes_below_its_lowest_value(material):
    air = replace(material, anatomy=[[np.full((6, 64, 64), -1000, dtype=np.int16)]])
    clipped = PairSampler(air, replace(OPTIONS, clipped_share=1), seed=0).draw(range(8))
    assert clipped.sections.min() == LOWEST_HU
    assert PairSampler(air, OPTIONS, seed=0).draw(range(8)).sections.min() < LOWEST_HU


def test_noise_of_a_pair_includes_what_clipping_did(material):
    air = replace(material, anatomy=[[np.full((6, 64, 64), -1000, dtype=np.int16)]])
    batch = PairSampler(air, replace(OPTIONS, clipped_share=1), seed=0).draw(range(8))
    clean = batch.sections[:, 1:2] - batch.noise
    torch.testing.assert_close(clean, torch.full_like(clean, -1000.0), rtol=0, atol=0.1)

from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseTrainLib.pairs.batch import Batch
from CTDenoiseTrainLib.training.loss import BiasWeight, TrainingLoss
from support.flat_pairs import FlatPairs


@pytest.fixture
def batch():
    return FlatPairs(noise_hu=30).draw(range(6))


def test_plain_error_is_the_mean_square_in_hu(batch):
    off = (batch.noise + 7) / 100
    loss = TrainingLoss(scale_hu=100)(off, batch)
    assert float(loss.error) == pytest.approx(49, rel=1e-4)


def test_objective_is_that_error_in_the_unit_of_the_network(batch):
    for scale_hu in (10.0, 100.0, 1000.0):
        predicted = torch.zeros_like(batch.noise)
        loss = TrainingLoss(scale_hu=scale_hu)(predicted, batch)
        assert float(loss.objective) * scale_hu**2 == pytest.approx(float(loss.error), rel=1e-6)
        assert float(loss.error) == pytest.approx(900, rel=0.1)


def test_with_a_level_offset_quiet_pairs_count_beside_noisy_ones(batch):
    """By hand: an error of e HU on noise of s HU counts e² / (s² + offset²)."""
    batch.noise_hu[:] = torch.tensor([3.0, 3.0, 30.0, 30.0, 300.0, 300.0])
    off = batch.noise + torch.tensor([3.0, 3.0, 30.0, 30.0, 300.0, 300.0])[:, None, None, None]
    loss = TrainingLoss(scale_hu=100, level_offset_hu=4.0)(off / 100, batch)
    expected = (9 / 25 + 900 / 916 + 90000 / 90016) / 3
    assert float(loss.error) == pytest.approx(expected, rel=1e-4)
    assert float(loss.objective) == float(loss.error)


def test_weighted_bias_tells_what_twins_have_in_common_from_what_each_has_alone(batch):
    """By hand, in noise of its half level: what both err counts 1 + 6 / 2 times, what turns its sign nothing more."""
    weight = BiasWeight(weight=6.0, level_hu=30.0)
    batch.noise_hu[:] = 30.0
    turn = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])[:, None, None, None]
    common, opposite = (
        TrainingLoss(scale_hu=100, bias_weight=weight)((batch.noise + error) / 100, batch) for error in (5.0, 5 * turn)
    )
    for loss in (common, opposite):
        assert float(loss.error) == pytest.approx(25, rel=1e-3), "the error that is told is not weighted"
    assert float(common.objective) * 100**2 == pytest.approx((1 + 3) * 25, rel=1e-3)
    assert float(opposite.objective) * 100**2 == pytest.approx((1 - 3) * 25, rel=1e-3)


def test_bias_counts_for_more_the_more_noise_there_is(batch):
    """By hand: at half, once and twice the level, a steepness of 4 makes it 1/17, 1/2 and 16/17 of the weight."""
    batch.noise_hu[:] = torch.tensor([15.0, 15.0, 30.0, 30.0, 60.0, 60.0])
    weighted = BiasWeight(weight=17.0, level_hu=30.0, steepness=4.0).squared_bias(torch.ones_like(batch.noise), batch)
    torch.testing.assert_close(weighted.mean((1, 2, 3)), torch.tensor([1.0, 1.0, 8.5, 8.5, 16.0, 16.0]))


def test_least_weighted_loss_is_that_of_the_wiener_filter_for_stronger_structure():
    """One number per pixel, of SD 2 in noise of SD 4: with weight 3 the best factor is 4·4 / (4·4 + 16) = 1/2."""
    chance = torch.Generator().manual_seed(0)
    clean = 2 * torch.randn(1, 1, 400, 400, generator=chance).repeat_interleave(2, dim=0)
    noise = 4 * torch.randn(2, 1, 400, 400, generator=chance)
    batch = Batch(clean + noise, noise, torch.full((2,), 4.0))
    loss = TrainingLoss(scale_hu=1, bias_weight=BiasWeight(weight=3.0, level_hu=1e-6))
    factors = np.linspace(0.3, 0.7, 41)
    objectives = [float(loss((1 - factor) * batch.sections, batch).objective) for factor in factors]
    # 160 000 pixels give the least of the curve within one step.
    assert factors[int(np.argmin(objectives))] == pytest.approx(0.5, abs=0.011)


def test_features_compare_output_and_target_as_images(batch):
    seen = []

    def distance(output, target):
        seen.append((output, target))
        return torch.tensor(0.25)

    loss = TrainingLoss(scale_hu=100, features=distance, feature_weight=2.0)(batch.noise / 100, batch)
    output, target = seen[0]
    torch.testing.assert_close(target, torch.full_like(target, 40.0), rtol=0, atol=1e-4)
    torch.testing.assert_close(output, target, rtol=0, atol=1e-3)
    assert float(loss.objective) == pytest.approx(0.5, rel=1e-5)
    assert float(loss.error) == pytest.approx(0, abs=1e-6)

from __future__ import annotations

import pytest
import torch

from CTDenoiseTrainLib.training.loss import TrainingLoss
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


def test_with_a_structure_weight_errors_at_a_vessel_count_more_than_in_flat_tissue(batch):
    """By hand: a spot of far more contrast than the noise counts 1 + 4 times, flat tissue about once."""
    batch.sections[:, :, 8, 8] += 1000
    losses = {}
    for place in ((8, 8), (0, 0)):
        predicted = batch.noise / 100
        predicted[..., place[0], place[1]] += 0.1
        losses[place] = TrainingLoss(scale_hu=100, structure_weight=4.0)(predicted, batch)
    error = 100 / batch.noise[0].numel()
    assert float(losses[8, 8].error) == pytest.approx(error, rel=1e-3), "the error that is told is not weighted"
    assert float(losses[8, 8].objective) == pytest.approx(5 * error / 100**2, rel=1e-3)
    # The spot is in the surroundings of the corner, too: 1000 HU over at least 64 pixels, on noise of 30 HU.
    assert error / 100**2 <= float(losses[0, 0].objective) <= (1 + 4 * 1000 / 64 / 30) * error / 100**2


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

from __future__ import annotations

import pytest
import torch

from CTDenoiseTrainLib.training.averaging import AveragedNetwork
from support.tiny_model import tiny_network


def bias(network) -> float:
    return float(network.noise.bias.detach())


def set_bias(network, value: float) -> None:
    with torch.no_grad():
        network.noise.bias.fill_(value)


def test_average_follows_with_a_decay_that_grows_to_the_given_one():
    network = tiny_network()
    set_bias(network, 0.0)
    averaged = AveragedNetwork(network, 0.5)
    set_bias(network, 1.0)
    expected = 0.0
    for step in range(20):
        averaged.update(network, step)
        expected += (1 - min(0.5, (1 + step) / (10 + step))) * (1 - expected)
        assert bias(averaged.network) == pytest.approx(expected, rel=1e-6)


def test_without_averaging_it_is_the_network_itself():
    network = tiny_network()
    averaged = AveragedNetwork(network, 0.0)
    for parameter in network.parameters():
        parameter.data.add_(torch.randn(parameter.shape))
    averaged.update(network, 0)
    ours = averaged.network.state_dict()
    assert all(torch.equal(ours[key], tensor) for key, tensor in network.state_dict().items())


def test_statistics_of_batch_norm_are_averaged_too():
    network = tiny_network()
    averaged = AveragedNetwork(network, 0.999)
    norm, ours = network.down[0][1], averaged.network.down[0][1]
    before = ours.running_mean.clone()
    norm.running_mean += 1
    norm.num_batches_tracked += 1
    averaged.update(network, 0)
    # The first decay is 1/10.
    torch.testing.assert_close(ours.running_mean, before + 0.9)
    assert ours.num_batches_tracked == norm.num_batches_tracked


def test_what_does_not_change_stays_the_same_to_the_last_bit():
    network = tiny_network()
    averaged = AveragedNetwork(network, 0.9)
    for step in range(50):
        averaged.update(network, step)
    ours = averaged.network.state_dict()
    assert all(torch.equal(ours[key], tensor) for key, tensor in network.state_dict().items())


def test_averaged_network_is_for_evaluation_and_the_original_is_left_alone():
    network = tiny_network().train()
    averaged = AveragedNetwork(network, 0.9)
    assert not averaged.network.training
    assert not any(parameter.requires_grad for parameter in averaged.network.parameters())
    assert network.training
    assert all(parameter.requires_grad for parameter in network.parameters())

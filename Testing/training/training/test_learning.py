from __future__ import annotations

from torch import nn

from CTDenoiseTrainLib.training.learning import let_learn
from support.tiny_model import tiny_network


def modes(module: nn.Module) -> set[bool]:
    return {norm.training for norm in module.modules() if isinstance(norm, nn.BatchNorm2d)}


def test_all_parameters_learn_even_those_that_did_not():
    network = tiny_network().requires_grad_(False)
    assert let_learn(network, None).keys() == dict(network.named_parameters()).keys()
    assert all(parameter.requires_grad for parameter in network.parameters())
    assert modes(network) == {True}


def test_only_the_chosen_learn():
    network = tiny_network()
    names = let_learn(network, network.up.parameters())
    assert {name for name, parameter in network.named_parameters() if parameter.requires_grad} == set(names)
    assert all(name.startswith("up.") for name in names)


def test_a_network_that_was_trained_before_keeps_its_statistics_even_if_all_of_it_learns():
    network = tiny_network()
    assert let_learn(network, network.parameters()).keys() == dict(network.named_parameters()).keys()
    assert modes(network) == {False}
    assert network.training

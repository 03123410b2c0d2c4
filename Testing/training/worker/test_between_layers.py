"""A step that can be ended in its middle, and is the same step otherwise."""

from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.networks import HRCNN, DenoisingNetwork, PlainCNN, UNet
from CTDenoiseTrainLib.worker.between_layers import checked_between_layers

NETWORKS = {
    "hrcnn": lambda: HRCNN(context=1, width=4, levels=2),
    "unet": lambda: UNet(context=1, width=4),
    "plain_cnn": lambda: PlainCNN(context=1, filters=4),
}


@pytest.fixture(params=NETWORKS)
def network(request) -> DenoisingNetwork:
    torch.manual_seed(0)
    return NETWORKS[request.param]().train()


def gradients(network: DenoisingNetwork) -> list[torch.Tensor]:
    """Of one step, the same each time."""
    network.zero_grad()
    network(torch.linspace(-1, 1, 3 * 32 * 32).reshape(1, 3, 32, 32)).square().mean().backward()
    return [parameter.grad.clone() for parameter in network.parameters()]


class Counter:
    """A check that counts, and ends the step at one of its calls."""

    def __init__(self, last: int | None = None) -> None:
        self.calls = 0
        self._last = last

    def __call__(self) -> None:
        self.calls += 1
        if self.calls == self._last:
            raise Cancelled("Enough.")


def checks_in_a_step(network: DenoisingNetwork) -> int:
    counter = Counter()
    with checked_between_layers(counter):
        gradients(network)
    return counter.calls


def test_the_step_has_the_same_numbers(network):
    expected = gradients(network)
    with checked_between_layers(lambda: None):
        checked = gradients(network)
    assert all(torch.equal(one, other) for one, other in zip(expected, checked, strict=True))


def test_every_layer_is_checked_forward_and_backward(network):
    layers = [module for module in network.modules() if not any(module.children())]
    assert checks_in_a_step(network) >= 2 * len(layers)


def test_what_the_check_raises_ends_the_step_wherever_it_is(network):
    total = checks_in_a_step(network)
    for last in (1, total // 3, total // 2 + 1, total - 1):
        counter = Counter(last)
        with pytest.raises(Cancelled, match=r"^Enough\.$"), checked_between_layers(counter):
            gradients(network)
        assert counter.calls == last


def test_nothing_is_checked_outside_the_block(network):
    counter = Counter()
    with checked_between_layers(counter):
        pass
    gradients(network)
    assert counter.calls == 0

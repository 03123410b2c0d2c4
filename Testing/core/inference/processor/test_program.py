"""The layers that are read off a network, computed one after the other by PyTorch, give what the network gives."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from CTDenoiseLib.inference.fold import fold_batch_norm
from CTDenoiseLib.inference.processor.program import GIVEN, UnknownLayerError, layers_of
from CTDenoiseLib.networks import DenoisingNetwork
from support.network_probe import random_sections


class Given(DenoisingNetwork):
    """A network of some modules and a function of them and the sections."""

    context, stride, receptive_radius = 0, 2, 9

    def __init__(self, function, **modules):
        super().__init__()
        self.function = function
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, sections):
        return self.function(self, sections)


def convolution(before=1, after=4, side=3, **settings):
    return nn.Conv2d(before, after, side, padding=side // 2, **settings)


def computed(layers, sections):
    """What the layers say, in the words of PyTorch."""
    values = {GIVEN: sections}
    for number, layer in enumerate(layers):
        result = layer.module(torch.cat([values[source] for source in layer.sources], dim=1))
        below = result.clamp(max=0)
        negative = layer.activation.exponential * torch.expm1(below) + layer.activation.slope * below
        values[number] = torch.where(result > 0, result, negative)
    return values[len(layers) - 1]


def assert_same(network):
    sections = random_sections(network, 32, 32)
    layers = layers_of(network)
    with torch.inference_mode():
        torch.testing.assert_close(computed(layers, sections), network(sections))
    return layers


def test_every_network_is_known(any_network):
    assert_same(fold_batch_norm(any_network))


def test_wide_networks_are_known(wide_network):
    assert_same(wide_network)


SAME = {
    "another ELU": Given(lambda n, s: n.b(n.c(n.a(s))), a=convolution(), c=nn.ELU(2.5), b=convolution(4, 1)),
    "an activation at the end": Given(lambda n, s: n.c(n.a(s)), a=convolution(after=1), c=nn.ELU()),
    "no bias": Given(lambda n, s: n.b(n.a(s)), a=convolution(bias=False), b=convolution(4, 1, 1, bias=False)),
    "one layer": Given(lambda n, s: n.a(s), a=convolution(after=1)),
    "the same layer twice": Given(
        lambda n, s: n.c(n.b(n.b(n.a(s)))), a=convolution(), b=convolution(4, 4), c=convolution(4, 1)
    ),
    "features joined twice": Given(
        lambda n, s: n.c(torch.cat((torch.cat([n.a(s), n.b(s)], 1), n.a(s)), dim=1)),
        a=convolution(),
        b=convolution(),
        c=convolution(12, 1),
    ),
    "oblong kernels": Given(
        lambda n, s: n.b(n.a(s)), a=nn.Conv2d(1, 4, (5, 1), padding=(2, 0)), b=nn.Conv2d(4, 1, (1, 7), padding=(0, 3))
    ),
    "nothing in between": Given(lambda n, s: n.b(n.c(n.a(s))), a=convolution(), c=nn.Identity(), b=convolution(4, 1)),
}


@pytest.mark.parametrize("network", SAME.values(), ids=SAME)
def test_known_layers_in_another_order_are_known(network):
    assert_same(network)


UNKNOWN = {
    "group norm": Given(lambda n, s: n.b(n.c(n.a(s))), a=convolution(), c=nn.GroupNorm(2, 4), b=convolution(4, 1)),
    "batch norm that could not be folded": Given(lambda n, s: n.a(n.c(s)), c=nn.BatchNorm2d(1), a=convolution(after=1)),
    "stride": Given(lambda n, s: n.b(n.a(s)), a=convolution(stride=2), b=nn.ConvTranspose2d(4, 1, 2, stride=2)),
    "dilation": Given(lambda n, s: n.b(n.a(s)), a=nn.Conv2d(1, 4, 3, padding=2, dilation=2), b=convolution(4, 1)),
    "groups": Given(lambda n, s: n.b(n.a(s)), a=convolution(1, 4), b=convolution(4, 4, groups=2)),
    "no padding": Given(lambda n, s: n.a(s), a=nn.Conv2d(1, 1, 3)),
    "mirrored padding": Given(lambda n, s: n.a(s), a=convolution(after=1, padding_mode="reflect")),
    "an even kernel": Given(lambda n, s: n.a(s), a=nn.Conv2d(1, 1, 2, padding=1)),
    "padding in words": Given(lambda n, s: n.a(s), a=nn.Conv2d(1, 1, 3, padding="same")),
    "another up-convolution": Given(
        lambda n, s: n.c(n.b(n.p(n.a(s)))),
        a=convolution(),
        p=nn.MaxPool2d(2),
        b=nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1),
        c=convolution(4, 1),
    ),
    "another pooling": Given(
        lambda n, s: n.c(n.p(n.a(s))), a=convolution(), p=nn.MaxPool2d(3, stride=1, padding=1), c=convolution(4, 1)
    ),
    "mean pooling": Given(
        lambda n, s: n.c(n.b(n.p(n.a(s)))),
        a=convolution(),
        p=nn.AvgPool2d(2),
        b=nn.ConvTranspose2d(4, 4, 2, stride=2),
        c=convolution(4, 1),
    ),
    "pooled sections": Given(
        lambda n, s: n.b(n.a(n.p(s))), p=nn.MaxPool2d(2), a=convolution(), b=nn.ConvTranspose2d(4, 1, 2, stride=2)
    ),
    "an activation of what was pooled": Given(
        lambda n, s: n.c(n.b(n.e(n.p(n.a(s))))),
        a=convolution(),
        p=nn.MaxPool2d(2),
        e=nn.ELU(),
        b=nn.ConvTranspose2d(4, 4, 2, stride=2),
        c=convolution(4, 1),
    ),
    "an unknown activation": Given(lambda n, s: n.b(n.c(n.a(s))), a=convolution(), c=nn.GELU(), b=convolution(4, 1)),
    "two activations": Given(
        lambda n, s: n.b(n.d(n.c(n.a(s)))), a=convolution(), c=nn.ReLU(), d=nn.LeakyReLU(0.5), b=convolution(4, 1)
    ),
    "an activation of the sections": Given(lambda n, s: n.a(n.c(s)), c=nn.ReLU(), a=convolution(after=1)),
    "features used before and after their activation": Given(
        lambda n, s: n.b(torch.cat([x := n.a(s), n.c(x)], 1)),
        a=convolution(),
        c=nn.ReLU(),
        b=convolution(8, 1),
    ),
    "features used before and after their activation, behind nothing": Given(
        lambda n, s: n.b(torch.cat([x := n.a(s), n.c(n.i(x))], 1)),
        a=convolution(),
        c=nn.ReLU(),
        i=nn.Identity(),
        b=convolution(8, 1),
    ),
    "an activation of joined features": Given(
        lambda n, s: n.b(n.c(torch.cat([n.a(s), n.d(s)], 1))),
        a=convolution(),
        d=convolution(),
        c=nn.ReLU(),
        b=convolution(8, 1),
    ),
    "addition": Given(lambda n, s: n.b(n.a(s) + n.a(s)), a=convolution(), b=convolution(4, 1)),
    "the image instead of the noise": Given(lambda n, s: s - n.a(s), a=convolution(after=1)),
    "a function": Given(lambda n, s: torch.relu(n.a(s)), a=convolution(after=1)),
    "sections joined with features": Given(
        lambda n, s: n.b(torch.cat([s, n.a(s)], 1)), a=convolution(), b=convolution(5, 1)
    ),
    "features joined with sections": Given(
        lambda n, s: n.b(torch.cat([n.a(s), s], 1)), a=convolution(), b=convolution(5, 1)
    ),
    "joined rows": Given(lambda n, s: n.a(torch.cat([s, s], dim=2)), a=convolution(after=1)),
    "joined sections": Given(lambda n, s: n.a(torch.cat(tensors=[s, s], dim=1)), a=convolution(2, 1)),
    "keywords": Given(lambda n, s: n.a(input=s), a=convolution(after=1)),
    "a decision on the numbers": Given(lambda n, s: n.a(s) if s.sum() > 0 else s, a=convolution(after=1)),
    "two results": Given(lambda n, s: (n.a(s), n.a(s)), a=convolution(after=1)),
    "nothing at all": Given(lambda n, s: s),
    "a layer that is not the last": Given(
        lambda n, s: (noise := n.a(s), n.b(noise))[0], a=convolution(after=1), b=convolution()
    ),
}


@pytest.mark.parametrize("network", UNKNOWN.values(), ids=UNKNOWN)
def test_what_only_pytorch_can_compute_is_refused(network):
    with pytest.raises(UnknownLayerError, match=r"\w"):
        layers_of(network.eval())

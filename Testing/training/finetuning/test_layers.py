from __future__ import annotations

import pytest
import torch
from torch import nn

from CTDenoiseLib.networks import HRCNN, PlainCNN, UNet
from CTDenoiseTrainLib.errors import TrainingError
from CTDenoiseTrainLib.finetuning.layers import learning_parameters
from support.known_denoiser import KnownDenoiser

NETWORKS = [
    HRCNN(context=1, width=2, levels=3),
    HRCNN(context=0, width=2, levels=1),
    UNet(width=1),
    PlainCNN(filters=2),
]
IDS = ["hrcnn", "hrcnn of one level", "unet", "plain-cnn"]


def names(network: nn.Module, layers: str) -> set[str]:
    """Names of the modules that learn, two levels deep."""
    learning = {id(parameter) for parameter in learning_parameters(network, layers)}
    return {
        ".".join(name.split(".")[:2]).removesuffix(".weight").removesuffix(".bias")
        for name, parameter in network.named_parameters()
        if id(parameter) in learning
    }


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
def test_each_choice_is_part_of_the_next_larger_one(network):
    last, decoder, everything = (
        {id(parameter) for parameter in learning_parameters(network, layers)}
        for layers in ("last-block", "decoder", "all")
    )
    assert last <= decoder < everything
    assert len(everything) == len(list(network.parameters()))


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
@pytest.mark.parametrize("layers", ["decoder", "last-block"])
def test_the_output_depends_on_what_learns(network, layers):
    sections = torch.randn(1, 2 * network.context + 1, 32, 32)
    network.eval()(sections).square().mean().backward()
    assert all(parameter.grad is not None for parameter in learning_parameters(network, layers))


def test_the_decoder_is_the_expansive_branch():
    assert names(NETWORKS[0], "decoder") == {"up_convolutions.0", "up_convolutions.1", "up.0", "up.1", "noise"}
    assert {name.split(".")[0] for name in names(NETWORKS[2], "decoder")} == {"deconvolutions", "up", "noise"}
    assert names(NETWORKS[3], "decoder") == {"layers.4", "layers.6", "layers.8"}


def test_the_last_block_is_the_finest_level():
    assert names(NETWORKS[0], "last-block") == {"up_convolutions.0", "up.0", "noise"}
    assert names(NETWORKS[2], "last-block") == {"deconvolutions.0", "up.0", "noise"}
    assert names(NETWORKS[3], "last-block") == {"layers.8"}


def test_of_a_network_of_others_only_all_layers_are_known():
    assert len(learning_parameters(KnownDenoiser(0.5), "all")) == 2
    with pytest.raises(TrainingError, match=r"“known-denoiser”.*let all layers learn"):
        learning_parameters(KnownDenoiser(0.5), "decoder")

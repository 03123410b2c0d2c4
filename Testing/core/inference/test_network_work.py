"""The work of a network agrees with PyTorch's own count, whatever the network."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from CTDenoiseLib.inference.network_work import work_of
from CTDenoiseLib.models import NetworkDescription
from CTDenoiseLib.networks import create, names

CONFIGURATIONS = {
    "hrcnn": {"context": st.integers(0, 3), "width": st.integers(1, 9), "levels": st.integers(1, 5)},
    "unet": {"context": st.integers(0, 3), "width": st.integers(1, 5)},
    "plain-cnn": {
        "context": st.integers(0, 3),
        "filters": st.integers(1, 9),
        "kernel_size": st.sampled_from([1, 3, 5]),
    },
}


def counted_by_pytorch(description: NetworkDescription, *, side: int) -> int:
    network = create(description.name, description.configuration).eval()
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        network(torch.zeros(1, 2 * network.context + 1, side, side))
    return counter.get_total_flops()


@pytest.mark.parametrize("name", names())
@hypothesis.settings(max_examples=8)
@hypothesis.given(data=st.data())
def test_operations_are_those_that_pytorch_counts(name, data):
    description = NetworkDescription(name=name, configuration=data.draw(st.fixed_dictionaries(CONFIGURATIONS[name])))
    assert work_of(description).flop * 64**2 == counted_by_pytorch(description, side=64)


def test_the_full_network_of_the_paper_takes_a_teraflop_for_a_section_of_1024():
    work = work_of(NetworkDescription(name="hrcnn", configuration={}))
    assert work.flop * 1024**2 == pytest.approx(1.04e12, rel=0.01)


def test_values_are_counted_before_and_behind_each_convolution():
    # 1 → 2 → 2 → 2 → 2 → 1 channels.
    work = work_of(NetworkDescription(name="plain-cnn", configuration={"filters": 2}))
    assert work.values == (1 + 2) + 3 * (2 + 2) + (2 + 1)


@pytest.mark.parametrize("name", names())
def test_all_parameters_of_convolutions_are_counted(name):
    work = work_of(NetworkDescription(name=name, configuration={}))
    convolutions = [m for m in create(name, {}).modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d))]
    assert work.parameters == sum(parameter.numel() for module in convolutions for parameter in module.parameters())


def test_layers_are_the_convolutions_of_the_papers():
    # HR-CNN: two at each of 11 levels up and down, five up-convolutions and the last one; U-Net: the paper's 24.
    assert work_of(NetworkDescription(name="hrcnn", configuration={"width": 1})).layers == 28
    assert work_of(NetworkDescription(name="unet", configuration={"width": 1})).layers == 24

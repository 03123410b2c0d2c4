"""HR-CNN against Madhavan et al. 2024: Fig 4 and “Implementation of the Denoising Algorithm”."""

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from CTDenoiseLib.networks import HRCNN
from support.network_probe import layer_table

FILTERS = [64, 128, 192, 256, 320, 384]


def test_six_levels_are_joined_by_five_poolings_and_five_up_convolutions():
    layers = layer_table("hrcnn", side=1024)
    poolings = [layer.side for layer in layers if layer.kind == "MaxPool"]
    up_convolutions = [(layer.side, layer.kernel) for layer in layers if layer.kind == "ConvTranspose"]
    assert poolings == [512, 256, 128, 64, 32]
    assert up_convolutions == [(64, 2), (128, 2), (256, 2), (512, 2), (1024, 2)]


def test_filters_grow_by_64_with_each_pooling_and_shrink_on_the_way_back():
    convolutions = [(layer.filters, layer.kernel) for layer in layer_table("hrcnn", side=64) if layer.kind == "Conv"]
    down = [(filters, 3) for filters in FILTERS for _ in range(2)]
    up = [(filters, 3) for filters in reversed(FILTERS[:-1]) for _ in range(2)]
    assert convolutions == [*down, *up, (1, 1)]


def test_seven_adjacent_sections_go_in():
    assert layer_table("hrcnn", side=64)[0].inputs == 7


def test_batch_norm_and_elu_follow_every_3x3_convolution():
    modules = [module for module in HRCNN(width=1).modules() if not list(module.children())]
    for module, following, after in zip(modules, modules[1:], modules[2:], strict=False):
        if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
            assert isinstance(following, nn.BatchNorm2d)
            assert isinstance(after, nn.ELU)


def test_has_13_2_million_parameters():
    down = sum(9 * (before + after) * after + 4 * after for before, after in zip([7, *FILTERS], FILTERS, strict=False))
    up = sum(9 * (2 * filters + filters) * filters + 4 * filters for filters in FILTERS[:-1])
    up_convolutions = sum(4 * (filters + 64) * filters + filters for filters in FILTERS[:-1])
    noise = 64 + 1
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in HRCNN().parameters())
    assert parameters == down + up + up_convolutions + noise
    assert round(parameters / 1e6, 1) == 13.2


def test_takes_1_04_tflop_for_a_section_of_1024_squared():
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        HRCNN()(torch.empty(1, 7, 1024, 1024))
    assert round(counter.get_total_flops() / 1e12, 2) == 1.04


def test_sees_219_pixels_far():
    # 2 + 2 convolutions at each finer level, 2 at the coarsest, and the rest of a cell of 32.
    assert HRCNN(width=1).receptive_radius == 4 * (1 + 2 + 4 + 8 + 16) + 2 * 32 + 31

"""U-Net against Zhang et al. 2024, “The U-Net”."""

import torch
from torch import nn

from CTDenoiseLib.networks import UNet
from support.network_probe import Layer, layer_table

CONTRACTING = [32, 32, 32, 64, 64, 128, 128, 256, 256, 512, 512]
EXPANSIVE = [256, 256, 256, 128, 128, 128, 64, 64, 64, 32, 32, 32, 1]


def learnt_layers() -> list[Layer]:
    return [layer for layer in layer_table("unet", side=512) if layer.kind != "MaxPool"]


def test_the_24_convolutional_layers_have_the_channels_listed_in_the_paper():
    layers = learnt_layers()
    assert len(layers) == 24
    assert [layer.filters for layer in layers] == CONTRACTING + EXPANSIVE


def test_all_kernels_are_3x3_but_the_last():
    assert [layer.kernel for layer in learnt_layers()] == [3] * 23 + [1]


def test_each_expansive_level_begins_with_a_deconvolution_of_stride_2():
    kinds = [(layer.kind, layer.stride) for layer in learnt_layers()[11:]]
    assert kinds == [("ConvTranspose", 2), ("Conv", 1), ("Conv", 1)] * 4 + [("Conv", 1)]


def test_four_2x2_poolings_halve_the_section_and_the_deconvolutions_bring_it_back():
    layers = layer_table("unet", side=512)
    assert [(layer.kernel, layer.side) for layer in layers if layer.kind == "MaxPool"] == [
        (2, 256),
        (2, 128),
        (2, 64),
        (2, 32),
    ]
    assert [layer.side for layer in layers if layer.kind == "ConvTranspose"] == [64, 128, 256, 512]


def test_layers_of_the_same_image_size_are_concatenated():
    # After each deconvolution: its own channels and as many from the contracting branch.
    first_convolutions = [layer for layer in learnt_layers()[11:] if layer.kind == "Conv"][:-1:2]
    assert [layer.inputs for layer in first_convolutions] == [512, 256, 128, 64]


def test_leaky_relu_follows_every_layer_but_the_last():
    modules = [module for module in UNet(width=1).modules() if not list(module.children())]
    learnt = [place for place, module in enumerate(modules) if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d))]
    assert all(isinstance(modules[place + 1], nn.LeakyReLU) for place in learnt[:-1])
    assert learnt[-1] == len(modules) - 1


def test_the_number_of_parameters_is_that_of_the_listed_layers():
    inputs = [1, *CONTRACTING[:-1]]
    deconvolved = [512, 512, 256, 256, 256, 128, 128, 128, 64, 64, 64, 32, 32]
    kernels = [9] * 12 + [1]
    by_hand = sum(9 * before * after + after for before, after in zip(inputs, CONTRACTING, strict=True))
    by_hand += sum(
        area * before * after + after for area, before, after in zip(kernels, deconvolved, EXPANSIVE, strict=True)
    )
    with torch.device("meta"):
        assert sum(parameter.numel() for parameter in UNet().parameters()) == by_hand == 8_639_169


def test_sees_123_pixels_far():
    assert UNet(width=1).receptive_radius == 123

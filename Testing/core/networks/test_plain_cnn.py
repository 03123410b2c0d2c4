"""Plain CNN against Huber et al. 2020, Fig 2."""

import torch
from torch import nn

from CTDenoiseLib.networks import PlainCNN
from support.network_probe import layer_table


def test_five_convolutions_and_no_pooling_keep_the_resolution():
    layers = layer_table("plain-cnn", side=512)
    assert [(layer.kind, layer.kernel, layer.stride, layer.side) for layer in layers] == [("Conv", 3, 1, 512)] * 5
    assert [layer.filters for layer in layers] == [64, 64, 64, 64, 1]


def test_relu_follows_each_convolution_but_the_last():
    kinds = [type(module) for module in PlainCNN(filters=1).layers]
    assert kinds == [nn.Conv2d, nn.ReLU] * 4 + [nn.Conv2d]


def test_the_number_of_parameters_follows_from_filters_and_kernel():
    with torch.device("meta"):
        parameters = sum(parameter.numel() for parameter in PlainCNN().parameters())
    assert parameters == (9 * 1 * 64 + 64) + 3 * (9 * 64 * 64 + 64) + (9 * 64 * 1 + 1)

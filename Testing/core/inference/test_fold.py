from __future__ import annotations

import copy

import torch
from torch import nn

from CTDenoiseLib.inference.fold import fold_batch_norm
from support.network_probe import random_sections
from support.tiny_model import tiny_network


def batch_norms(network):
    return [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]


def test_the_folded_network_is_the_same_function_without_batch_norm():
    network = tiny_network(context=2, width=6, levels=3)
    folded = fold_batch_norm(network)
    assert batch_norms(network)
    assert not batch_norms(folded)
    sections = random_sections(network, 32, 40)
    with torch.inference_mode():
        torch.testing.assert_close(folded(sections), network(sections), rtol=1e-5, atol=1e-5)


def test_the_original_is_left_as_it_was():
    network = tiny_network()
    before = copy.deepcopy(network.state_dict())
    fold_batch_norm(network)
    torch.testing.assert_close(dict(network.state_dict()), dict(before), rtol=0, atol=0)


def test_no_network_keeps_a_batch_norm(any_network):
    assert not batch_norms(fold_batch_norm(any_network))


def test_a_transposed_convolution_is_folded_too():
    torch.manual_seed(0)
    network = nn.Sequential(nn.ConvTranspose2d(3, 5, kernel_size=2, stride=2), nn.BatchNorm2d(5)).eval()
    nn.init.uniform_(network[1].running_mean)
    sections = torch.randn(1, 3, 8, 8)
    with torch.inference_mode():
        torch.testing.assert_close(fold_batch_norm(network)(sections), network(sections), rtol=1e-5, atol=1e-5)


def test_a_batch_norm_that_follows_no_convolution_stays_and_works():
    network = nn.Sequential(nn.ReLU(), nn.BatchNorm2d(2)).eval()
    nn.init.constant_(network[1].running_mean, 3.0)
    sections = torch.randn(1, 2, 4, 4)
    assert len(batch_norms(fold_batch_norm(network))) == 1
    with torch.inference_mode():
        torch.testing.assert_close(fold_batch_norm(network)(sections), network(sections))

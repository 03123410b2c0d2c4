from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.inference.lower import SplitConvolution, lower_precision
from CTDenoiseLib.networks import create
from support.network_probe import random_sections

HALF = [torch.bfloat16, torch.float16]


@pytest.mark.parametrize("dtype", HALF)
def test_every_network_takes_float32_and_computes_in_half_precision(any_network, dtype):
    lowered = lower_precision(any_network, dtype)
    assert all(parameter.dtype == dtype for parameter in lowered.parameters())
    assert sum(isinstance(module, SplitConvolution) for module in lowered.modules()) == 1
    with torch.inference_mode():
        assert lowered(random_sections(lowered, 32, 32, batch=1)).dtype == dtype


@pytest.mark.parametrize("dtype", HALF)
def test_the_input_is_not_rounded(dtype):
    # 0.001 around 10 is far below what half precision knows there.
    network = create("plain-cnn", {"context": 1, "filters": 1, "kernel_size": 1}).eval()
    first = network.layers[0]
    first.weight.data[0, :, 0, 0] = torch.tensor([-1.0, 1.0, 0.0])
    first.bias.data.zero_()
    sections = torch.full((1, 3, 4, 4), 10.0)
    sections[0, 1] += 0.001 * torch.arange(1, 17).reshape(4, 4)
    with torch.inference_mode():
        difference = lower_precision(network, dtype).layers[0](sections)
    torch.testing.assert_close(difference[0, 0].float(), sections[0, 1] - sections[0, 0], rtol=0.01, atol=2e-4)


def test_float32_stays_as_it_is():
    network = create("hrcnn", {"width": 4, "levels": 2}).eval()
    same = lower_precision(network, torch.float32)
    sections = random_sections(network, 8, 8)
    with torch.inference_mode():
        torch.testing.assert_close(same(sections), network(sections), rtol=0, atol=0)

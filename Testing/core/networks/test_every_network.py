import json

import pytest
import torch
from torch import nn

from CTDenoiseLib.networks import HRCNN, PlainCNN, UNet, create
from support.network_probe import measured_reach, random_sections

SMALL = {
    "hrcnn": lambda: HRCNN(context=1, width=2, levels=3),
    "hrcnn-of-the-paper": lambda: HRCNN(width=1),
    "hrcnn-one-level": lambda: HRCNN(context=0, width=2, levels=1),
    "unet": lambda: UNet(context=1, width=1),
    "plain-cnn": lambda: PlainCNN(context=2, filters=8),
    "plain-cnn-5x5": lambda: PlainCNN(filters=8, kernel_size=5),
}


@pytest.fixture(params=SMALL)
def network(request):
    torch.manual_seed(3)
    return SMALL[request.param]()


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 3), (4, 1), (2, 5)])
def test_takes_any_size_that_is_a_multiple_of_its_stride(network, rows, columns):
    size = (rows * network.stride, columns * network.stride)
    assert network.eval()(random_sections(network, *size, batch=3)).shape == (3, 1, *size)


def test_gradients_reach_every_parameter(network):
    output = network(random_sections(network, 2 * network.stride, 2 * network.stride))
    output.square().mean().backward()
    without = [key for key, parameter in network.named_parameters() if not parameter.grad.any()]
    assert without == []


def test_an_output_pixel_sees_as_far_as_the_receptive_radius_and_no_further(network):
    assert measured_reach(network) == network.receptive_radius


def test_evaluation_is_deterministic_and_leaves_the_network_as_it_was(network):
    network.eval()
    sections = random_sections(network, 2 * network.stride, 3 * network.stride)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    with torch.inference_mode():
        assert torch.equal(network(sections), network(sections))
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


def test_sections_of_a_batch_do_not_see_each_other(network):
    network.eval()
    sections = random_sections(network, 2 * network.stride, 2 * network.stride, batch=3)
    with torch.inference_mode():
        torch.testing.assert_close(network(sections)[1:2], network(sections[1:2]), atol=1e-6, rtol=0)


def test_the_configuration_survives_json_and_builds_the_same_layers(network):
    again = create(network.name, json.loads(json.dumps(network.configuration)))
    assert again.context == network.context
    assert again.receptive_radius == network.receptive_radius
    shapes = [{key: value.shape for key, value in one.state_dict().items()} for one in (network, again)]
    assert shapes[0] == shapes[1]


def test_the_first_convolution_takes_the_whole_context_window(network):
    first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    assert first.in_channels == 2 * network.context + 1

"""How much a network has to do for each pixel, counted from its layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from ..models.card import NetworkDescription
from ..networks import create

# A batch norm is folded away before a run; the others are counted with the convolution before them.
_NOT_COUNTED = (nn.BatchNorm2d, nn.ELU, nn.LeakyReLU, nn.ReLU)


@dataclass(frozen=True)
class NetworkWork:
    """Work of a network. Every layer does the same for every pixel, so that work grows as their number.

    Attributes:
        flop: Floating-point operations of the convolutions for each pixel of the input.
        values: Numbers that they read and write for each pixel: pixels × channels before and behind each of them.
        parameters: Numbers in the convolutions.
        layers: How many convolutions there are.
    """

    flop: float
    values: float
    parameters: int
    layers: int


def work_of(description: NetworkDescription) -> NetworkWork:
    """Count the work of a network.

    Its convolutions are replaced by others that only count. Tensors of the device "meta" would do as well, but the
    first time PyTorch imports its compiler for them, which takes more than a second.

    Raises:
        UnknownNetworkError: There is no network of that name, or it does not take the configuration.
    """
    with torch.device("meta"):
        network = create(description.name, description.configuration).eval()
    counter = _Counter()
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            module.forward = partial(counter.convolve, module)  # type: ignore[method-assign]
            counter.parameters += sum(parameter.numel() for parameter in module.parameters())
        elif isinstance(module, _NOT_COUNTED):
            module.forward = _unchanged  # type: ignore[method-assign,assignment,unused-ignore]
    with torch.inference_mode():
        network(torch.empty(1, 2 * network.context + 1, network.stride, network.stride))
    pixels = network.stride**2
    return NetworkWork(counter.flop / pixels, counter.values / pixels, counter.parameters, counter.layers)


class _Counter:
    """Adds up what convolutions would do."""

    def __init__(self) -> None:
        self.flop = 0
        self.values = 0
        self.parameters = 0
        self.layers = 0

    def convolve(self, convolution: nn.Conv2d | nn.ConvTranspose2d, given: Tensor) -> Tensor:
        """Something of the shape of the result."""
        sides = (_side_behind(convolution, axis, side) for axis, side in enumerate(given.shape[2:]))
        result = torch.empty(len(given), convolution.out_channels, *sides)
        # A kernel is applied around each pixel of the result, a transposed one around each pixel of the input.
        applied = given if isinstance(convolution, nn.ConvTranspose2d) else result
        self.flop += 2 * math.prod(applied.shape[2:]) * convolution.weight.numel()
        self.values += given.numel() + result.numel()
        self.layers += 1
        return result


def _side_behind(convolution: nn.Conv2d | nn.ConvTranspose2d, axis: int, side: int) -> int:
    stride, padding = convolution.stride[axis], int(convolution.padding[axis])
    reach = convolution.dilation[axis] * (convolution.kernel_size[axis] - 1)
    if isinstance(convolution, nn.ConvTranspose2d):
        return (side - 1) * stride - 2 * padding + reach + convolution.output_padding[axis] + 1
    return (side + 2 * padding - reach - 1) // stride + 1


def _unchanged(given: Tensor) -> Tensor:
    return given

"""Multiplications that are really done: Winograd's convolutions do half of those that the definition asks for."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.inference.execution import execution_of
from CTDenoiseLib.inference.fold import fold_batch_norm
from CTDenoiseLib.networks import DenoisingNetwork


def share_done(network: DenoisingNetwork, backend: Backend) -> float:
    """Multiplications that a backend does, over those that the layers of the network take by definition."""
    if backend.device != "cpu" or "Winograd" not in execution_of(network, backend).description:
        return 1.0
    from CTDenoiseLib.inference.processor.program import layers_of
    from CTDenoiseLib.inference.processor.steps import WinogradConvolution, steps_of
    from CTDenoiseLib.inference.processor.winograd import FACTORS, ROWS

    folded = fold_batch_norm(network)
    layers = layers_of(folded)
    steps = steps_of(layers, backend.dtype)
    defined = _multiplications(folded)
    total = sum(defined.values())
    for layer, step in zip(layers, steps, strict=True):
        if isinstance(step, WinogradConvolution):
            total -= defined[layer.module] * (1 - FACTORS / (ROWS * layer.module.kernel_size[0]))
    return total / sum(defined.values())


def _multiplications(network: DenoisingNetwork) -> dict[nn.Module, float]:
    """Of each convolution by definition, on the smallest section that the network takes."""
    counted: dict[nn.Module, float] = {}

    def count(convolution: Any, given: tuple[Tensor], result: Tensor) -> None:
        # A kernel is applied around each pixel of the result, a transposed one around each pixel of the input.
        applied = given[0] if isinstance(convolution, nn.ConvTranspose2d) else result
        counted[convolution] = math.prod(applied.shape[-2:]) * convolution.weight.numel()

    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            module.register_forward_hook(count)
    with torch.inference_mode():
        network(torch.zeros(1, 2 * network.context + 1, network.stride, network.stride))
    return counted

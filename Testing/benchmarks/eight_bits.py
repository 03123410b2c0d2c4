"""A network as 8-bit arithmetic would have it, computed in float32: for its deviation, not its speed.

As kind to int8 as can be: kernels have a scale for each filter, features one for each layer that is chosen for the very
section in question, biases are exact, the first layer sees the input as it is and the last one is not rounded.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from CTDenoiseLib.networks import DenoisingNetwork

_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_HIGHEST_KERNEL, _HIGHEST_FEATURE = 127, 255
# Shares of the range of features; what lies beyond is cut off so that the rest has finer steps.
_RANGES = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


def rounded_to_eight_bits(network: DenoisingNetwork, sample: Tensor) -> DenoisingNetwork:
    """A copy whose convolutions, but the first and the last, take features and kernels of 8 bits.

    Args:
        network: In float32, batch norm folded.
        sample: Windows from which the ranges of the features are taken, shape (n, channels, y, x).
    """
    rounded = copy.deepcopy(network)
    ranges: dict[nn.Module, tuple[float, int]] = {}

    def look(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        ranges[module] = _best_range(given[0])

    with torch.no_grad():
        _run_with_hooks(rounded, look, sample)
    # In the order in which they were called.
    for module, (scale, zero) in list(ranges.items())[1:-1]:
        _round_kernels(module)
        module.register_forward_pre_hook(lambda _, given, scale=scale, zero=zero: _rounded(given[0], scale, zero))
    return rounded


def _run_with_hooks(network: nn.Module, hook: Any, sample: Tensor) -> None:
    convolutions = [module for module in network.modules() if isinstance(module, _CONVOLUTIONS)]
    hooks = [module.register_forward_pre_hook(hook) for module in convolutions]
    network(sample)
    for handle in hooks:
        handle.remove()


def _best_range(features: Tensor) -> tuple[float, int]:
    """Scale and zero with the least squared error on a part of the features."""
    part = features.flatten()[:: max(1, features.numel() // 10**6)]
    low, high = min(0.0, float(features.min())), max(1e-6, float(features.max()))
    scales = [(high - low) * share / _HIGHEST_FEATURE for share in _RANGES]
    candidates = [(scale, min(_HIGHEST_FEATURE, round(-low / scale))) for scale in scales]
    return min(candidates, key=lambda each: float((_rounded(part, *each) - part).square().mean()))


def _rounded(features: Tensor, scale: float, zero: int) -> Tensor:
    return torch.fake_quantize_per_tensor_affine(features, scale, zero, 0, _HIGHEST_FEATURE)


def _round_kernels(module: Any) -> None:
    axis = 1 if isinstance(module, nn.ConvTranspose2d) else 0
    weight = module.weight.data
    others = [dimension for dimension in range(weight.ndim) if dimension != axis]
    scales = weight.abs().amax(others).clamp_min(1e-12) / _HIGHEST_KERNEL
    zeros = torch.zeros_like(scales, dtype=torch.int32)
    module.weight.data = torch.fake_quantize_per_channel_affine(
        weight, scales, zeros, axis, -_HIGHEST_KERNEL, _HIGHEST_KERNEL
    )

"""Batch norm over the batches of all processes together, where PyTorch's own refuses: on the processor."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn


class SynchronisedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm whose mean and variance are those of the batches of all processes, which must be of equal size.

    Mean and variance are summed up one after the other, which rounds less than sums of squares do.
    """

    momentum: float

    def forward(self, input: Tensor) -> Tensor:
        """Normalise a batch, shape (n, channels, y, x)."""
        if not self.training:
            return super().forward(input)
        values = input.float()
        mean = _mean_of_processes(values.mean((0, 2, 3)))
        deviation = values - mean[:, None, None]
        variance = _mean_of_processes(deviation.square().mean((0, 2, 3)))
        self._follow(mean.detach(), variance.detach(), count=values[:, 0].numel() * dist.get_world_size())
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return (deviation * scale[:, None, None] + self.bias[:, None, None]).to(input.dtype)

    def _follow(self, mean: Tensor, variance: Tensor, *, count: int) -> None:
        """Let the running statistics follow; PyTorch keeps the variance of the population that the batch is from."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)


def synchronise_batch_norm(network: nn.Module, *, device: str) -> None:
    """Replace the batch norms below a network, which share their parameters and statistics with those before."""
    for name, child in network.named_children():
        if not isinstance(child, nn.BatchNorm2d):
            synchronise_batch_norm(child, device=device)
        elif device == "cpu":
            setattr(network, name, _synchronised(child))
        else:
            setattr(network, name, nn.SyncBatchNorm.convert_sync_batchnorm(child))  # type: ignore[no-untyped-call]


def _synchronised(norm: nn.BatchNorm2d) -> SynchronisedBatchNorm2d:
    made = SynchronisedBatchNorm2d(norm.num_features, eps=norm.eps, momentum=norm.momentum)
    made.weight, made.bias = norm.weight, norm.bias
    for name, buffer in norm.named_buffers():
        setattr(made, name, buffer)
    return made.train(norm.training)


class _MeanOfProcesses(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        return _reduced(value)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _reduced(gradient)


def _reduced(value: Tensor) -> Tensor:
    mean = value.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(mean)
    return mean / dist.get_world_size()


def _mean_of_processes(value: Tensor) -> Tensor:
    mean: Tensor = _MeanOfProcesses.apply(value)  # type: ignore[no-untyped-call]
    return mean

"""The training loop: Adam on a descending learning rate, mean squared error, averaged weights."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.networks import DenoisingNetwork

from .material.sampler import Batch, PairSampler


class TrainingFailedError(CTDenoiseError):
    """Training cannot go on."""


@dataclass(frozen=True)
class TrainingOptions:
    """How a network is trained.

    Attributes:
        steps: Optimiser steps.
        batch: Pairs a step.
        highest_rate: Learning rate after the warm-up.
        lowest_rate: Learning rate at the end, reached along a cosine.
        warm_up: Steps over which the learning rate rises.
        scale_hu: HU that make 1 in the network.
        level_offset_hu: The squared error of a pair is divided by the sum of its noise variance and the square of this,
            so that quiet pairs count beside noisy ones.
        averaging: Decay of the exponential moving average of the weights.
        gradient_norm: Gradients are clipped to this norm.
    """

    steps: int
    batch: int = 8
    highest_rate: float = 1e-3
    lowest_rate: float = 1e-5
    warm_up: int = 200
    scale_hu: float = 100.0
    level_offset_hu: float = 15.0
    averaging: float = 0.999
    gradient_norm: float = 1.0

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        if step < self.warm_up:
            return self.highest_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return self.lowest_rate + (self.highest_rate - self.lowest_rate) * (1 + math.cos(math.pi * done)) / 2


@dataclass(frozen=True)
class TrainingState:
    """What a callback sees.

    Attributes:
        step: Steps done.
        loss: Mean loss since the last report; 1 or more means nothing was learnt.
        seconds: Time since the start.
        network: The averaged network, to be used in evaluation mode.
    """

    step: int
    loss: float
    seconds: float
    network: DenoisingNetwork


def train(  # noqa: PLR0913 - what, from which pairs, how, and how it is watched
    network: DenoisingNetwork,
    sampler: PairSampler,
    options: TrainingOptions,
    *,
    on_report: Callable[[TrainingState], None],
    report_every: int = 100,
    mixed_precision: bool = False,
) -> DenoisingNetwork:
    """Train a network to predict noise.

    Args:
        network: Trained in place.
        sampler: Where pairs come from; batches are drawn in a thread beside the optimiser.
        options: How.
        on_report: Called every `report_every` steps and at the end.
        report_every: Steps between reports.
        mixed_precision: bfloat16 autocast, for processors that have it.

    Returns:
        The network with averaged weights, in evaluation mode.

    Raises:
        TrainingFailedError: The loss is no longer a number.
    """
    network.train().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(options.averaging), use_buffers=True)
    averaged_network = cast(DenoisingNetwork, averaged.module)
    optimiser = torch.optim.Adam(network.parameters(), lr=options.highest_rate)
    started, total, counted = time.monotonic(), 0.0, 0
    for step, batch in enumerate(_batches(sampler, options)):
        for group in optimiser.param_groups:
            group["lr"] = options.rate(step)
        loss = _step(network, batch, options, optimiser, mixed_precision=mixed_precision)
        if not math.isfinite(loss):
            raise TrainingFailedError(
                f"The loss is {loss} at step {step}; lower the learning rate or look at the pairs."
            )
        averaged.update_parameters(network)
        total, counted = total + loss, counted + 1
        if (step + 1) % report_every == 0 or step + 1 == options.steps:
            on_report(TrainingState(step + 1, total / counted, time.monotonic() - started, averaged_network))
            total, counted = 0.0, 0
    return averaged_network.eval()


def _batches(sampler: PairSampler, options: TrainingOptions) -> Iterator[Batch]:
    """Draw one batch ahead in a thread."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        ahead = executor.submit(sampler.draw, options.batch)
        for step in range(options.steps):
            batch = ahead.result()
            if step + 1 < options.steps:
                ahead = executor.submit(sampler.draw, options.batch)
            yield batch


def _step(
    network: DenoisingNetwork,
    batch: Batch,
    options: TrainingOptions,
    optimiser: torch.optim.Optimizer,
    *,
    mixed_precision: bool,
) -> float:
    optimiser.zero_grad(set_to_none=True)
    sections = (batch.sections / options.scale_hu).contiguous(memory_format=torch.channels_last)
    precision: AbstractContextManager[object] = (
        torch.autocast("cpu", torch.bfloat16) if mixed_precision else nullcontext()
    )
    with precision:
        predicted = network(sections)
    loss = _weighted_squared_error(predicted.float() * options.scale_hu, batch, options)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(network.parameters(), options.gradient_norm)
    optimiser.step()
    return float(loss.detach())


def _weighted_squared_error(predicted: Tensor, batch: Batch, options: TrainingOptions) -> Tensor:
    weight = 1 / (batch.noise_hu**2 + options.level_offset_hu**2)
    return ((predicted - batch.noise) ** 2 * weight[:, None, None, None]).mean()

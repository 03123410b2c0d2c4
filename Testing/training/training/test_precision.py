from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.training.precision import PreciseStep

CPU = Backend("cpu", "fp32")


def line() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(3, 1)


def one_step(module: nn.Linear, step: PreciseStep, *, scale: float = 1.0) -> float:
    return float(step(scale * module(torch.ones(2, 3)).square().mean(), rate=0.1))


def test_gradients_are_clipped_to_their_norm():
    module = line()
    step = PreciseStep(list(module.parameters()), CPU, gradient_norm=0.5)
    assert one_step(module, step, scale=1e6) > 1e3
    clipped = torch.cat([parameter.grad.flatten() for parameter in module.parameters()])
    assert float(clipped.norm()) == pytest.approx(0.5, rel=1e-4)


def test_first_step_of_adam_is_the_learning_rate():
    module = line()
    before = module.weight.detach().clone()
    one_step(module, PreciseStep(list(module.parameters()), CPU, gradient_norm=1.0))
    torch.testing.assert_close((module.weight - before).abs(), torch.full((1, 3), 0.1), rtol=1e-4, atol=0)


def test_restored_memory_goes_on_as_if_nothing_had_been():
    first, second = line(), line()
    names = ["weight", "bias"]
    ours, theirs = (PreciseStep(list(module.parameters()), CPU, gradient_norm=1.0) for module in (first, second))
    one_step(first, ours)
    second.load_state_dict(first.state_dict())
    theirs.restore_moments(names, {key: tensor.clone() for key, tensor in ours.moments(names).items()})
    one_step(first, ours)
    one_step(second, theirs)
    assert torch.equal(first.weight, second.weight)


def test_memory_of_an_unknown_parameter_is_refused():
    module = line()
    step = PreciseStep(list(module.parameters()), CPU, gradient_norm=1.0)
    one_step(module, step)
    moments = step.moments(["weight", "bias"])
    with pytest.raises(KeyError, match="weight"):
        PreciseStep([module.bias], CPU, gradient_norm=1.0).restore_moments(["bias"], moments)


def test_gradient_that_is_no_number_shows_in_what_is_watched():
    module = line()
    watched = one_step(module, PreciseStep(list(module.parameters()), CPU, gradient_norm=1.0), scale=float("inf"))
    assert not math.isfinite(watched)


def test_half_precision_scales_the_loss_and_survives_an_overflow():
    """The processor scales as a graphics processor does; its arithmetic is not part of this test."""
    module = line()
    step = PreciseStep(list(module.parameters()), Backend("cpu", "fp16"), gradient_norm=1.0)
    before = module.weight.detach().clone()
    assert one_step(module, step, scale=1e36) > 0
    assert torch.equal(module.weight, before)
    assert step.scaler["scale"] == 2.0**15
    one_step(module, step)
    assert not torch.equal(module.weight, before)
    again = PreciseStep(list(module.parameters()), Backend("cpu", "fp16"), gradient_norm=1.0)
    again.restore_scaler(step.scaler)
    assert again.scaler == step.scaler

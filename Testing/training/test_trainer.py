from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from CTDenoiseLib.networks import create
from CTDenoiseTrainLib.material.sampler import Batch, Material, PairOptions, PairSampler
from CTDenoiseTrainLib.trainer import TrainingFailedError, TrainingOptions, train

PAIRS = PairOptions(side=32, margin=8, context=1, noise_hu=(20, 40))
OPTIONS = TrainingOptions(steps=60, batch=4, warm_up=5, averaging=0.9)


@pytest.fixture
def sampler(rng) -> PairSampler:
    flat = np.full((6, 64, 64), 40, dtype=np.int16)
    noise = rng.standard_normal((8, 80, 80)).astype(np.float16)
    return PairSampler(Material(anatomy=[[flat]], reconstructed_noise=[noise]), PAIRS, seed=0)


def small_network():
    torch.manual_seed(0)
    return create("hrcnn", {"context": 1, "width": 4, "levels": 2})


def test_a_network_learns_what_noise_is(sampler):
    losses = []
    trained = train(
        small_network(), sampler, OPTIONS, on_report=lambda state: losses.append(state.loss), report_every=20
    )
    assert len(losses) == 3
    # All that varies in a flat section is noise: what is left must fall well below the noise itself.
    assert losses[-1] < 0.5 * losses[0]
    assert not trained.training


def test_learning_rate_rises_then_falls_to_the_lowest():
    rates = [OPTIONS.rate(step) for step in range(OPTIONS.steps)]
    assert rates[:5] == sorted(rates[:5])
    assert max(rates) == pytest.approx(1e-3)
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert OPTIONS.rate(OPTIONS.steps) == pytest.approx(1e-5)


def test_a_loss_that_is_no_number_stops_the_training_by_name(sampler):
    class Broken:
        def draw(self, count: int) -> Batch:
            batch = sampler.draw(count)
            return replace(batch, noise=batch.noise * math.nan)

    with pytest.raises(TrainingFailedError, match=r"loss is nan at step 0"):
        train(small_network(), Broken(), OPTIONS, on_report=lambda state: None)

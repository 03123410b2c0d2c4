from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import Model
from CTDenoiseLib.volume import Volume
from CTDenoiseTrainLib.evaluation import NothingToMeasureError, evaluate
from support.tiny_model import tiny_store


def test_a_model_that_finds_no_noise_changes_nothing(tmp_path, rng):
    model = silenced(tiny_store(tmp_path).load("tiny"), offset_hu=0.0)
    volume = noisy_disc(rng)
    result = evaluate(model, volume, sections=[1, 2], backend=Backend.choose("cpu", "fp32"))
    # White noise of 20 HU less the little that the detrending takes.
    assert result.noise_before == pytest.approx(20, rel=0.02)
    assert result.noise_reduction == pytest.approx(0, abs=1e-6)
    assert result.bias == pytest.approx(0, abs=1e-6)
    assert result.edge_ratio is None


def test_sections_of_air_are_refused(tmp_path):
    model = tiny_store(tmp_path).load("tiny")
    air = Volume(np.full((3, 64, 64), -1000, dtype=np.float32))
    with pytest.raises(NothingToMeasureError, match="None of the 2 sections"):
        evaluate(model, air, sections=[0, 1], backend=Backend.choose("cpu", "fp32"))


def test_a_model_that_shifts_hu_values_shows_its_bias(tmp_path, rng):
    model = silenced(tiny_store(tmp_path).load("tiny"), offset_hu=5.0)
    result = evaluate(model, noisy_disc(rng), sections=[1], backend=Backend.choose("cpu", "fp32"))
    assert result.bias == pytest.approx(-5, abs=1e-4)
    assert {metric.name: metric.value for metric in result.metrics("a disc")}["HU bias"] == -5.0


def silenced(model: Model, *, offset_hu: float) -> Model:
    """The model with a last layer that predicts the same noise everywhere."""
    last = model.network.noise
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.constant_(last.bias, offset_hu / model.card.scaling.scale_hu)
    return model


def noisy_disc(rng: np.random.Generator) -> Volume:
    y, x = np.mgrid[-1:1:128j, -1:1:128j]
    disc = np.where(np.hypot(y, x) < 0.8, 40.0, -1000.0)
    return Volume((disc + 20 * rng.standard_normal((4, 128, 128))).astype(np.float32))

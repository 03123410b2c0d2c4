from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Volume
from CTDenoiseTrainLib.material.make import MaterialSize
from CTDenoiseTrainLib.recipes import hrcnn_small
from CTDenoiseTrainLib.recipes.hrcnn_small import STAGES, RealSeries, build
from CTDenoiseTrainLib.simulate.noise_reconstruction import Scan

SMALL_SIZE = MaterialSize(
    procedural_volumes=1,
    procedural_shape=(8, 140, 140),
    noise_volumes=1,
    noise_sections=7,
    scan=Scan(matrix=140, views=90),
)
SMALL = tuple(
    replace(stage, size=SMALL_SIZE, training=replace(stage.training, epochs=1), steps_per_epoch=1) for stage in STAGES
)


@pytest.fixture
def chest(rng) -> np.ndarray:
    """A body of tissue with two lungs and noise, shape (13, 400, 400)."""
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    section = np.where(np.hypot(y / 0.7, x / 0.9) < 1, 40.0, -1000.0)
    section[np.hypot(y / 0.3, (np.abs(x) - 0.5) / 0.2) < 1] = -850
    return (section + 20 * rng.standard_normal((13, 400, 400))).astype(np.float32)


def test_recipe_ends_in_a_model_that_states_how_it_was_made(tmp_path, chest):
    real = RealSeries(Volume(chest), for_noise=tuple(range(10)), for_figures=(11, 12), description="a drawn chest")
    build(tmp_path, [chest], real, stages=SMALL)
    card = ModelStore(None, tmp_path).load("hrcnn-small").card
    assert card.training.steps == 2
    assert [stage["pairs"]["noise_hu"][0] for stage in card.training.recipe["stages"]] == [8.0, 3.0]
    assert any("NLST" in data.name for data in card.training.data)
    assert {metric.name for metric in card.metrics} >= {"noise reduction", "edge ratio of the residual", "HU bias"}


def test_without_the_real_series_the_card_claims_no_figures(tmp_path, chest):
    card = build(tmp_path, [chest], None, stages=SMALL)
    assert card.metrics == ()
    assert not any("NLST" in data.name for data in card.training.data)


def test_noise_comes_from_the_first_seventy_instances_and_figures_from_later_ones(real_data):
    real = RealSeries.read(real_data("nlst_chest_low_dose_fc51"))
    context = hrcnn_small.CONFIGURATION["context"]
    # Instance 1 is at the shoulders, the highest z; sections are sorted upwards.
    assert real.for_noise == tuple(range(143 - 70, 143))
    assert real.for_figures == tuple(range(143 - 70 - context))

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Volume
from CTDenoiseTrainLib.material.make import MaterialSize
from CTDenoiseTrainLib.recipes.build import build
from CTDenoiseTrainLib.recipes.bundled import BUNDLED, HRCNN_SMALL, HRCNN_UHR, PLAIN_CNN
from CTDenoiseTrainLib.recipes.bundled_model import BundledModel
from CTDenoiseTrainLib.recipes.real_series import LARGEST_CONTEXT, RealSeries
from CTDenoiseTrainLib.simulate.noise_reconstruction import Scan
from CTDenoiseTrainLib.simulate.spine import SpineScan

SMALL_SIZE = MaterialSize(
    procedural_volumes=1,
    procedural_shape=(8, 132, 132),
    noise_volumes=1,
    noise_sections=7,
    scan=Scan(matrix=132, views=90),
)
SMALL_SPINES = replace(SMALL_SIZE, spine_exams=1, spine_scan=SpineScan(matrix=132, sections=7))


def small(model: BundledModel, **configuration) -> BundledModel:
    """The same stages with one step each, on little material."""
    stages = tuple(
        replace(
            stage,
            size=SMALL_SPINES if stage.size.spine_exams else SMALL_SIZE,
            training=replace(stage.training, epochs=1),
            steps_per_epoch=1,
            configuration=stage.configuration | configuration,
        )
        for stage in model.stages
    )
    return replace(model, stages=stages)


@pytest.fixture
def chest(rng) -> np.ndarray:
    """A body of tissue with two lungs and noise, shape (13, 400, 400)."""
    y, x = np.mgrid[-1:1:400j, -1:1:400j]
    section = np.where(np.hypot(y / 0.7, x / 0.9) < 1, 40.0, -1000.0)
    section[np.hypot(y / 0.3, (np.abs(x) - 0.5) / 0.2) < 1] = -850
    return (section + 20 * rng.standard_normal((13, 400, 400))).astype(np.float32)


def test_recipe_ends_in_a_model_that_states_how_it_was_made(tmp_path, chest):
    real = RealSeries(Volume(chest), for_noise=tuple(range(10)), for_figures=(11, 12), description="a drawn chest")
    build(small(HRCNN_SMALL), tmp_path, [chest], real)
    card = ModelStore(None, tmp_path).load("hrcnn-small").card
    assert card.training.steps == 3
    assert [stage["pairs"]["noise_hu"][0] for stage in card.training.recipe["stages"]] == [8.0, 3.0, 3.0]
    assert any("NLST" in data.name for data in card.training.data)
    assert {metric.name for metric in card.metrics} >= {"noise reduction", "edge ratio of the residual", "HU bias"}
    rounding = next(metric for metric in card.metrics if "half precision" in metric.name)
    # Half precision keeps eleven bits, so that the noise of 20 HU that was drawn cannot change by a hundredth.
    assert 0 < rounding.value < 0.2


def test_without_the_real_series_the_card_claims_no_figures(tmp_path, chest):
    card = build(small(PLAIN_CNN), tmp_path, [chest], None)
    assert card.metrics == ()
    assert not any("NLST" in data.name for data in card.training.data)


def test_wide_network_goes_on_from_a_narrower_model_and_names_it(tmp_path, chest):
    narrow = small(HRCNN_SMALL, width=2)
    build(narrow, tmp_path / "narrow", [chest], None)
    start = ModelStore(None, tmp_path / "narrow").load("hrcnn-small")
    wide = small(HRCNN_UHR)
    last = replace(wide.stages[-1], configuration={"context": 3, "width": 4})
    wide = replace(wide, stages=(*wide.stages[:-1], last), mean_of=())
    card = build(wide, tmp_path / "wide", [chest], None, start=start)
    assert card.training.parent is not None
    assert card.training.parent.weights_sha256 == start.card.weights.sha256
    assert card.training.steps == 1
    unfinished = ModelStore(None, tmp_path / "wide").load("hrcnn-uhr")
    assert unfinished.network.configuration["width"] == 4
    card = build(wide, tmp_path / "wide", [chest], None, start=unfinished)
    assert card.training.steps == 2, "the steps of its own beginning count"
    assert card.training.parent.name == "hrcnn-small", "it is no parent of itself"


def test_model_that_is_a_mean_of_stages_needs_them_all(tmp_path, chest):
    build(small(PLAIN_CNN), tmp_path, [chest], None)
    start = ModelStore(None, tmp_path).load("plain-cnn")
    with pytest.raises(ValueError, match="train all of them"):
        build(HRCNN_UHR, tmp_path, [chest], None, start=start)


def test_mean_of_stages_goes_into_the_model(tmp_path, chest):
    twice = small(PLAIN_CNN)
    twice = replace(twice, stages=twice.stages * 2)
    first, last, mean = (
        build(replace(twice, mean_of=stages), tmp_path / name, [chest], None) and weights_in(tmp_path / name)
        for name, stages in (("first", (0,)), ("last", (1,)), ("mean", (0, 1)))
    )
    for name, tensor in mean.items():
        # Weights are kept in half precision, eleven bits.
        torch.testing.assert_close(tensor, (first[name] + last[name]) / 2, rtol=2e-3, atol=1e-4)
    assert not all(torch.equal(first[name], last[name]) for name in mean)


def weights_in(folder):
    return ModelStore(None, folder).load("plain-cnn").network.state_dict()


def test_every_bundled_model_can_be_built_from_its_description():
    for name, model in BUNDLED.items():
        assert model.name == name
        assert {stage.pairs.context for stage in model.stages} == {model.context}
        assert all(stage.configuration["context"] == model.context for stage in model.stages)
        (low, high), (least, most) = model.made_for.noise_hu, model.stages[-1].pairs.noise_hu
        assert least <= low < high <= most


def test_noise_comes_from_the_first_seventy_instances_and_figures_from_later_ones(real_data):
    real = RealSeries.read(real_data("nlst_chest_low_dose_fc51"))
    # Instance 1 is at the shoulders, the highest z; sections are sorted upwards.
    assert real.for_noise == tuple(range(143 - 70, 143))
    assert real.for_figures == tuple(range(143 - 70 - LARGEST_CONTEXT))

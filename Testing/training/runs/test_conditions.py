from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.errors import CheckpointError
from CTDenoiseTrainLib.recipe.content import FeatureLoss, FineTuning, Recipe
from CTDenoiseTrainLib.runs.conditions import Conditions
from CTDenoiseTrainLib.runs.prepare import Prepared, prepare
from support.tiny_run import tiny_recipe, write_pair


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("conditions")
    write_pair(folder / "data")
    backend = Backend.choose("cpu", "fp32")
    return prepare(
        tiny_recipe(), backend, base=folder / "data", cache=folder, on_note=lambda note: None, check=lambda: None
    )


@pytest.fixture
def then(prepared: Prepared) -> Conditions:
    """The conditions at the beginning, after their way through a file."""
    return Conditions.from_content(json.loads(json.dumps(Conditions.of(prepared).to_content())))


def with_recipe(prepared: Prepared, recipe: Recipe) -> Conditions:
    return Conditions.of(replace(prepared, recipe=recipe))


def test_the_same_conditions_are_the_same(prepared, then):
    then.check(Conditions.of(prepared), on_note=pytest.fail)


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("seed", lambda recipe: replace(recipe, seed=1)),
        ("data", lambda recipe: replace(recipe, data=replace(recipe.data, validation_share=0.3))),
        ("patches", lambda recipe: replace(recipe, patches=replace(recipe.patches, flips=False))),
        ("training", lambda recipe: replace(recipe, training=replace(recipe.training, epochs=4))),
        ("network", lambda recipe: replace(recipe, network=replace(recipe.network, scale_hu=50.0))),
        ("fine_tuning", lambda recipe: replace(recipe, fine_tuning=FineTuning(model="hrcnn"))),
    ],
)
def test_a_recipe_that_gives_other_numbers_is_refused_by_the_name_of_the_part(prepared, then, part, changed):
    with pytest.raises(CheckpointError, match=rf"changed since the training began \({part}\)"):
        then.check(with_recipe(prepared, changed(prepared.recipe)), on_note=pytest.fail)


def test_words_and_places_and_times_of_saving_may_change(prepared, then):
    recipe = prepared.recipe
    data = replace(recipe.data, description="Elsewhere", licence="Ours", memory_gb=1.0)
    loss = FeatureLoss(weights_file="elsewhere.safetensors")
    training = replace(recipe.training, checkpoint_minutes=9.0, device="auto", precision="auto", feature_loss=loss)
    now = with_recipe(prepared, replace(recipe, name="other", title="Other", data=data, training=training))
    then.check(now, on_note=pytest.fail)


def test_means_that_other_libraries_sum_otherwise_are_the_same_images(prepared, then):
    now = Conditions.of(prepared)
    nearly = replace(now, images=[[*image[:3], image[3] + 0.01] for image in now.images])
    then.check(nearly, on_note=pytest.fail)


@pytest.mark.parametrize("images", [[], [[20, 48, 40, 99.0]], [[21, 48, 40, 0.0]]])
def test_other_images_are_refused(prepared, then, images):
    with pytest.raises(CheckpointError, match="images are not those"):
        then.check(replace(Conditions.of(prepared), images=images), on_note=pytest.fail)


def test_another_parent_of_the_same_name_is_refused(prepared, then):
    with pytest.raises(CheckpointError, match="was replaced by another"):
        then.check(replace(Conditions.of(prepared), parent=64 * "0"), on_note=pytest.fail)


def test_another_pytorch_device_or_precision_is_said(prepared, then, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "1.0")
    other = replace(prepared, backend=Backend("cuda:0", "bf16"))
    notes: list[str] = []
    then.check(Conditions.of(other), on_note=notes.append)
    said = " ".join(notes)
    assert all(
        words in said for words in ("PyTorch", "now 1.0", "device (cpu, now cuda:0)", "precision (fp32, now bf16)")
    )

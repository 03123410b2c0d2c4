from __future__ import annotations

import pytest

from CTDenoiseLib.networks import create
from CTDenoiseTrainLib.recipe.check import check_recipe
from CTDenoiseTrainLib.recipe.content import CaseFiles, DataOptions, Recipe, SeriesFile
from CTDenoiseTrainLib.recipe.presets import PRESETS


@pytest.fixture
def recipe() -> Recipe:
    case = CaseFiles(patient="A", noisy=SeriesFile(path="a"))
    return Recipe(name="m", data=DataOptions(source="self-supervised", cases=(case,)))


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_preset_makes_a_valid_recipe_of_a_network_that_can_be_built(preset, recipe):
    made = preset.apply(recipe)
    check_recipe(made)
    assert create(made.network.name, dict(made.network.configuration)).context == 3
    assert made.data == recipe.data


def test_presets_grow(recipe):
    steps = [
        made.training.epochs * made.patches.patches_per_epoch for made in (preset.apply(recipe) for preset in PRESETS)
    ]
    assert steps == sorted(steps)

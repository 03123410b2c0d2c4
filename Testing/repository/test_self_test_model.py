"""The model of the self tests is the one its script makes, and does what the self tests expect."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Volume
from repository.cmake_lists import REPOSITORY

PANEL = REPOSITORY / "CTDenoise" / "CTDenoisePanel"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def maker() -> ModuleType:
    return load(REPOSITORY / "Testing" / "tools" / "make_self_test_model.py")


@pytest.fixture
def truth() -> ModuleType:
    return load(PANEL / "self_test_filter.py")


def test_the_files_are_those_that_the_script_makes(maker, tmp_path):
    maker.make(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in maker.FOLDER.iterdir()}


def test_the_noise_is_the_difference_from_the_weighted_mean_of_the_surroundings(truth, rng):
    hu = rng.integers(-1000, 2000, (5, 24, 31)).astype(np.float32)
    model = ModelStore(truth.MODEL_FOLDER, user_folder=truth.MODEL_FOLDER / "none").load(truth.MODEL_NAME)
    run = Denoiser(model, Backend.choose("cpu", "fp32")).sections(Volume(hu))
    noise = np.stack([done.noise for done in sorted(run, key=lambda done: done.index)])
    np.testing.assert_allclose(noise, truth.expected_noise(hu), atol=1e-3)


def test_it_is_not_among_the_models_of_the_panel(truth):
    assert truth.MODEL_NAME not in [model.card.name for model in ModelStore.default().models() if model.bundled]


def test_its_card_does_not_pass_it_off_as_a_trained_model(truth):
    card = ModelStore(truth.MODEL_FOLDER, truth.MODEL_FOLDER).card(truth.MODEL_NAME)
    assert "No trained model" in card.description
    assert not card.training.data

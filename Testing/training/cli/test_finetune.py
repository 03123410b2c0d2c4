from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import write_volume
from CTDenoiseTrainLib.cli.finetune_recipe import Images, fine_tuning_recipe
from CTDenoiseTrainLib.cli.series_option import NamedSeries
from CTDenoiseTrainLib.errors import RecipeError
from CTDenoiseTrainLib.recipe.content import SeriesFile
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from support.ct_series import anatomy

# Room for a patch of 64 × 64.
SHAPE = (12, 72, 68)
ONE_EPOCH = ("--epochs", 1, "--backend", "cpu", "--precision", "fp32")


@pytest.fixture
def pair(site: Path) -> tuple[Path, Path]:
    """A noisy and a clean image."""
    noise = 25 * np.random.default_rng(3).standard_normal(SHAPE).astype(np.float32)
    clean = anatomy(SHAPE, noise_hu=0.0)
    paths = site / "large noisy.nrrd", site / "large clean.nrrd"
    for path, hu in zip(paths, (clean + noise, clean), strict=True):
        write_volume(Volume(hu, Geometry(spacing=(1.0, 0.5, 0.5))), path)
    return paths


def named(*names):
    return tuple(NamedSeries(SeriesFile(path=f"{name}.nrrd"), name) for name in names)


@pytest.fixture
def recipe_for(site):
    """Makes a recipe that fine-tunes “tiny”; keywords change what is asked for."""

    def make(images, **changes):
        asked = {"name": "new", "layers": "all", "share": 0.2, "preset": "quick", "training": {}, "seed": 0} | changes
        return fine_tuning_recipe(ModelStore.default().card("tiny"), images, **asked)

    return make


def test_a_model_is_fine_tuned_and_names_its_parent(ctdenoise, pair, runs):
    noisy, clean = pair
    answer = ctdenoise("finetune", "tiny", "--noisy", noisy, "--clean", clean, "--share", 0.5, *ONE_EPOCH, "--keep")
    assert answer.code == 0
    assert [line.split()[-2:] for line in answer.out.splitlines()[:1]] == [["Before", "After"]]
    assert "Kept as" in answer.out
    assert RunFolder(runs / "tiny-tuned").recipe().fine_tuning.share == 0.5
    card = ModelStore.default().card("tiny-tuned")
    assert card.training.parent.name == "tiny"
    assert card.network == ModelStore.default().card("tiny").network


def test_it_is_kept_only_if_asked_for(ctdenoise, pair):
    noisy, _ = pair
    content = ctdenoise("finetune", "tiny", "--noisy", noisy, *ONE_EPOCH, "--name", "mine", "--json").content
    assert (content["before_is"], content["kept"]) == ("parent", None)
    assert "mine" not in ctdenoise("models", "list").out


def test_a_result_no_better_than_its_parent_says_so(ctdenoise, pair):
    noisy, clean = pair
    answer = ctdenoise("finetune", "tiny", "--noisy", noisy, "--clean", clean, *ONE_EPOCH, "--rate", 1e-12)
    assert answer.code == 0
    assert "Note: No epoch was better than “tiny”, so there is nothing to keep." in answer.err


@pytest.mark.parametrize(
    ("images", "source"),
    [
        (Images(noisy=named("A")), "self-supervised"),
        (Images(noisy=named("A"), clean=named("B")), "dose-pairs"),
        (Images(noisy=named("A"), clean=named("B"), clean_is="kernel-pairs"), "kernel-pairs"),
        (Images(noisy=named("A"), iterative=named("B")), "noise-maps"),
        (Images(repeats=named("A", "B")), "repeats"),
    ],
)
def test_what_is_named_decides_the_source_of_pairs(recipe_for, images, source):
    assert recipe_for(images).data.source == source


def test_series_of_one_label_are_of_one_patient_and_all_others_of_another_each(recipe_for):
    images = (*named("A", "A"), NamedSeries(SeriesFile(path="other.nrrd")))
    assert [case.patient for case in recipe_for(Images(noisy=images)).data.cases] == ["A", "A", "3"]


def test_the_recipe_has_the_network_of_the_parent(recipe_for):
    network = recipe_for(Images(noisy=named("A"))).network
    card = ModelStore.default().card("tiny")
    assert (network.name, network.configuration) == (card.network.name, dict(card.network.configuration))
    assert network.scale_hu == card.scaling.scale_hu


def test_a_low_rate_lowers_the_lowest_too(recipe_for):
    training = recipe_for(Images(noisy=named("A")), training={"highest_rate": 1e-6, "epochs": None}).training
    assert (training.highest_rate, training.lowest_rate, training.epochs) == (1e-6, 1e-6, 10)


@pytest.mark.parametrize(
    ("images", "changes", "expected"),
    [
        (Images(), {}, "Name what to learn from"),
        (Images(repeats=named("A")), {}, "two scans or more with --repeat"),
        (Images(noisy=named("A"), repeats=named("B", "C")), {}, "Name what to learn from"),
        (Images(noisy=named("A", "B"), clean=named("C")), {}, "There are 2 × --noisy and 1 × --clean"),
        (Images(noisy=named("A"), clean=named("B"), iterative=named("C")), {}, "different sources of pairs"),
        (Images(noisy=named("A")), {"preset": "night"}, "there are quick, evening, paper"),
        (Images(noisy=named("A")), {"name": "My Model"}, "lower-case letters"),
        (Images(noisy=named("A")), {"training": {"highest_rate": 0.0}}, "--rate is 0; it must be more than 0."),
    ],
)
def test_what_does_not_go_together_is_refused(recipe_for, images, changes, expected):
    with pytest.raises(RecipeError, match=expected):
        recipe_for(images, **changes)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nosuch", "--noisy", "low.nrrd"), "There is no model “nosuch”"),
        (("tiny", "--noisy", "nowhere"), "There is no nowhere"),
        (("tiny", "--noisy", "low.nrrd", "--share", 0.01), "--share"),
        (("tiny", "--noisy", "low.nrrd", "--layers", "first"), "--layers"),
        (("tiny", "--noisy", "low.nrrd", "--name", "tiny", "--keep"), "There is a model “tiny” already"),
    ],
)
def test_a_wrong_option_is_told_and_leaves_nothing(ctdenoise, site, monkeypatch, words, expected):
    monkeypatch.chdir(site)
    assert expected in ctdenoise("finetune", *words).sentence
    assert not (site.parent / "our runs").exists()

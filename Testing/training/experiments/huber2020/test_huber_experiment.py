from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace

import pytest
import safetensors.torch
import torch
from torch import nn

from CTDenoiseTrainLib.errors import DataError, RecipeError
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.huber2020 import EXPERIMENT
from CTDenoiseTrainLib.experiments.huber2020.experiment import FeatureLossComparison
from CTDenoiseTrainLib.experiments.huber2020.networks import (
    WEIGHTS_FILE,
    feature_weight,
    find_vgg16,
    train_with_features,
)
from CTDenoiseTrainLib.experiments.huber2020.result import FEATURES, FULL, LOW, SQUARED
from CTDenoiseTrainLib.experiments.huber2020.settings import PAPER, QUICK, Scanner, Settings
from CTDenoiseTrainLib.experiments.run import run_experiment
from CTDenoiseTrainLib.recipe.content import PatchOptions, TrainingOptions
from CTDenoiseTrainLib.training.feature_loss import FeatureDistance
from support.bone_phantom import bone_volume
from support.flat_pairs import FlatPairs
from support.tiny_experiment import open_bench

TINY = Settings(
    scanner=Scanner(views=90, photons=1e6),
    training_sections=1,
    test_sections=1,
    filters=8,
    patches=PatchOptions(side=32),
    patch_count=40,
    steps_per_epoch=15,
    training=TrainingOptions(epochs=2, batch=4, highest_rate=3e-3, warm_up_steps=5, averaging=0.5),
    bones=4,
)


def bench_of(folder, settings=TINY, **options):
    experiment = FeatureLossComparison({Scale.QUICK: settings}, chests=(bone_volume(seed=1), bone_volume(seed=2)))
    return experiment, open_bench(folder, experiment=experiment, **options)


@pytest.fixture(scope="module")
def random_vgg16():
    """Random weights of the first three blocks, named as in torchvision."""
    torch.manual_seed(0)
    filters = {0: (3, 64), 2: (64, 64), 5: (64, 128), 7: (128, 128), 10: (128, 256), 12: (256, 256), 14: (256, 256)}
    return {
        f"features.{place}.{name}": tensor.contiguous()
        for place, (before, after) in filters.items()
        for name, tensor in nn.Conv2d(before, after, 3).state_dict().items()
    }


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """Without weights of VGG16."""
    experiment, bench = bench_of(tmp_path_factory.mktemp("huber") / "folder")
    return bench, run_experiment(experiment, bench)


@pytest.fixture(scope="module")
def with_features(without, random_vgg16):
    """Started again in the same folder, with weights of VGG16 in it."""
    folder = without[0].folder
    safetensors.torch.save_file(random_vgg16, folder / WEIGHTS_FILE)
    experiment, bench = bench_of(folder)
    return bench, run_experiment(experiment, bench)


def never():
    raise AssertionError("No pairs are needed.")


def rows(result):
    return {row["picture"]: row for row in result.tables[0].content()["rows"]}


def test_without_weights_of_vgg16_it_says_so_and_does_the_rest(without):
    bench, result = without
    assert list(rows(result)) == [LOW, SQUARED, FULL]
    assert bench.watcher.notes == ["There are no weights of VGG16, so the part with features is left out."]
    assert f"as {WEIGHTS_FILE}, and start again" in result.notes[0]
    assert str(bench.folder) in result.notes[0]
    assert [finding.shown for finding in result.findings[2:]] == [None, None]
    assert all((bench.folder / name).is_file() for name in result.figures)


def test_the_network_takes_noise_away(without):
    _, result = without
    found = rows(result)
    assert found[SQUARED]["noise"] < found[LOW]["noise"]
    assert found[SQUARED]["rmse"] < found[LOW]["rmse"]
    assert found[FULL]["rmse"] is None
    assert found[FULL]["contrast_kept"] == found[FULL]["edge_kept"] == 100
    assert result.findings[0].shown
    assert result.findings[1].shown is not None
    (training,) = result.tables[1].content()["rows"]
    assert training["steps"] == 30
    assert training["last_loss"] < training["first_loss"]


def test_with_weights_of_vgg16_only_the_part_with_features_is_added(with_features, without):
    bench, result = with_features
    digest = hashlib.sha256((bench.folder / WEIGHTS_FILE).read_bytes()).hexdigest()
    weight, training, pictures = bench.watcher.steps
    assert (weight, training) == (f"weight of MSE and features {digest[:8]}", f"MSE and features {digest[:8]}")
    assert pictures.startswith("pictures of network")
    found, before = rows(result), rows(without[1])
    assert list(found) == [LOW, SQUARED, FEATURES, FULL]
    assert {name: found[name] for name in before} == before
    assert found[FEATURES]["rmse"] != found[SQUARED]["rmse"]
    assert digest in result.notes[0]


def test_findings_about_features_are_computed_from_the_table(with_features):
    _, result = with_features
    squared, features = (rows(result)[name] for name in (SQUARED, FEATURES))
    texture, closer = result.findings[2:]
    assert texture.shown == (features["noise"] > squared["noise"] and features["power_apart"] < squared["power_apart"])
    assert closer.shown == (squared["rmse"] < features["rmse"])


def test_weights_of_vgg16_are_found_beside_the_experiment_or_in_the_folder_of_the_data(tmp_path):
    _, bench = bench_of(tmp_path / "folder", data=tmp_path)
    assert find_vgg16(bench) is None
    (tmp_path / WEIGHTS_FILE).write_bytes(b"of the data")
    assert find_vgg16(bench).sha256 == hashlib.sha256(b"of the data").hexdigest()
    (bench.folder / WEIGHTS_FILE).write_bytes(b"of the experiment")
    assert find_vgg16(bench).weights_file == str(bench.folder / WEIGHTS_FILE)


def test_a_file_that_is_not_vgg16_is_refused_by_name(tmp_path):
    _, bench = bench_of(tmp_path / "folder", data=tmp_path)
    (tmp_path / WEIGHTS_FILE).write_bytes(b"no weights")
    with pytest.raises(RecipeError, match=rf"{WEIGHTS_FILE}” does not hold the weights of VGG16"):
        train_with_features(bench, TINY, never, find_vgg16(bench))


def test_before_any_training_the_features_are_the_wanted_share_of_the_squared_error(random_vgg16):
    distance, pairs = FeatureDistance(random_vgg16), FlatPairs(context=0)
    settings = replace(TINY, feature_share=0.5)
    weight = feature_weight(distance, pairs, settings)
    batch = pairs.draw(range(TINY.training.batch))
    squares = float((batch.noise / 100).square().mean())
    assert weight * float(distance(batch.sections, batch.sections - batch.noise)) == pytest.approx(0.5 * squares)


def test_chests_without_bone_are_refused(tmp_path):
    from CTDenoiseLib.volume import Volume

    soft = bone_volume()
    soft = Volume(soft.hu.clip(max=100), soft.geometry)
    experiment = FeatureLossComparison({Scale.QUICK: TINY}, chests=(soft, soft))
    with pytest.raises(DataError, match="No bone in the test sections can be measured"):
        experiment.run(open_bench(tmp_path / "folder", experiment=experiment))


def test_a_folder_without_the_chests_is_told(tmp_path):
    bench = open_bench(tmp_path / "folder", experiment=EXPERIMENT, data=tmp_path)
    with pytest.raises(DataError, match=r"holds no lung\*_image\.nrrd"):
        EXPERIMENT.run(bench)


def test_the_first_steps_of_the_paper_s_scale_run(tmp_path):
    training = replace(PAPER.training, epochs=1, batch=1)
    settings = replace(
        PAPER, scanner=TINY.scanner, training_sections=1, test_sections=1, steps_per_epoch=2, training=training
    )
    experiment, bench = bench_of(tmp_path / "folder", settings)
    result = experiment.run(bench)
    assert result.tables[1].content()["rows"][0]["steps"] == 2


def test_settings_are_ready_for_json():
    for settings in (QUICK, PAPER):
        assert json.loads(json.dumps(asdict(settings)))["scanner"]["dose_share"] == 0.25

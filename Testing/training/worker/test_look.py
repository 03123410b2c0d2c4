"""A look at the data from outside of the worker's process, before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.volume_files import read_volume
from CTDenoiseLib.worker.job import JobState
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.worker.messages import DataSeen, LookAtData, SeenVolume
from support.tiny_run import SHAPE, make_run

PATCHES = 10


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> RunFolder:
    return make_run(tmp_path_factory.mktemp("look") / "run")


@pytest.fixture(scope="module")
def request_to_look(run, tmp_path_factory) -> LookAtData:
    return LookAtData(recipe=str(run.recipe_file), folder=str(tmp_path_factory.mktemp("seen")), patches=PATCHES)


@pytest.fixture(scope="module")
def seen(bench, request_to_look) -> DataSeen:
    """What the worker shows of low and full dose."""
    answers = []
    job = bench.client.run(request_to_look)
    job.done.connect(answers.append)
    job.failed.connect(pytest.fail)
    bench.finish(job)
    return answers[0]


def by_role(volumes: tuple[SeenVolume, ...]) -> dict[str, np.ndarray]:
    return {volume.role: np.load(volume.file) for volume in volumes}


def test_sections_from_the_middle_are_shown_as_they_are(seen, run):
    shown = by_role(seen.volumes)
    low, full = (read_volume(run.data / f"{name}.nrrd").hu[2:18] for name in ("low", "full"))
    np.testing.assert_array_equal(shown["input"], low)
    np.testing.assert_array_equal(shown["target"], full)
    np.testing.assert_array_equal(shown["noise"], low - full)


def test_they_lie_where_they_lie_in_the_patient(seen):
    for volume in seen.volumes:
        assert volume.spacing == (1.0, 0.5, 0.5)
        assert volume.origin == (0.0, 0.0, 2.0)


def test_every_patch_is_the_sum_of_target_and_noise(seen):
    shown = by_role(seen.patches)
    assert {hu.shape for hu in shown.values()} == {(PATCHES, 16, 16)}
    np.testing.assert_allclose(shown["input"], shown["target"] + shown["noise"], atol=1e-3)
    assert 15 < shown["noise"].std() < 45


def test_nothing_but_them_is_left_in_the_folder(seen, request_to_look):
    shown = {Path(volume.file) for volume in (*seen.volumes, *seen.patches)}
    assert set(Path(request_to_look.folder).iterdir()) == shown


def test_files_are_float32_and_titles_name_the_patient(seen):
    for volume in (*seen.volumes, *seen.patches):
        assert np.load(volume.file).dtype == np.float32
    assert all(volume.title for volume in seen.patches)
    assert all("A" in volume.title for volume in seen.volumes)


def test_how_the_sections_are_parted_is_said(seen):
    assert seen.validation_sections == 4
    assert 8 <= seen.training_sections <= SHAPE[0] - 4
    assert "4 sections" in seen.split


def test_nothing_is_trained_and_the_run_is_untouched(seen, run):
    assert not run.begun
    assert sorted(entry.name for entry in run.path.iterdir()) == ["data", "recipe.toml"]


def test_a_recipe_that_is_wrong_is_refused_in_a_sentence(bench, run, request_to_look, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(run.recipe_file.read_text(encoding="utf-8").replace("epochs =", "epoch ="), encoding="utf-8")
    sentences = []
    job = bench.client.run(replace(request_to_look, recipe=str(recipe)))
    job.failed.connect(sentences.append)
    assert bench.finish(job).state is JobState.FAILED
    assert "epoch" in sentences[0]

from __future__ import annotations

import subprocess
import sys

import pytest

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseTrainLib.errors import CheckpointError
from CTDenoiseTrainLib.recipe.content import CaseFiles, DataOptions, FeatureLoss, Recipe, SeriesFile, TrainingOptions
from CTDenoiseTrainLib.runs import run_folder
from CTDenoiseTrainLib.runs.run_folder import (
    RunError,
    RunFolder,
    begin,
    default_parent,
    discard,
    free_folder,
    runs_in,
)
from support.unprivileged import unprivileged_folder


def recipe(*paths: str, name: str = "our-own") -> Recipe:
    cases = tuple(CaseFiles(patient="A", noisy=SeriesFile(path=path)) for path in paths or ("series",))
    return Recipe(name=name, title="Ours", data=DataOptions(source="self-supervised", cases=cases))


def noisy_paths(run: RunFolder) -> list[str]:
    return [case.noisy.path for case in run.recipe().data.cases if case.noisy is not None]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    """Who finds a run in use does not wait for a second to see whether it is for more than an instant."""
    monkeypatch.setattr(run_folder, "_LOCK_WAIT_S", 0.0)


def test_a_run_begins_with_its_recipe(tmp_path):
    run = begin(tmp_path / "run", recipe(), base=tmp_path)
    state = run.state()
    assert (state.name, state.title, state.source, state.epochs) == ("our-own", "Ours", "self-supervised", 200)
    assert (state.epochs_done, state.complete, state.running, state.damage) == (0, False, False, None)
    assert state.last_checkpoint_time is None
    assert not state.resumable


def test_the_recipe_of_a_run_finds_its_images_from_there(tmp_path):
    begun = begin(tmp_path / "run", recipe("series", "../other", "run/data/own.nrrd"), base=tmp_path)
    assert noisy_paths(begun) == [str(tmp_path / "series"), str(tmp_path.parent / "other"), "data/own.nrrd"]


def test_a_run_with_its_own_images_can_be_moved(tmp_path):
    begin(tmp_path / "run", recipe("run/data/own.nrrd"), base=tmp_path)
    (tmp_path / "run").rename(tmp_path / "moved")
    moved = RunFolder(tmp_path / "moved")
    (path,) = noisy_paths(moved)
    assert moved.path / path == tmp_path / "moved" / "data" / "own.nrrd"


def test_the_file_of_the_feature_loss_is_found_from_the_run_too(tmp_path):
    loss = FeatureLoss(weight=0.1, weights_file="vgg.safetensors", sha256=64 * "0")
    given = Recipe(name="our-own", data=recipe().data, training=TrainingOptions(feature_loss=loss))
    run = begin(tmp_path / "run", given, base=tmp_path)
    assert run.recipe().training.feature_loss.weights_file == str(tmp_path / "vgg.safetensors")


def test_a_run_that_has_no_checkpoint_yet_can_be_given_another_recipe(tmp_path):
    begin(tmp_path, recipe(), base=tmp_path)
    assert begin(tmp_path, recipe(name="another"), base=tmp_path).recipe().name == "another"


def test_a_run_that_has_begun_is_not_begun_again(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    (run.checkpoints / "00000001").mkdir(parents=True)
    with pytest.raises(RunError, match="resume it"):
        begin(tmp_path, recipe(), base=tmp_path)


def test_a_folder_with_something_else_in_it_is_neither_begun_nor_deleted(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunError, match=r"thesis\.tex"):
        begin(tmp_path, recipe(), base=tmp_path)
    with pytest.raises(RunError, match=r"thesis\.tex"):
        discard(RunFolder(tmp_path))
    assert (tmp_path / "thesis.tex").is_file()


def test_two_cannot_train_in_one_folder(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    with run.in_use():
        assert run.state().running
        with pytest.raises(RunError, match="Somebody trains"), run.in_use():
            pass
    assert not run.running


def test_another_process_sees_that_somebody_trains_and_a_killed_one_does_not_hold_the_run(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    code = (
        "import sys, time; from pathlib import Path; from CTDenoiseTrainLib.runs.run_folder import RunFolder\n"
        "with RunFolder(Path(sys.argv[1])).in_use():\n    print('in use', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"in use"
        assert run.running
        other.kill()
    assert not run.running


def test_what_is_no_run_cannot_be_used_as_one(tmp_path):
    with pytest.raises(RunError, match=r"no recipe\.toml"), RunFolder(tmp_path).in_use():
        pass


def test_a_run_that_cannot_be_written_in_says_so(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    run.lock_file.mkdir()
    with pytest.raises(WriteFailedError, match="could not be written"), run.in_use():
        pass


def test_a_damaged_recipe_is_the_damage_of_the_run(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    run.recipe_file.write_text("nonsense = 1")
    state = run.state()
    assert state.name == tmp_path.name
    assert "nonsense" in (state.damage or "")


def test_runs_are_listed_and_other_folders_are_not(tmp_path):
    begin(tmp_path / "one", recipe(name="one"), base=tmp_path)
    begin(tmp_path / "two", recipe(name="two"), base=tmp_path)
    (tmp_path / "pictures").mkdir()
    assert [run.name for run in runs_in(tmp_path)] == ["one", "two"]
    assert runs_in(tmp_path / "nowhere") == ()


def test_folders_that_we_may_not_look_into_are_passed_over():
    with unprivileged_folder() as parent:
        begin(parent / "own", recipe(name="own"), base=parent)
        (parent / "lost+found").mkdir(mode=0)
        assert [run.name for run in runs_in(parent)] == ["own"]
        assert runs_in(parent / "lost+found") == ()
        assert free_folder(parent, "own") == parent / "own-2"
        assert not RunFolder(parent / "lost+found" / "run").exists


def test_a_run_whose_checkpoints_we_may_not_see_is_damaged_and_not_begun_anew():
    with unprivileged_folder() as parent:
        run = begin(parent / "run", recipe(), base=parent)
        run.checkpoints.mkdir(mode=0)
        assert "Permission denied" in (run.state().damage or "")
        with pytest.raises(CheckpointError, match="Permission denied"):
            begin(run.path, recipe(), base=parent)


def test_a_free_folder_bears_a_number_if_the_name_is_taken(tmp_path):
    assert free_folder(tmp_path, "our-own") == tmp_path / "our-own"
    (tmp_path / "our-own").mkdir()
    (tmp_path / "our-own-2").mkdir()
    assert free_folder(tmp_path, "our-own") == tmp_path / "our-own-3"


def test_discarding_deletes_the_run_and_nothing_else(tmp_path):
    run = begin(tmp_path / "run", recipe(), base=tmp_path)
    (run.path / "data").mkdir()
    (run.path / "data" / "own.nrrd").touch()
    discard(run)
    assert list(tmp_path.iterdir()) == []


def test_what_could_not_be_deleted_can_be_discarded_again():
    with unprivileged_folder() as parent:
        run = begin(parent / "run", recipe(), base=parent)
        run.data.mkdir()
        (run.data / "own.nrrd").touch()
        run.data.chmod(0o500)
        with pytest.raises(RunError, match="delete it by hand"):
            discard(run)
        assert run.exists
        run.data.chmod(0o700)
        discard(run)
        assert not run.path.exists()


def test_a_run_in_use_is_not_discarded(tmp_path):
    run = begin(tmp_path, recipe(), base=tmp_path)
    with run.in_use(), pytest.raises(RunError, match="Somebody trains"):
        discard(run)
    assert run.recipe_file.is_file()


def test_runs_lie_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("CTDENOISE_RUNS", str(tmp_path))
    assert default_parent() == tmp_path
    monkeypatch.delenv("CTDENOISE_RUNS")
    assert default_parent().parts[-2:] == ("CTDenoise", "Runs")


def test_looking_at_runs_needs_no_torch():
    code = "import sys, CTDenoiseTrainLib.runs.run_folder; sys.exit('torch' in sys.modules or 'monai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

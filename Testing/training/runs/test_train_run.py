"""Whole trainings of a network with a handful of weights, from images in files to a model in a store."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.models import BundledModelError, ModelCard, ModelExistsError, ModelStore
from CTDenoiseLib.volume_files import read_volume, write_volume
from CTDenoiseTrainLib.errors import CheckpointError, LossError, RecipeError
from CTDenoiseTrainLib.pairs.patch_source import PatchSource
from CTDenoiseTrainLib.recipe.content import FineTuning, Recipe
from CTDenoiseTrainLib.recipe.toml_file import write_recipe
from CTDenoiseTrainLib.runs import checkpoints, finish
from CTDenoiseTrainLib.runs.checkpoint_record import TENSORS_FILE, checkpoint_folders
from CTDenoiseTrainLib.runs.checkpoints import last_checkpoint
from CTDenoiseTrainLib.runs.keep_run import keep_run
from CTDenoiseTrainLib.runs.run_folder import RunError, RunFolder, runs_in
from CTDenoiseTrainLib.runs.run_result import PICTURE_FILE, WEIGHTS_FILE, RunResult
from CTDenoiseTrainLib.runs.start import train_run
from CTDenoiseTrainLib.training.news import EpochNews, SaveWanted, StepNews, StoppedError
from CTDenoiseTrainLib.validation.validator import Preview
from support.tiny_model import save_tiny_model, tiny_network
from support.tiny_run import make_run, tiny_recipe, with_network


class Watcher:
    """An `Observer` that remembers, and can interfere.

    Args:
        interfere: What to raise, and when: after which epoch, and at which check since then. An epoch has two steps
            with a check before each, so the third is one of the validation.
    """

    def __init__(self, *interfere: tuple[Exception, int, int]) -> None:
        self._interfere = {(epoch, check): error for error, epoch, check in interfere}
        self._checks = 0
        self.epochs: list[EpochNews] = []
        self.notes: list[str] = []

    def check(self) -> None:
        if self.epochs:
            self._checks += 1
            if error := self._interfere.get((self.epochs[-1].epoch, self._checks)):
                raise error

    def on_step(self, news: StepNews) -> None:
        pass

    def on_epoch(self, news: EpochNews) -> None:
        self.epochs.append(news)
        self._checks = 0

    def on_note(self, sentence: str) -> None:
        self.notes.append(sentence)


def figures(epochs: list[EpochNews]) -> list[tuple[Any, ...]]:
    """All of the epochs but the time they took."""
    return [(news.epoch, news.loss, news.validation, news.best) for news in epochs]


def tensors(run: RunFolder) -> dict[str, torch.Tensor]:
    return last_checkpoint(run.checkpoints, on_note=pytest.fail).state.tensors


def assert_same_tensors(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    assert [key for key in one if not torch.equal(one[key], other[key])] == []


def log_without_time(run: RunFolder) -> list[str]:
    return [row.rsplit(",", 1)[0] for row in run.log_file.read_text().splitlines()]


def trained(run: RunFolder, **options: Any) -> RunResult:
    result = train_run(run, observer=options.pop("observer", None) or Watcher(), **options)
    assert result is not None
    return result


@pytest.fixture(autouse=True)
def no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture takes half the time of so small a training; runs that tests share, which are made before, have it."""
    monkeypatch.setattr(finish, "draw_side_by_side", lambda path, after, *, before: path.touch())


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, Watcher, list[tuple[Preview, int]]]:
    """A run of three epochs of two steps, from its beginning to its end."""
    run, watcher = make_run(tmp_path_factory.mktemp("uninterrupted") / "run"), Watcher()
    previews: list[tuple[Preview, int]] = []
    trained(run, observer=watcher, on_preview=lambda preview, epoch: previews.append((preview, epoch)))
    return run, watcher, previews


def test_a_training_ends_with_a_result_and_a_log(uninterrupted):
    run, watcher, _ = uninterrupted
    result = RunResult.read(run.result)
    assert (result.epochs, result.steps, result.complete) == (3, 6, True)
    assert [news.epoch for news in watcher.epochs] == [0, 1, 2, 3]
    assert [row.split(",")[0] for row in run.log_file.read_text().splitlines()[1:]] == ["0", "1", "2", "3"]
    assert {"RMSE", "PSNR", "SSIM"} <= {row[0].split()[0] for row in result.table}
    assert (run.result / PICTURE_FILE).is_file()
    assert list(run.tensorboard.iterdir())
    assert not run.cache.exists()


def test_a_list_of_runs_tells_that_it_is_complete(uninterrupted):
    run, _, _ = uninterrupted
    (state,) = runs_in(run.path.parent)
    assert (state.name, state.epochs_done, state.epochs, state.complete, state.has_result) == (
        *("our-own", 3, 3, True, True),
    )
    assert not state.resumable


def test_each_epoch_shows_what_the_network_makes_of_held_out_sections(uninterrupted):
    _, _, previews = uninterrupted
    assert [epoch for _, epoch in previews] == [0, 1, 2, 3]
    first, last = previews[0][0], previews[-1][0]
    np.testing.assert_array_equal(first.input, last.input)
    assert not np.array_equal(first.now, last.now)


def test_a_training_stopped_again_and_again_gives_the_numbers_of_an_uninterrupted_one(uninterrupted, tmp_path):
    run, watcher, _ = uninterrupted
    stopped, last = make_run(tmp_path / "run"), Watcher()
    in_the_middle_of_an_epoch, in_a_validation, after_an_epoch = (0, 2), (1, 3), (2, 1)
    for resume, place in enumerate((in_the_middle_of_an_epoch, in_a_validation, after_an_epoch)):
        result = trained(stopped, observer=Watcher((StoppedError(), *place)), resume=bool(resume))
        assert not result.complete
    assert trained(stopped, observer=last, resume=True).complete
    assert figures(last.epochs) == figures(watcher.epochs)
    assert_same_tensors(tensors(stopped), tensors(run))
    assert (stopped.result / WEIGHTS_FILE).read_bytes() == (run.result / WEIGHTS_FILE).read_bytes()
    assert log_without_time(stopped) == log_without_time(run)


def test_a_training_stopped_in_its_last_validation_is_not_complete(tmp_path):
    run = make_run(tmp_path / "run")
    assert not trained(run, observer=Watcher((StoppedError(), 2, 3))).complete
    assert trained(run, resume=True).epochs == 3


def test_a_wish_to_save_changes_no_number(uninterrupted, tmp_path):
    run, _, _ = uninterrupted
    saved = make_run(tmp_path / "run")
    trained(saved, observer=Watcher((SaveWanted(), 0, 2), (SaveWanted(), 1, 3)))
    assert_same_tensors(tensors(saved), tensors(run))


def test_a_cancelled_training_saves_nothing_more_and_is_kept_after_it_was_resumed(uninterrupted, tmp_path):
    run, _, _ = uninterrupted
    cancelled = make_run(tmp_path / "run")
    with pytest.raises(Cancelled):
        train_run(cancelled, observer=Watcher((Cancelled("Enough."), 1, 2)))
    assert (cancelled.state().epochs_done, cancelled.state().has_result) == (1, False)
    with pytest.raises(CheckpointError, match="interrupted; resume it"):
        kept(cancelled, ModelStore(None, tmp_path / "models"))
    trained(cancelled, resume=True)
    assert_same_tensors(tensors(cancelled), tensors(run))


def test_a_complete_training_is_not_trained_on(uninterrupted):
    run, first, _ = uninterrupted
    again = Watcher()
    assert trained(run, observer=again, resume=True) == RunResult.read(run.result)
    assert figures(again.epochs) == figures(first.epochs)
    assert "complete" in again.notes[-1]


def test_a_training_that_has_begun_is_resumed_or_left_alone(uninterrupted):
    run, _, _ = uninterrupted
    with pytest.raises(RunError, match="resume it"):
        train_run(run, observer=Watcher())


def test_without_a_checkpoint_a_resumed_training_begins_from_the_start(uninterrupted, tmp_path):
    run, _, _ = uninterrupted
    fresh, watcher = make_run(tmp_path / "run"), Watcher()
    trained(fresh, observer=watcher, resume=True)
    assert "from the start" in watcher.notes[0]
    assert_same_tensors(tensors(fresh), tensors(run))


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that was stopped after its first step."""
    return stopped_run(tmp_path_factory.mktemp("stopped") / "run")


@pytest.fixture
def stopped(stopped_once: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of it, elsewhere."""
    return RunFolder(Path(shutil.copytree(stopped_once.path, tmp_path / "run")))


def stopped_run(folder: Path, recipe: Recipe | None = None) -> RunFolder:
    run = make_run(folder, recipe)
    trained(run, observer=Watcher((StoppedError(), 0, 2)))
    return run


def test_a_run_folder_can_be_moved_and_resumed_elsewhere(uninterrupted, stopped):
    run, _, _ = uninterrupted
    trained(stopped, resume=True)
    assert_same_tensors(tensors(stopped), tensors(run))


def test_after_a_damaged_checkpoint_training_goes_on_from_the_one_before(uninterrupted, stopped):
    run, _, _ = uninterrupted
    watcher = Watcher()
    (checkpoint_folders(stopped.checkpoints)[-1] / TENSORS_FILE).write_bytes(b"")
    trained(stopped, observer=watcher, resume=True)
    assert "damaged" in watcher.notes[0]
    assert_same_tensors(tensors(stopped), tensors(run))


def test_a_changed_recipe_is_refused_and_the_result_stays(stopped):
    write_recipe(replace(stopped.recipe(), seed=1), stopped.recipe_file, overwrite=True)
    with pytest.raises(CheckpointError, match="recipe was changed"):
        train_run(stopped, observer=Watcher(), resume=True)
    assert stopped.state().has_result


def test_other_images_are_refused(stopped):
    full = read_volume(stopped.data / "full.nrrd")
    write_volume(replace(full, hu=full.hu + 1), stopped.data / "full.nrrd", overwrite=True)
    with pytest.raises(CheckpointError, match="images are not those"):
        train_run(stopped, observer=Watcher(), resume=True)


def test_a_full_disk_ends_the_training_and_leaves_the_checkpoint_before(stopped, monkeypatch):
    before = tensors(stopped)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"disk is full.*has ended at step 2"):
        train_run(stopped, observer=Watcher(), resume=True)
    assert_same_tensors(tensors(stopped), before)


def test_a_disk_without_room_for_the_result_leaves_the_checkpoint(stopped, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(finish, "draw_side_by_side", full)
        with pytest.raises(CheckpointError, match=r"disk is full.*result.*resume the run"):
            train_run(stopped, observer=Watcher(), resume=True)
    assert stopped.state().epochs_done == 3
    assert trained(stopped, resume=True).complete


@pytest.mark.skipif(os.name == "nt", reason="Windows moves no folder that is in use.")
@pytest.mark.parametrize("another_run", [False, True])
def test_a_run_that_is_moved_ends_and_leaves_nothing_where_it_was(stopped, tmp_path, another_run):
    class Moving(Watcher):
        def on_epoch(self, news: EpochNews) -> None:
            if news.epoch == 1:
                stopped.path.rename(tmp_path / "elsewhere")
                if another_run:
                    stopped.path.mkdir()
                    stopped.lock_file.touch()

    with pytest.raises(RunError, match=r"moved or deleted.*resume it there"):
        train_run(stopped, observer=Moving(), resume=True, on_preview=lambda preview, epoch: None)
    assert stopped.path.exists() == another_run
    assert not stopped.checkpoints.exists()
    assert trained(RunFolder(tmp_path / "elsewhere"), resume=True).complete


def test_a_log_that_cannot_be_written_ends_no_training(tmp_path):
    run, watcher = make_run(tmp_path / "run"), Watcher()
    run.log_file.mkdir()
    assert trained(run, observer=watcher).complete
    assert sum("logs of this run end here" in note for note in watcher.notes) == 1


def test_a_loss_that_is_no_number_leaves_the_best_weights_as_result(tmp_path, monkeypatch):
    run, watcher = make_run(tmp_path / "run"), Watcher()
    draw = PatchSource.draw

    def spoilt(source: PatchSource, numbers: Any) -> Any:
        batch = draw(source, numbers)
        return replace(batch, noise=batch.noise * torch.nan) if min(numbers) >= 16 else batch

    monkeypatch.setattr(PatchSource, "draw", spoilt)
    with pytest.raises(LossError, match="epoch 3"):
        train_run(run, observer=watcher)
    result = RunResult.read(run.result)
    assert (result.epochs, result.complete) == (2, False)
    assert "no number" in result.reason
    assert result.best_epoch == max(news.epoch for news in watcher.epochs if news.best)


def test_a_patch_that_does_not_fit_the_network_is_named(tmp_path):
    recipe = with_network(tiny_recipe(), "hrcnn", context=1, width=2, levels=6)
    run = make_run(tmp_path / "run", replace(recipe, patches=replace(recipe.patches, side=48)))
    with pytest.raises(RecipeError, match=r"“patches.side” is 48; .* multiple of 32, such as 64"):
        train_run(run, observer=Watcher())


def test_a_stop_before_the_first_step_is_an_end_at_once(tmp_path):
    class Stopping(Watcher):
        def check(self) -> None:
            raise StoppedError

    run = make_run(tmp_path / "run")
    with pytest.raises(Cancelled, match="before its first step"):
        train_run(run, observer=Stopping())
    assert not run.begun
    assert not run.running


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose network has learnt something."""
    run = make_run(tmp_path_factory.mktemp("better") / "run", tiny_recipe(epochs=8, highest_rate=0.01))
    assert trained(run).best_epoch > 0
    return run


def kept(run: RunFolder, store: ModelStore, *, name: str = "our-own", overwrite: bool = False) -> ModelCard:
    return keep_run(run, store, name=name, title="", overwrite=overwrite)


def test_a_result_is_kept_as_a_model(better, tmp_path):
    store = ModelStore(None, tmp_path)
    card = kept(better, store)
    assert (card.title, card.training.steps, card.context) == ("Ours", 16, 1)
    assert better.state().kept_as == "our-own"
    assert str(better.path) not in card.to_json()
    weights = last_checkpoint(better.checkpoints, on_note=pytest.fail).state.best_weights()
    found = store.load("our-own").network.state_dict()
    # Kernels are kept in half precision, of which the smallest step below 1 is 0.0005.
    assert all(torch.allclose(found[key].float(), weights[key].float(), rtol=1e-3, atol=1e-4) for key in weights)


def test_names_of_other_models_are_respected(better, tmp_path, small_model):
    store = ModelStore(small_model, tmp_path)
    with pytest.raises(BundledModelError, match="another name"):
        kept(better, store, name="tiny")
    kept(better, store)
    with pytest.raises(ModelExistsError):
        kept(better, store)
    assert kept(better, store, overwrite=True).name == "our-own"


def test_a_model_is_kept_even_if_its_run_cannot_say_so(better, tmp_path):
    run = RunFolder(Path(shutil.copytree(better.path, tmp_path / "run")))
    run.kept_file.unlink(missing_ok=True)
    run.kept_file.mkdir()
    store = ModelStore(None, tmp_path / "models")
    assert store.card(kept(run, store).name).title == "Ours"


def test_altered_weights_are_not_kept_before_a_resume_has_written_them_again(better, tmp_path):
    run = RunFolder(Path(shutil.copytree(better.path, tmp_path / "run")))
    weights = bytearray((run.result / WEIGHTS_FILE).read_bytes())
    weights[-1] ^= 1
    (run.result / WEIGHTS_FILE).write_bytes(weights)
    with pytest.raises(CheckpointError, match=r"were altered; resume the run"):
        kept(run, ModelStore(None, tmp_path / "models"))
    trained(run, resume=True)
    kept(run, ModelStore(None, tmp_path / "models"))


def test_what_is_no_better_than_the_start_is_not_kept(tmp_path):
    run = make_run(tmp_path / "run", tiny_recipe(epochs=1, highest_rate=10.0, warm_up_steps=0))
    assert trained(run).best_epoch == 0
    with pytest.raises(RunError, match="nothing to keep"):
        kept(run, ModelStore(None, tmp_path / "models"))


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of models, with one named “parent”."""
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path / "models"))
    save_tiny_model(tmp_path / "models", name="parent")
    return tmp_path / "models"


def test_a_model_is_fine_tuned_and_its_card_names_its_parent(parent, tmp_path):
    recipe = replace(
        tiny_recipe(epochs=8, highest_rate=0.01), fine_tuning=FineTuning(model="parent", layers="decoder", share=0.3)
    )
    run = make_run(tmp_path / "run", recipe)
    result = trained(run)
    assert result.better
    store = ModelStore.default()
    card = kept(run, store, name="child")
    assert card.training.parent is not None
    assert card.training.parent.name == "parent"
    assert card.training.parent.weights_sha256 == store.card("parent").weights.sha256
    before, after = (store.load(name).network.state_dict() for name in ("parent", "child"))
    changed = {key for key in before if not torch.allclose(before[key].float(), after[key].float(), atol=1e-3)}
    assert changed
    assert not any(key.startswith("down") for key in changed)


def test_a_replaced_parent_is_refused(parent, tmp_path):
    run = stopped_run(tmp_path / "run", replace(tiny_recipe(), fine_tuning=FineTuning(model="parent", share=0.5)))
    save_tiny_model(parent, name="parent", network=tiny_network(seed=1), overwrite=True)
    with pytest.raises(CheckpointError, match="was replaced by another"):
        train_run(run, observer=Watcher(), resume=True)


def test_neither_checkpoints_nor_logs_tell_where_images_lie_or_whose_they_are(uninterrupted):
    run, _, _ = uninterrupted
    for file in (*run.checkpoints.rglob("*"), run.log_file, *run.tensorboard.iterdir()):
        if file.is_file():
            content = file.read_bytes()
            assert b"low.nrrd" not in content
            assert str(run.path).encode() not in content


def test_the_record_of_a_checkpoint_is_plain_json(uninterrupted):
    run, _, _ = uninterrupted
    record = json.loads((checkpoint_folders(run.checkpoints)[-1] / "state.json").read_text())["record"]
    assert record["epoch"] == 3
    assert set(record["facts"]) == {"recipe", "images", "parent", "numbers"}

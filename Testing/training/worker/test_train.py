"""Training from outside of its process: what it tells, how it is paused, stopped and cancelled, and goes on."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.worker.job import JobState
from CTDenoiseTrainLib.runs.run_folder import RunFolder
from CTDenoiseTrainLib.worker.messages import (
    Continue,
    EpochDone,
    KeepModel,
    Kept,
    Pause,
    Paused,
    PreviewReady,
    StepDone,
    Stop,
)
from support.tiny_run import SHAPE, make_run, tiny_recipe, with_network
from support.training_job import Training
from support.worker_bench import WorkerBench


@pytest.fixture
def train(bench) -> Callable[..., Training]:
    """Starts training in a run folder."""
    return lambda run, **options: Training(bench, run, **options)


@pytest.fixture(scope="module")
def trained(bench, tmp_path_factory) -> tuple[RunFolder, Training]:
    """A run of three epochs that has ended."""
    run = make_run(tmp_path_factory.mktemp("trained") / "run")
    training = Training(bench, run)
    training.finish()
    return run, training


class TestToTheEnd:
    def test_every_epoch_is_told_from_the_state_before_the_first(self, trained):
        _, training = trained
        epochs = training.of_kind(EpochDone)
        assert training.epochs == [0, 1, 2, 3]
        assert epochs[0].loss is None
        assert all(news.loss > 0 for news in epochs[1:])
        assert all(news.rmse > 0 and news.psnr > 0 for news in epochs)

    def test_the_end_says_what_came_out(self, trained):
        run, training = trained
        end = training.finish()
        assert (end.epochs, end.complete) == (3, True)
        assert end.reason
        assert "RMSE" in " ".join(name for name, _, _ in end.table)
        assert run.state().has_result

    def test_whole_sections_are_there_to_look_at_after_each_epoch(self, trained):
        run, training = trained
        previews = training.of_kind(PreviewReady)
        assert [news.epoch for news in previews] == [0, 1, 2, 3]
        files = [np.load(file) for file in (previews[-1].input, previews[-1].now, previews[-1].target)]
        assert all(Path(file).parent == run.preview for file in (previews[-1].input, previews[-1].now))
        assert {hu.shape[1:] for hu in files} == {SHAPE[1:]}
        assert {hu.dtype for hu in files} == {np.dtype(np.float32)}
        # Low and full dose differ by noise of 30 HU.
        assert 15 < np.std(files[0] - files[2]) < 35

    def test_a_preview_that_cannot_be_written_is_told_and_ends_nothing(self, train, tmp_path, bench):
        run, notes = make_run(tmp_path / "run", tiny_recipe(epochs=1)), []
        run.preview.write_text("not a folder", encoding="utf-8")
        training = train(run)
        training.job.note.connect(notes.append)
        assert training.finish().complete
        assert any("preview" in note for note in notes)
        assert training.of_kind(PreviewReady) == []

    def test_a_run_that_has_begun_is_not_begun_again(self, trained, train, bench):
        run, _ = trained
        again = train(run)
        bench.finish(again.job)
        assert again.job.state is JobState.FAILED
        assert "resume" in again.sentences[0]


def test_steps_are_told_no_more_than_a_few_times_a_second_however_many_are_done(train, endless_run, bench):
    training, times = train(endless_run), []
    training.job.news.connect(lambda news: times.append(time.monotonic()) if isinstance(news, StepDone) else None)
    training.wait_for(StepDone, count=3)
    cancel(training, bench)
    news = training.of_kind(StepDone)
    assert all(before.step < after.step for before, after in itertools.pairwise(news))
    assert news[2].step - news[0].step > 2
    assert times[2] - times[0] > 2 * 0.25


class TestKeep:
    @pytest.fixture
    def store(self) -> ModelStore:
        return ModelStore.default()

    def test_a_kept_model_is_one_that_the_worker_denoises_with(self, trained, bench, store):
        run, _ = trained
        figures: list[Kept] = []
        job = bench.client.run(KeepModel(run=str(run.path), name="kept-by-test", title="Kept"))
        job.done.connect(figures.append)
        job.failed.connect(pytest.fail)
        bench.finish(job)
        (kept,) = figures
        assert (kept.name, kept.folder) == ("kept-by-test", str(store.user_folder))
        assert store.model("kept-by-test").card.title == "Kept"
        assert run.state().kept_as == "kept-by-test"

        bench.client.load_model(kept.folder, kept.name, "cpu", "fp32")
        denoising = bench.client.denoise(bench.request(np.zeros((2, 32, 32), dtype=np.int16)))
        assert bench.finish(denoising).state is JobState.DONE

    def test_one_of_that_name_is_replaced_only_if_wanted(self, trained, bench):
        run, _ = trained
        request = KeepModel(run=str(run.path), name="twice", title="Twice")
        states = [bench.finish(bench.client.run(each)).state for each in (request, request)]
        assert states == [JobState.DONE, JobState.FAILED]
        assert bench.finish(bench.client.run(replace(request, overwrite=True))).state is JobState.DONE

    def test_a_run_without_a_result_is_refused_in_a_sentence(self, tmp_path, bench):
        run, sentences = make_run(tmp_path / "run"), []
        job = bench.client.run(KeepModel(run=str(run.path), name="nothing", title=""))
        job.failed.connect(sentences.append)
        bench.finish(job)
        assert "There is no result" in sentences[0]


class TestPause:
    def test_it_waits_with_a_checkpoint_and_goes_on_where_it_was(self, train, endless_run, bench):
        training = train(endless_run)
        training.wait_for(EpochDone, count=2)
        training.job.tell(Pause)
        training.wait_for(Paused)
        assert endless_run.state().resumable is False  # somebody has it
        assert endless_run.state().epochs_done == training.epochs[-1]
        told = len(training.news)
        deadline = time.monotonic() + 0.5
        bench.wait_until(lambda: time.monotonic() > deadline)
        assert len(training.news) == told

        training.job.tell(Continue)
        training.wait_for(EpochDone, count=len(training.epochs) + 1)
        training.job.tell(Stop)
        training.finish()
        assert training.epochs == list(range(len(training.epochs)))

    def test_a_stop_ends_a_pause(self, train, endless_run):
        training = train(endless_run)
        training.wait_for(EpochDone)
        training.job.tell(Pause)
        training.wait_for(Paused)
        training.job.tell(Stop)
        assert training.finish().complete is False


class TestStop:
    def test_what_goes_on_later_has_the_numbers_of_what_was_never_stopped(self, train, tmp_path, trained):
        recipe = tiny_recipe(epochs=6, averaging=0.5)
        whole, parted = make_run(tmp_path / "whole", recipe), make_run(tmp_path / "parted", recipe)
        expected = train(whole)
        expected_table = expected.finish().table

        first = train(parted)
        first.wait_for(EpochDone, count=3)
        first.job.tell(Stop)
        assert first.finish().complete is False
        assert parted.state().resumable

        second = train(parted, resume=True)
        end = second.finish()
        assert end.complete is True
        assert end.table == expected_table
        assert second.epochs == expected.epochs
        assert second.figures == expected.figures

    def test_before_the_first_step_there_is_nothing_to_save(self, train, endless_run, bench):
        training = train(endless_run)
        training.job.tell(Stop)
        bench.finish(training.job)
        assert training.job.state is JobState.CANCELLED
        assert not endless_run.begun


class TestCancel:
    def test_it_ends_a_long_step_in_its_middle(self, train, tmp_path, bench):
        recipe = tiny_recipe(epochs=100_000, batch=16, patches_per_epoch=160, validation_sections=1)
        recipe = replace(recipe, patches=replace(recipe.patches, side=40))
        training = train(make_run(tmp_path / "run", with_network(recipe, "plain-cnn", filters=64, kernel_size=7)))
        # A step is told when the next one begins.
        training.wait_for(StepDone)
        step_seconds = 16 / training.of_kind(StepDone)[-1].samples_per_second
        seconds = cancel(training, bench)
        assert seconds < min(1.0, step_seconds / 2)
        assert training.job.state is JobState.CANCELLED
        assert len(bench.transports) == 1

    def test_it_ends_a_pause(self, train, endless_run, bench):
        training = train(endless_run)
        training.wait_for(EpochDone)
        training.job.tell(Pause)
        training.wait_for(Paused)
        assert cancel(training, bench) < 1.0

    def test_the_run_is_free_for_the_next_who_goes_on_with_it(self, train, endless_run, bench):
        training = train(endless_run)
        training.wait_for(EpochDone, count=3)
        cancel(training, bench)
        assert endless_run.state().resumable

        again = train(endless_run, resume=True)
        again.wait_for(EpochDone, count=4)
        assert all(again.figures[epoch] == training.figures[epoch] for epoch in (0, 1, 2))
        cancel(again, bench)


def cancel(training: Training, bench: WorkerBench) -> float:
    """Cancel a training; the seconds until it has ended."""
    start = time.monotonic()
    training.job.cancel()
    bench.finish(training.job)
    return time.monotonic() - start


class TestRefused:
    def test_a_folder_without_a_recipe_is_no_run(self, train, tmp_path, bench):
        training = train(RunFolder(tmp_path))
        bench.finish(training.job)
        assert "recipe.toml" in training.sentences[0]

    def test_images_that_are_missing_are_named_without_the_worker_ending(self, train, tmp_path, bench):
        run = make_run(tmp_path / "run")
        (run.data / "low.nrrd").unlink()
        process, training = bench.process_id, train(run)
        bench.finish(training.job)
        assert "low.nrrd" in training.sentences[0]
        assert bench.process_id == process

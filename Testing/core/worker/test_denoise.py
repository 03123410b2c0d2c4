"""The worker seen from outside its process: what it computes, in which order, and what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Volume
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import JobProgress
from CTDenoiseLib.worker.section_file import SectionFile
from support.worker_bench import noise_of


def heard(job):
    """What a job emits, as it comes."""
    events = []
    job.section_done.connect(lambda message: events.append(message.section))
    job.failed.connect(events.append)
    return events


@pytest.fixture(scope="module")
def in_process(small_model):
    """Noise of all sections as the library predicts it in this process, in HU."""
    denoiser = Denoiser(ModelStore(None, small_model).load("tiny"), Backend.choose("cpu", "fp32"))

    def predict(hu):
        return np.stack([section.noise for section in denoiser.sections(Volume(hu.astype(np.float32)))])

    return predict


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_the_noise_is_that_of_the_library_in_steps_of_a_tenth_hu(bench, in_process, hu, dtype):
    job = bench.finish(bench.client.denoise(bench.request(hu.astype(dtype))))
    assert job.state is JobState.DONE
    expected = in_process(hu)
    assert expected.std() > 1
    np.testing.assert_allclose(noise_of(job), expected, atol=0.051)


def test_the_loaded_model_is_described(bench):
    loaded = bench.client.loaded
    assert (loaded.name, loaded.version, loaded.context) == ("tiny", "1.0", 1)
    assert (loaded.device, loaded.precision) == ("cpu", "fp32")
    assert len(loaded.weights_sha256) == 64
    assert "asked for" in loaded.reason


def test_the_figures_of_the_job_come_at_its_end(bench, hu):
    figures, progress = [], []
    job = bench.client.denoise(bench.request(hu, order=(3, 4, 5)))
    job.done.connect(figures.append)
    job.progress.connect(progress.append)
    bench.finish(job)
    (done,) = figures
    assert (done.job, done.sections, done.passed_through, done.clipped, done.tiles) == (job.id, 3, 0, 0, 1)
    assert done.seconds > 0
    assert [(one.done, one.total) for one in progress] == [(1, 3), (2, 3), (3, 3)]
    assert isinstance(progress[0], JobProgress)
    assert progress[0].seconds_remaining == pytest.approx(2 / progress[0].sections_per_second)
    assert progress[-1].seconds_remaining == 0


def test_sections_come_in_the_order_of_the_request_and_no_others(bench, hu):
    job = bench.client.denoise(bench.request(hu, order=(5, 0, 3)))
    events = heard(job)
    bench.finish(job)
    assert events == [5, 0, 3]
    written = np.abs(noise_of(job)).max(axis=(1, 2)) > 0
    assert np.flatnonzero(written).tolist() == [0, 3, 5]


def test_a_section_is_in_the_mapped_file_before_it_is_said_to_be_done(bench, in_process, hu):
    request = bench.request(hu)
    mapped = np.load(request.noise, mmap_mode="r")
    expected, seen = in_process(hu), []
    job = bench.client.denoise(request)
    job.section_done.connect(
        lambda message: seen.append(np.abs(mapped[message.section] * 0.1 - expected[message.section]).max())
    )
    bench.finish(job)
    assert len(seen) == len(hu)
    assert max(seen) < 0.051


def test_a_coarser_step_holds_larger_noise_in_the_same_file(bench, in_process, hu):
    job = bench.finish(bench.client.denoise(bench.request(hu, noise_step_hu=2.0)))
    np.testing.assert_allclose(noise_of(job), in_process(hu), atol=1.01)


def test_noise_beyond_what_the_file_holds_is_clipped_and_counted(bench, in_process, hu):
    figures = []
    job = bench.client.denoise(bench.request(hu, noise_step_hu=0.001))
    job.done.connect(figures.append)
    bench.finish(job)
    too_large = np.abs(in_process(hu)) > 32.768
    assert too_large.any()
    assert figures[0].clipped == pytest.approx(too_large.sum(), abs=3)
    assert set(np.load(job.request.noise)[too_large].tolist()) <= {-32768, 32767}


def test_padding_and_values_the_model_never_saw_pass_through(bench, hu):
    hu[:, :5] = -2000
    hu[:, 5] = -500
    passed = []
    job = bench.client.denoise(bench.request(hu, padding_hu=(-500.0, -500.0)))
    job.section_done.connect(lambda message: passed.append(message.passed_through))
    bench.finish(job)
    assert passed == [6 * hu.shape[2]] * len(hu)
    assert not noise_of(job)[:, :6].any()
    assert noise_of(job)[:, 6:].any()


def test_the_first_section_is_alone_in_its_batch_so_that_it_comes_soon(bench, hu):
    # Only the sections that the model sees around the first one are there: a larger batch would wait for more.
    job = bench.client.denoise(bench.request(hu, order=(4, 0, 1, 2, 3, 5, 6, 7, 8), ready=(3, 4, 5)))
    events = heard(job)
    bench.wait_until(lambda: events)
    assert events == [4]
    job.feed(range(9))
    bench.finish(job)
    assert sorted(events) == list(range(9))


def test_sections_are_waited_for_until_the_client_has_written_them(bench, in_process, hu):
    request = bench.request(np.zeros_like(hu), ready=())
    job = bench.client.denoise(request)
    events = heard(job)
    file = SectionFile(request.input, writable=True)
    for index, section in enumerate(hu):
        file.write(index, section)
        job.feed([index])
    bench.finish(job)
    assert events == list(range(len(hu)))
    np.testing.assert_allclose(noise_of(job), in_process(hu), atol=0.051)


def test_sections_asked_for_meanwhile_come_next_in_a_batch_of_their_own(bench, hu):
    job = bench.client.denoise(bench.request(hu, ready=(0, 1)))
    events = heard(job)
    bench.wait_until(lambda: events)
    # The worker waits for section 2 now. Nothing but what is asked for first will be there for a while.
    job.prioritise([7, 0, 99, 6])
    job.feed([5, 6, 7, 8])
    bench.wait_until(lambda: len(events) == 3)
    assert events == [0, 7, 6]
    job.feed(range(9))
    bench.finish(job)
    assert events == [0, 7, 6, 1, 2, 3, 4, 5, 8]


def test_a_second_job_uses_the_loaded_model_even_if_its_files_are_gone(own_bench, tmp_path, hu):
    from support.tiny_model import save_tiny_model

    save_tiny_model(tmp_path / "model")
    own_bench.client.load_model(tmp_path / "model", "tiny", "cpu", "fp32")
    first = own_bench.finish(own_bench.client.denoise(own_bench.request(hu)))
    for path in (tmp_path / "model").iterdir():
        path.unlink()
    own_bench.client.load_model(tmp_path / "model", "tiny", "cpu", "fp32")
    second = own_bench.finish(own_bench.client.denoise(own_bench.request(hu)))
    assert second.state is JobState.DONE
    assert len(own_bench.transports) == 1
    np.testing.assert_array_equal(noise_of(first), noise_of(second))


def test_the_devices_are_listed_with_what_they_can_do(bench):
    answers = []
    bench.client.list_devices(answers.append)
    bench.wait_until(lambda: answers)
    processor = answers[0][-1]
    assert (processor.name, processor.kind) == ("cpu", "cpu")
    assert processor.description
    assert 0 < processor.free_memory <= processor.total_memory
    assert "fp32" in processor.precisions


class TestWhatCannotBeDone:
    """A job that fails says why in one sentence, and the worker goes on with the next."""

    @pytest.fixture(autouse=True)
    def the_worker_goes_on(self, bench, hu):
        process = bench.process_id
        yield
        assert bench.finish(bench.client.denoise(bench.request(hu))).state is JobState.DONE
        assert bench.process_id == process

    def failure(self, bench, request):
        job = bench.client.denoise(request)
        sentences = []
        job.failed.connect(sentences.append)
        bench.finish(job)
        assert job.state is JobState.FAILED
        (sentence,) = sentences
        return sentence

    def test_another_modality(self, bench, hu):
        assert "MR" in self.failure(bench, bench.request(hu, modality="MR"))

    def test_a_section_that_is_not_finite_after_others_were_done(self, bench, hu):
        hu = hu.astype(np.float32)
        hu[8] = np.nan
        request = bench.request(hu, order=(0, 8))
        assert "Section 9 of 9" in self.failure(bench, request)
        assert np.load(request.noise)[0].any()

    @pytest.mark.parametrize("order", [(9,), (0, 0), ()])
    def test_an_order_that_makes_no_sense(self, bench, hu, order):
        assert "order" in self.failure(bench, bench.request(hu, order=order))

    @pytest.mark.parametrize("name", ["input", "noise"])
    def test_a_file_of_another_size(self, bench, hu, name):
        request = bench.request(hu)
        np.save(getattr(request, name), np.zeros((9, 48, 41), dtype=np.int16))
        assert "shape" in self.failure(bench, request)

    @pytest.mark.parametrize("name", ["input", "noise"])
    def test_a_missing_file(self, bench, hu, name):
        request = bench.request(hu)
        Path(getattr(request, name)).unlink()
        assert f"{name}" in self.failure(bench, request)


class TestModelsThatCannotBeLoaded:
    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (("absent", "cpu", "fp32"), "no model “absent”"),
            (("tiny", "cuda:99", "auto"), "cuda:99"),
            (("tiny", "cpu", "fp8"), "fp8"),
        ],
    )
    def test_without_a_job_the_client_says_why(self, bench, small_model, hu, arguments, expected):
        sentences = []
        bench.client.failed.connect(sentences.append)
        bench.client.load_model(small_model, *arguments)
        bench.wait_until(lambda: sentences)
        bench.client.failed.disconnect(sentences.append)
        assert expected in sentences[0]
        assert bench.client.loaded is None
        bench.client.load_model(small_model, "tiny", "cpu", "fp32")
        assert bench.finish(bench.client.denoise(bench.request(hu))).state is JobState.DONE
        assert len(sentences) == 1

    def test_a_job_that_waits_for_the_model_says_why_and_the_client_does_not_repeat_it(self, own_bench, tmp_path, hu):
        from support.tiny_model import save_tiny_model

        save_tiny_model(tmp_path / "model")
        weights = tmp_path / "model" / "tiny.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1] + b"!")
        sentences = []
        own_bench.client.failed.connect(sentences.append)
        own_bench.client.load_model(tmp_path / "model", "tiny", "cpu", "fp32")
        jobs = [own_bench.client.denoise(own_bench.request(hu)) for _ in range(2)]
        for job in jobs:
            job.failed.connect(sentences.append)
        own_bench.finish(jobs[-1])
        assert len(sentences) == 2
        assert all("damaged or were replaced" in sentence for sentence in sentences)

    def test_a_job_without_any_model(self, own_bench, hu):
        job = own_bench.client.denoise(own_bench.request(hu))
        sentences = []
        job.failed.connect(sentences.append)
        own_bench.finish(job)
        assert sentences == ["No model is loaded; choose one first."]

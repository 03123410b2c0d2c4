"""When memory runs out: smaller batches, then tiles, then an error; always said, and with the same result."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from CTDenoiseLib.inference import Denoiser, NotEnoughMemoryError, denoiser, predictor
from CTDenoiseLib.inference.execution import Execution, execution_of
from CTDenoiseLib.volume import Volume
from support.tiny_model import tiny_network


class SmallDevice:
    """Computes a network where memory takes so many pixels at once and no more; the class counts the attempts."""

    attempts: ClassVar[list[tuple[int, ...]]] = []

    def __init__(self, execution: Execution, pixels: int, error: Exception) -> None:
        self.execution = execution
        self.pixels = pixels
        self.error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self.execution, name)

    def noise(self, windows: Tensor, check: Callable[[], None] | None = None) -> Tensor:
        self.attempts.append((windows.shape[0], *windows.shape[2:]))
        if windows[:, 0].numel() > self.pixels:
            raise self.error
        return self.execution.noise(windows, check)


CPU_ERROR = RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory")
ERRORS = [
    torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
    CPU_ERROR,
    RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 64 bytes."),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    RuntimeError("std::bad_alloc"),
    RuntimeError("could not create a primitive"),
    MemoryError(),
]


@pytest.fixture
def large(rng):
    """Five sections of 125 × 128 voxels: sides of 128 after padding, against a receptive radius of 23."""
    return Volume(rng.normal(0, 60, (5, 125, 128)).astype(np.float32))


@pytest.fixture
def small_device(monkeypatch):
    """Has the memory end at so many pixels, with an error."""

    def limit(pixels, error=CPU_ERROR):
        SmallDevice.attempts.clear()
        monkeypatch.setattr(denoiser, "execution_of", lambda *given: SmallDevice(execution_of(*given), pixels, error))

    return limit


@pytest.fixture
def network():
    return tiny_network(context=1, width=4, levels=3)


@pytest.fixture
def noise_of(model_of, network, exact, large):
    """Denoises the large volume; gives the noise and the statistics."""

    def predict(*, batch_size=4):
        run = Denoiser(model_of(network), exact, batch_size=batch_size).sections(large)
        return np.stack([section.noise for section in run]), run.statistics

    return predict


@pytest.fixture
def whole(noise_of):
    """The noise where memory is plenty."""
    return noise_of()[0]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_smaller_batch_comes_first(small_device, noise_of, whole, error, caplog):
    small_device(128 * 128, error)
    with caplog.at_level(logging.WARNING):
        noise, statistics = noise_of()
    np.testing.assert_allclose(noise, whole, atol=1e-3)
    assert (statistics.batch_size, statistics.tiles) == (1, 1)
    assert statistics.notes == (
        "The memory of cpu ran out with 4 sections at once; going on with 2.",
        "The memory of cpu ran out with 2 sections at once; going on with 1.",
    )
    assert tuple(record.message for record in caplog.records) == statistics.notes


@pytest.mark.parametrize("pixels", [128 * 100, 90 * 90, 56 * 56])
def test_tiles_come_next_and_give_the_result_of_the_whole_section(small_device, noise_of, whole, pixels):
    small_device(pixels)
    noise, statistics = noise_of(batch_size=1)
    assert statistics.tiles > 1
    assert f"going on with {statistics.tiles} tiles" in statistics.notes[-1]
    assert np.abs(whole).max() > 10
    assert np.abs(noise - whole).max() < 0.01


def test_what_fitted_once_is_kept_for_the_rest_of_the_run(small_device, noise_of):
    small_device(90 * 90)
    _, statistics = noise_of()
    attempts = SmallDevice.attempts
    failed = [shape for shape in attempts if np.prod(shape) > 90 * 90]
    assert len(failed) == len(statistics.notes)
    assert len(attempts) == len(failed) + 5 * statistics.tiles


def test_progress_tells_of_the_fallback(small_device, model_of, network, exact, large):
    seen = []
    small_device(128 * 128)
    list(Denoiser(model_of(network), exact, batch_size=2).sections(large, on_progress=seen.append))
    assert all("ran out" in progress.notes[0] for progress in seen)


def test_when_even_tiles_do_not_fit_the_error_says_so(small_device, noise_of):
    small_device(40 * 40)
    with pytest.raises(NotEnoughMemoryError, match="The memory of cpu is too small for 56 × 56 pixels"):
        noise_of()


def test_any_other_error_is_not_taken_for_a_lack_of_memory(small_device, noise_of):
    small_device(0, RuntimeError("expected stride to be a single integer value"))
    with pytest.raises(RuntimeError, match="expected stride to be a single integer"):
        noise_of()


@pytest.fixture
def free(monkeypatch):
    """Gives this machine so many bytes of free memory."""
    return lambda size: monkeypatch.setattr(predictor, "free_memory", lambda device: size)


def test_a_processor_takes_one_section_at_a_time(model_of, exact, large):
    assert Denoiser(model_of(tiny_network()), exact).sections(large).statistics.batch_size == 1


def test_the_batch_grows_with_the_free_memory_up_to_what_is_useful(model_of, exact, large, free, monkeypatch):
    monkeypatch.setitem(predictor._PIXELS_AT_ONCE, "cpu", 2**20)
    sizes = []
    for size in (5 * 2**20, 20 * 2**20, 2**40):
        free(size)
        run = Denoiser(model_of(tiny_network()), exact).sections(large)
        sizes.append(run.statistics.batch_size)
        assert run.statistics.notes == ()
    assert sizes == sorted(set(sizes))
    assert sizes[-1] <= 64


def test_tiles_are_taken_at_once_where_a_whole_section_cannot_fit(model_of, exact, large, free, whole):
    free(2**20)
    run = Denoiser(model_of(tiny_network()), exact).sections(large)
    noise = np.stack([section.noise for section in run])
    assert np.abs(noise - whole).max() < 0.01
    assert run.statistics.tiles > 1
    assert run.statistics.notes[0].startswith("A whole section needs about 0.0 GiB, more than")

"""The network of graphics processors, here on the processor: what CUDA graphs do is done by doing the work again."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import torch

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.inference import Backend, Denoiser, available_devices
from CTDenoiseLib.inference.graphics.execution import RecordedNetwork, recorded_network
from CTDenoiseLib.inference.graphics.recorder import RepeatingRecorder
from CTDenoiseLib.inference.lower import lower_precision
from CTDenoiseLib.inference.memory import bytes_per_pixel
from CTDenoiseLib.volume import Volume
from support.tiny_model import tiny_network


class FailingCapture:
    """When work in it fails, its end fails, too, as that of a CUDA graph does."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        raise RuntimeError("operation failed due to a previous error during capture")


class CountingRecorder(RepeatingRecorder):
    """Counts the recordings, and may refuse to make them."""

    def __init__(self, error: Exception | None = None) -> None:
        self.records = 0
        self.plays = 0
        self.error = error

    def record(self, work):
        self.records += 1
        if self.error is not None:
            with FailingCapture():
                raise self.error
        recording = super().record(work)

        def play() -> None:
            self.plays += 1
            recording.play()

        return type(recording)(recording.result, play)


@pytest.fixture
def network():
    return tiny_network(context=1, width=4, levels=3).eval()


@pytest.fixture
def recorded_by(network):
    """Makes the execution with a given recorder."""
    return lambda recorder: RecordedNetwork(network, "cpu", lambda: recorder)


@pytest.fixture
def windows(rng):
    """Makes windows of so many sections of 16 × 16 pixels."""
    return lambda count=2: torch.from_numpy(rng.normal(size=(count, 3, 16, 16)).astype(np.float32))


def plainly(network, windows):
    with torch.inference_mode():
        return network(windows)[:, 0]


def test_it_says_what_the_network_says(network, windows):
    execution = recorded_network(network, Backend("cpu", "fp32"))
    for _ in range(4):
        given = windows()
        torch.testing.assert_close(execution.noise(given), plainly(network, given))


def test_what_comes_once_is_not_recorded(recorded_by, windows):
    recorder = CountingRecorder()
    execution = recorded_by(recorder)
    execution.noise(windows(1))
    execution.noise(windows(2))
    assert recorder.records == 0


def test_what_comes_again_is_recorded_once_and_played(recorded_by, windows):
    recorder = CountingRecorder()
    execution = recorded_by(recorder)
    for _ in range(5):
        execution.noise(windows())
    assert (recorder.records, recorder.plays) == (1, 4)
    assert "CUDA graphs" in execution.description


def test_a_result_stays_what_it_is_when_the_next_is_computed(network, recorded_by, windows):
    execution = recorded_by(CountingRecorder())
    given = [windows() for _ in range(4)]
    results = [execution.noise(one) for one in given]
    for one, result in zip(given, results, strict=True):
        torch.testing.assert_close(result, plainly(network, one))


def test_the_windows_may_be_written_over_at_once(network, recorded_by, windows):
    execution = recorded_by(CountingRecorder())
    given = windows()
    for _ in range(3):
        expected = plainly(network, given)
        result = execution.noise(given)
        given.normal_()
        torch.testing.assert_close(result, expected)


def test_more_sizes_in_turn_than_are_kept_are_not_recorded_again_and_again(recorded_by, windows):
    recorder = CountingRecorder()
    execution = recorded_by(recorder)
    for _ in range(3):
        for count in range(1, 10):
            execution.noise(windows(count))
    assert recorder.records == 0


def test_the_size_not_used_for_the_longest_is_let_go(recorded_by, windows):
    recorder = CountingRecorder()
    execution = recorded_by(recorder)
    for count in (1, 2, 3, 4, 5):
        execution.noise(windows(count))
        execution.noise(windows(count))
    assert recorder.records == 5
    execution.noise(windows(2))
    assert recorder.records == 5
    execution.noise(windows(1))
    execution.noise(windows(1))
    assert recorder.records == 6


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("operation not permitted when stream is capturing\nCompile with TORCH_USE_CUDA_DSA"),
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
    ],
    ids=["not permitted", "out of memory"],
)
def test_what_cannot_be_recorded_is_computed_all_the_same_and_said(network, recorded_by, windows, error, caplog):
    recorder = CountingRecorder(error)
    execution = recorded_by(recorder)
    with caplog.at_level(logging.WARNING):
        for _ in range(4):
            given = windows()
            torch.testing.assert_close(execution.noise(given), plainly(network, given))
    assert recorder.records == 1
    assert execution.description == "layer by layer"
    (note,) = execution.notes
    assert note.endswith("could not be recorded as a CUDA graph: " + str(error).splitlines()[0])
    assert [record.message for record in caplog.records] == [note]


def test_a_run_tells_its_user_that_nothing_could_be_recorded(model, exact, soft_tissue, monkeypatch):
    denoiser = Denoiser(model, exact, batch_size=1)
    execution = RecordedNetwork(model.network, "cpu", lambda: CountingRecorder(RuntimeError("no graphs here")))
    monkeypatch.setattr(denoiser, "_executions", ((exact, execution),))
    run = denoiser.sections(soft_tissue)
    next(run)
    assert run.statistics.notes == ()
    list(run)
    assert "no graphs here" in run.statistics.notes[0]


class ScarceNetwork(torch.nn.Module):
    """Runs out of memory when it is given more than one section, as long as recordings are held."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network
        self.stride, self.receptive_radius, self.context = network.stride, network.receptive_radius, network.context
        self.held: list[object] = []

    def forward(self, windows):
        if windows.device.type != "meta" and len(windows) > 1 and self.held:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return self.network(windows)


def test_memory_that_recordings_hold_is_given_back_before_memory_runs_out(network, windows):
    scarce = ScarceNetwork(network)

    class HoldingRecorder(RepeatingRecorder):
        def __init__(self) -> None:
            scarce.held.clear()

        def record(self, work):
            scarce.held.append(work)
            return super().record(work)

    execution = RecordedNetwork(scarce, "cpu", HoldingRecorder)
    execution.noise(windows(1))
    execution.noise(windows(1))
    assert scarce.held
    given = windows(2)
    torch.testing.assert_close(execution.noise(given), plainly(network, given))
    assert not scarce.held
    assert execution.notes == ()


def test_memory_that_runs_out_without_recordings_is_an_error(network, windows):
    scarce = ScarceNetwork(network)
    scarce.held.append("another program")
    with pytest.raises(torch.cuda.OutOfMemoryError):
        RecordedNetwork(scarce, "cpu", RepeatingRecorder).noise(windows(2))


def test_it_may_be_stopped_before_each_batch(recorded_by, windows):
    execution = recorded_by(CountingRecorder())
    asked = []
    for _ in range(3):
        execution.noise(windows(), lambda: asked.append(1))
    assert len(asked) == 3

    def stop() -> None:
        raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        execution.noise(windows(), stop)


def test_the_memory_of_recordings_is_counted(network, recorded_by):
    # Their own windows of three sections and their noise, in float32.
    assert recorded_by(CountingRecorder()).bytes_per_pixel == bytes_per_pixel(network) + 4 * 3 + 4


@pytest.mark.skipif(not torch.cuda.is_available(), reason="There is no graphics processor with CUDA here.")
@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_a_cuda_graph_gives_what_its_kernels_give_one_by_one(network, windows, precision):
    backend = Backend("cuda:0", precision)
    execution = recorded_network(lower_precision(network, backend.dtype).to("cuda:0"), backend)
    given = windows(3).to("cuda:0", memory_format=backend.memory_format)
    first, *others = [execution.noise(given) for _ in range(4)]
    for other in others:
        torch.testing.assert_close(other, first, rtol=0, atol=0)
    assert execution.description == "recorded as CUDA graphs"
    assert execution.notes == ()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="There is no graphics processor with CUDA here.")
@pytest.mark.parametrize("batch_size", [1, 4])
def test_cuda_graphs_give_what_float32_gives(model, exact, rng, batch_size):
    volume = Volume(rng.normal(50, 30, (30, 64, 90)).astype(np.float32))
    expected = np.stack([section.noise for section in Denoiser(model, exact).sections(volume)])
    for device in available_devices():
        for precision in device.precisions if device.kind == "cuda" else ():
            denoiser = Denoiser(model, Backend.choose(device.name, precision), batch_size=batch_size)
            noise = np.stack([section.noise for section in denoiser.sections(volume)])
            assert np.abs(noise - expected).max() < (0.01 if precision == "fp32" else 2.0)
            recorded = "layer by layer" if precision == "fp32" else "recorded as CUDA graphs"
            assert denoiser.execution.description == recorded

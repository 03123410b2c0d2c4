"""How long a client waits for the first denoised section: from a worker to be started, and from one that is ready.

Cold is from the start of the process to the message that the section is in its file; warm is from the request of a
second job to that message. Both are held against the time that the network alone takes for a section, measured between
them in this process; every figure is the median over the rounds.

    python Testing/benchmarks/worker_start.py                # bundled model, sections of 1024²
    python Testing/benchmarks/worker_start.py --full --json  # full HR-CNN with random weights, figures as JSON
    python Testing/benchmarks/worker_start.py --first-ever   # as after the installation: nothing compiled nor measured
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer
from benchmarks.denoising_task import Task, add_model_options, backend_of, full_hrcnn, synthetic_volume, windows
from benchmarks.machine import ratio, seconds
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference.execution import execution_of
from CTDenoiseLib.models import ModelStore, StoredModel
from CTDenoiseLib.worker.client import WorkerClient
from CTDenoiseLib.worker.messages import Denoise
from support.tiny_model import save_tiny_model
from support.worker_bench import WorkerBench

FULL = "hrcnn-full-random"
SECTIONS = 3
# Where programs keep what they would else compile or measure anew.
CACHE_VARIABLES = ("NUMBA_CACHE_DIR", "CTDENOISE_CACHE")


@dataclass(frozen=True)
class Waits:
    """Seconds.

    Attributes:
        ready: From the start of the process until it takes requests.
        loaded: From the same moment until the model is on its device.
        cold: From the same moment until the first section is there.
        warm: From the request of another job until its first section is there.
    """

    ready: float
    loaded: float
    cold: float
    warm: float


class Stopwatch:
    """A worker, and the moments at which it said what it says once."""

    def __init__(self, bench: WorkerBench, load: Callable[[WorkerClient], None]) -> None:
        self._bench = bench
        self._load = load
        self.moments: dict[str, float] = {}
        bench.client.state_changed.connect(lambda state: self._note(state.value))
        bench.client.model_loaded.connect(lambda _: self._note("loaded"))

    def _note(self, what: str) -> None:
        self.moments.setdefault(what, time.perf_counter())

    def run(self, request: Denoise, name: str) -> None:
        """Have a job done, which begins with the model being asked for, as in the module."""
        failures: list[str] = []
        self._note(f"{name} start")
        self._load(self._bench.client)
        job = self._bench.client.denoise(request)
        job.section_done.connect(lambda _: self._note(name))
        job.failed.connect(failures.append)
        self._bench.finish(job)
        if failures:
            raise CTDenoiseError(failures[0])

    def between(self, start: str, end: str) -> float:
        """Seconds between two moments."""
        return self.moments[end] - self.moments[start]


def waits(model: StoredModel, task: Task, options: argparse.Namespace) -> Waits:
    """Start a worker, and have it do two jobs."""

    def load(client: WorkerClient) -> None:
        client.load_model(model.folder, model.card.name, options.backend, options.precision)

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        environment = dict.fromkeys(CACHE_VARIABLES, empty) if options.first_ever else {}
        with closing(WorkerBench(Path(folder), environment)) as bench:
            hu = np.rint(task.volume.hu).astype(np.int16)
            requests = {name: bench.request(hu, order=task.sections, modality="CT") for name in ("cold", "warm")}
            watch = Stopwatch(bench, load)
            for name, request in requests.items():
                watch.run(request, name)
    return Waits(
        ready=watch.between("cold start", "ready"),
        loaded=watch.between("cold start", "loaded"),
        cold=watch.between("cold start", "cold"),
        warm=watch.between("warm start", "warm"),
    )


def measure(model: StoredModel, options: argparse.Namespace) -> dict[str, object]:
    """Let the workers and the network alone take turns."""
    backend, context = backend_of(options), model.card.context
    volume = synthetic_volume(options.side, 2 * context + SECTIONS)
    sections = tuple(range(context, context + SECTIONS))
    task = Task(ModelStore(None, model.folder).load(model.card.name), backend, volume, sections)
    execution = execution_of(task.model.network, backend)
    window = windows(task)[:1].contiguous(memory_format=backend.memory_format)
    rounds: list[Waits] = []
    alone: list[float] = []
    with torch.inference_mode():
        execution.noise(window)
        for _ in range(options.rounds):
            rounds.append(waits(model, task, options))
            alone.append(seconds(lambda: execution.noise(window), backend.device))
    cold, warm = [each.cold for each in rounds], [each.warm for each in rounds]
    return {
        "network_alone_seconds": statistics.median(alone),
        "cold_seconds": statistics.median(cold),
        "cold_seconds_beyond_one_slice": statistics.median(a - b for a, b in zip(cold, alone, strict=True)),
        "cold_slice_times": ratio(cold, alone),
        "warm_seconds": statistics.median(warm),
        "warm_slice_times": ratio(warm, alone),
        "ready_seconds": statistics.median(each.ready for each in rounds),
        "model_loaded_seconds": statistics.median(each.loaded for each in rounds),
        "first_ever": options.first_ever,
        "model": model.card.name,
        "backend": asdict(backend) | {"device_name": backend.device_name, "execution": execution.description},
        "matrix": list(volume.shape[1:]),
        "rounds": options.rounds,
        "threads": torch.get_num_threads(),
        "versions": {"torch": torch.__version__},
    }


def figures(options: argparse.Namespace) -> dict[str, object]:
    """Measure the model that the options name."""
    store = ModelStore.default()
    if not options.full:
        return measure(store.model(options.model or store.default_model), options)
    with tempfile.TemporaryDirectory() as folder:
        save_tiny_model(Path(folder), name=FULL, network=full_hrcnn().network, weights_dtype="float16")
        return measure(ModelStore(None, Path(folder)).model(FULL), options)


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model_options(parser)
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of the sections")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first-ever", action="store_true", help="let each worker find its caches empty")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the measurement and print its figures."""
    options = arguments(given)
    return answer(lambda: figures(options), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())

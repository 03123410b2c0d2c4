"""Ways to compute the network that were tried, side by side with the one before this project had its own.

That is PyTorch's own, layer by layer, in the precision of the backend. It and each other way have a process of their
own, for some change what a process does ever after; the two take turns, round by round, and what is said of a time is
the median ratio. Deviations are from float32, over the voxels that are not left as they are.

    python Testing/benchmarks/alternatives.py                    # bundled model, simulated section of 1024²
    python Testing/benchmarks/alternatives.py --full --only ctdenoise OpenVINO
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import Figures, answer, markdown
from benchmarks.denoising_task import add_options, backend_of, model_of, noise_of, task_of, windows
from benchmarks.machine import ratio, seconds
from benchmarks.ways_to_compute import UNTIMED, WAYS, NotHereError, layer_by_layer

REFERENCE = "layer by layer"
_GIVEN, _EXACT, _COUNTED = "given.npy", "exact.npy", "counted.npy"


@dataclass(frozen=True)
class Bench:
    """What all processes are told.

    Attributes:
        folder: Holds scaled windows, exact noise in HU, and which voxels count.
        options: Say which model and backend.
        threads: Of PyTorch in each process.
    """

    folder: Path
    options: argparse.Namespace
    threads: int

    @classmethod
    def of(cls, folder: Path, options: argparse.Namespace) -> Bench:
        """Compute what is exact, and put all in the folder."""
        task = task_of(options)
        given = windows(task)
        low, high = task.model.card.hu_range
        hu = task.volume.hu[list(task.sections)]
        np.save(folder / _GIVEN, given.cpu().numpy())
        np.save(folder / _EXACT, noise_of(task.model.network.to(task.backend.device), task, given))
        np.save(folder / _COUNTED, (hu >= low) & (hu <= high))
        return cls(folder, options, torch.get_num_threads())

    def load(self, name: str) -> Tensor:
        """One of the arrays."""
        return torch.from_numpy(np.load(self.folder / name))


class Way:
    """One way to compute, in the process that it has to itself."""

    def __init__(self, name: str, bench: Bench) -> None:
        torch.set_num_threads(bench.threads)
        model, backend = model_of(bench.options), backend_of(bench.options)
        self._bench, self._device, self._scale_hu = bench, backend.device, model.card.scaling.scale_hu
        self._given = bench.load(_GIVEN).to(backend.device).contiguous(memory_format=backend.memory_format)
        make = layer_by_layer if name == REFERENCE else WAYS[name]
        self._compute = make(model.network, backend, self._given)

    def noise(self) -> Tensor:
        """Scaled noise of all sections."""
        # Not in `inference_mode`, whose tensors TorchScript and the compiler do not take.
        with torch.no_grad():
            return self._compute(self._given)

    def seconds(self) -> float:
        """Of one pass."""
        return seconds(self.noise, self._device)

    def deviation(self) -> dict[str, float]:
        """RMS and maximum in HU."""
        exact, counted = self._bench.load(_EXACT), self._bench.load(_COUNTED)
        noise = self.noise()[:, : exact.shape[1], : exact.shape[2]].cpu() * self._scale_hu
        difference = (noise - exact)[counted].double()
        return {
            "deviation_rms_hu": float(difference.square().mean().sqrt()),
            "deviation_max_hu": float(difference.abs().max()),
        }


_at_work: dict[str, Way] = {}
"""The way of this process."""


def prepare(name: str, bench: Bench) -> tuple[float, dict[str, float]]:
    """Make the way of this process; seconds until its first result was there, and its deviation."""
    start = time.perf_counter()
    way = _at_work[name] = Way(name, bench)
    way.noise()
    taken = time.perf_counter() - start
    return taken, way.deviation()


def one_pass(name: str) -> float:
    """Seconds of one pass of the way of this process."""
    return _at_work[name].seconds()


def own_process() -> ProcessPoolExecutor:
    """A fresh process."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def against_reference(name: str, bench: Bench, reference: ProcessPoolExecutor, rounds: int) -> dict[str, object]:
    """Figures of one way, which takes turns with the reference; why there are none if it is not to be had."""
    with own_process() as process:
        try:
            ready, deviation = process.submit(prepare, name, bench).result()
        except NotHereError as error:
            return {"left_out": str(error)}
        figures: dict[str, object] = {"seconds_to_get_ready": ready, **deviation}
        if name not in UNTIMED:
            theirs, own = [], []
            for _ in range(rounds):
                theirs.append(reference.submit(one_pass, REFERENCE).result())
                own.append(process.submit(one_pass, name).result())
            figures |= {"speedup": ratio(theirs, own), "seconds": statistics.median(own)}
        return figures


def compare(options: argparse.Namespace) -> dict[str, object]:
    """Go through the ways that were asked for."""
    backend = backend_of(options)
    with tempfile.TemporaryDirectory() as folder, own_process() as reference:
        bench = Bench.of(Path(folder), options)
        _, deviation = reference.submit(prepare, REFERENCE, bench).result()
        ways: dict[str, object] = {REFERENCE: {"speedup": 1.0, **deviation}}
        for name in options.only or WAYS:
            ways[name] = against_reference(name, bench, reference, options.rounds)
    return {
        "ways": ways,
        "model": model_of(options).card.name,
        "device_name": backend.device_name,
        "precision": backend.precision,
        "threads": bench.threads,
    }


def show(figures: Figures) -> None:
    """A table of Markdown."""
    print(f"{figures['model']}, {figures['device_name']}, {figures['precision']}, {figures['threads']} threads\n")
    ways: Any = figures["ways"]
    print(markdown(("way", "× layer by layer", "RMS, HU", "maximum, HU"), [_row(*way) for way in ways.items()]))


def _row(name: str, figures: Mapping[str, Any]) -> tuple[str, ...]:
    if "left_out" in figures:
        return name, figures["left_out"], "", ""
    speedup = f"{figures['speedup']:.2f}" if "speedup" in figures else "not timed"
    return name, speedup, f"{figures['deviation_rms_hu']:.2f}", f"{figures['deviation_max_hu']:.1f}"


def main(given: Sequence[str] | None = None) -> int:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=WAYS, help="some of the ways")
    options = parser.parse_args(given)
    return answer(lambda: compare(options), as_json=options.json, show=show)


if __name__ == "__main__":
    sys.exit(main())

"""Fits the cost model to measurements, and says how exact it is.

Networks of every kind and of several widths denoise sections of several sizes, each in a process of its own so that
none profits from the memory of another. The figures of the table are held against the model fitted to all of them
(residual), and against one fitted to all others (left out), which is how it does on what it has not seen. The last
lines belong into CTDenoiseLib/inference/reference_machine.py.

    python Testing/benchmarks/cost.py                      # all precisions of the processor, some minutes
    python Testing/benchmarks/cost.py --precision bf16 --json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import Figures, answer
from benchmarks.denoising_task import synthetic_volume
from benchmarks.machine import peak_memory, seconds
from CTDenoiseLib.inference import Backend, Denoiser, available_devices
from CTDenoiseLib.inference.calibration import probe_seconds
from CTDenoiseLib.inference.cost import Pace, expected
from CTDenoiseLib.inference.network_work import work_of
from CTDenoiseLib.inference.padding import padded_size
from CTDenoiseLib.inference.reference_machine import Coefficients
from CTDenoiseLib.models import Model, ModelStore, NetworkDescription
from CTDenoiseLib.networks import create
from CTDenoiseLib.volume import Volume

ALLOWED_DEVIATION = 0.25
SECTIONS = 3
TERMS = ("flop", "value", "pixel", "layer")


@dataclass(frozen=True)
class Case:
    """A network and the sections it denoises."""

    network: str
    configuration: dict[str, int]
    rows: int
    columns: int

    def __str__(self) -> str:
        settings = ", ".join(f"{name} {value}" for name, value in self.configuration.items())
        return f"{self.network}, {settings} | {self.rows} × {self.columns}"


CASES = (
    *(Case("hrcnn", {"context": 3, "width": width}, side, side) for width in (16, 32, 64) for side in (256, 512, 1024)),
    *(Case("hrcnn", {"context": context, "width": 32}, 512, 512) for context in (0, 1, 2)),
    Case("hrcnn", {"context": 3, "width": 32}, 500, 700),
    *(Case("unet", {"context": 0, "width": width}, side, side) for width in (16, 32, 64) for side in (256, 512)),
    Case("unet", {"context": 1, "width": 32}, 1024, 1024),
    *(Case("plain-cnn", {"context": 0, "filters": width}, side, side) for width in (16, 32, 64) for side in (256, 512)),
    Case("plain-cnn", {"context": 3, "filters": 64}, 1024, 1024),
)


@dataclass(frozen=True)
class Measurement:
    """What a case took.

    Attributes:
        seconds: For a section, the shortest of a few rounds.
        memory_bytes: Most of it at the first section, beyond volume and weights.
        foretold_bytes: What the cost model says of that.
    """

    seconds: float
    memory_bytes: int
    foretold_bytes: int


def measure(case: Case, backend: Backend, rounds: int) -> Measurement:
    """Denoise in this process."""
    description = NetworkDescription(name=case.network, configuration=case.configuration)
    network = create(case.network, case.configuration).eval()
    card = replace(ModelStore.default().cards()[0], network=description, context=network.context)
    denoiser = Denoiser(Model(card, network), backend)
    volume = synthetic_volume(max(case.rows, case.columns), SECTIONS)
    volume = Volume(np.ascontiguousarray(volume.hu[:, : case.rows, : case.columns]), volume.geometry)
    list(denoiser.sections(Volume(np.zeros((1, 64, 64), np.float32))))
    memory = peak_memory(lambda: next(denoiser.sections(volume)), backend.device)
    times = [seconds(lambda: list(denoiser.sections(volume)), backend.device) for _ in range(rounds)]
    foretold = expected(denoiser, shape=volume.shape, pace=Pace(1.0)).memory_bytes
    weights = work_of(description).parameters * backend.dtype.itemsize
    return Measurement(min(times) / SECTIONS, memory, foretold - weights)


def measure_apart(case: Case, backend: Backend, rounds: int) -> Measurement:
    """Denoise in a process of its own."""
    words = ["--backend", backend.device, "--precision", backend.precision, "--rounds", str(rounds)]
    command = [sys.executable, __file__, *words, "--case", json.dumps(asdict(case))]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Measurement(**json.loads(done.stdout))


def work_terms(case: Case) -> list[float]:
    """How much there is of each of `TERMS` in a section."""
    network = create(case.network, case.configuration)
    pixels = padded_size(case.rows, multiple=network.stride) * padded_size(case.columns, multiple=network.stride)
    work = work_of(NetworkDescription(name=case.network, configuration=case.configuration))
    return [work.flop * pixels, work.values * pixels, pixels, work.layers]


def fit(terms: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds for each term, none below 0, with the least squares of the relative errors."""
    relative = terms / times[:, None]
    sizes = relative.max(axis=0)
    found: NDArray[np.float64] = nnls(relative / sizes, np.ones(len(times)))[0]
    return found / sizes


def fit_precision(backend: Backend, cases: Sequence[Case], rounds: int) -> dict[str, Any]:
    """Measure all cases in one precision, and fit the model."""
    measured = []
    for case in cases:
        measured.append(measure_apart(case, backend, rounds))
        print(f"{backend.precision}, {case}: {measured[-1].seconds:.3g} s", file=sys.stderr)
    terms, times = np.array([work_terms(case) for case in cases]), np.array([one.seconds for one in measured])
    found = fit(terms, times)
    residuals = terms @ found / times - 1
    left_out = [
        terms[index] @ fit(np.delete(terms, index, axis=0), np.delete(times, index)) / times[index] - 1
        for index in range(len(cases))
    ]
    return {
        "coefficients": asdict(
            Coefficients(**dict(zip(TERMS, found.tolist(), strict=True)), probe=probe_seconds(backend))
        ),
        "cases": [
            asdict(case) | asdict(one) | {"residual": float(residual), "left_out": float(error)}
            for case, one, residual, error in zip(cases, measured, residuals, left_out, strict=True)
        ],
        "largest_residual": float(np.abs(residuals).max()),
        "largest_left_out": float(np.abs(left_out).max()),
        "within_allowed": bool(np.abs(residuals).max() <= ALLOWED_DEVIATION),
    }


def fit_all(options: argparse.Namespace) -> dict[str, Any]:
    """Fit the model to each precision."""
    device = next(device for device in available_devices() if device.name == Backend.choose(options.backend).device)
    wanted = device.precisions if options.precision == "auto" else (options.precision,)
    backends = [Backend.choose(device.name, precision) for precision in wanted]
    return {
        "device": device.description,
        "precisions": {
            backend.precision: fit_precision(backend, CASES[:: options.every], options.rounds) for backend in backends
        },
    }


def show(figures: Figures) -> None:
    """The table for the documentation, and the lines for the code."""
    precisions: Any = figures["precisions"]
    for precision, found in precisions.items():
        print(f"\n### {precision} on {figures['device']}\n")
        print("| network | matrix | s a section | residual | left out | memory, MB | foretold, MB |")
        print("|---|---|---|---|---|---|---|")
        for case in found["cases"]:
            name = Case(case["network"], case["configuration"], case["rows"], case["columns"])
            print(
                f"| {name} | {case['seconds']:.3g} | {case['residual']:+.0%} | {case['left_out']:+.0%} "
                f"| {case['memory_bytes'] / 1e6:.0f} | {case['foretold_bytes'] / 1e6:.0f} |"
            )
        verdict = "within" if found["within_allowed"] else "NOT within"
        print(
            f"\nLargest residual {found['largest_residual']:.0%}, {verdict} {ALLOWED_DEVIATION:.0%}; "
            f"largest deviation of a case that was left out {found['largest_left_out']:.0%}."
        )
    print()
    for precision, found in precisions.items():
        print(f'    "{precision}": {_as_code(found["coefficients"])},')


def _as_code(found: dict[str, float]) -> str:
    return f"Coefficients({', '.join(f'{name}={value:.3g}' for name, value in found.items())})"


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", default="cpu", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="all that the device does, or one of them")
    parser.add_argument("--rounds", type=int, default=3, help="the shortest of so many counts")
    parser.add_argument("--every", type=int, default=1, help="2 for every second case, and so on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--case", type=lambda text: Case(**json.loads(text)), help=argparse.SUPPRESS)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Fit the model, or measure the one case that a parent process asks for."""
    options = arguments(given)
    if options.case is None:
        return answer(lambda: fit_all(options), as_json=options.json, show=show)
    backend = Backend.choose(options.backend, options.precision)
    return answer(lambda: asdict(measure(options.case, backend, options.rounds)), as_json=True)


if __name__ == "__main__":
    sys.exit(main())

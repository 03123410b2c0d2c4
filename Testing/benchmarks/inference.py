"""How fast and how exact the denoiser is, beside MONAI's sliding window and plain eager float32 with the same weights.

All take turns, round by round, so that a machine that slows down slows all of them; every figure is the median over the
rounds. The denoiser's time holds all it does, from the HU of the source to those of the result; the others are only
asked for the noise of windows that are ready. They run with the defaults of PyTorch and MONAI, in float32 without TF32;
where the backend has half precision, also with channels last under autocast.

    python Testing/benchmarks/inference.py                 # bundled model, synthetic section of 1024²
    python Testing/benchmarks/inference.py --full --json   # full HR-CNN with random weights, figures as JSON
    python Testing/benchmarks/inference.py --full --backend cuda --slices 16 --batch-sizes 1 4 16
"""

from __future__ import annotations

import argparse
import copy
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import monai
import numpy as np
import torch
from monai.inferers import SlidingWindowInferer
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer
from benchmarks.denoising_task import (
    Noise,
    Task,
    add_options,
    flop_per_section,
    noise_of,
    task_of,
    windows,
)
from benchmarks.machine import matmul_peak, peak_memory, ratio, seconds
from benchmarks.multiplications import share_done
from CTDenoiseLib.inference import Denoiser


def competitors(task: Task, batch_sizes: Sequence[int] = ()) -> dict[str, Callable[[], Noise]]:
    """The ways to get the noise of all sections, shape (n, y, x) in HU."""
    network = task.model.network.to(task.backend.device)
    given = windows(task)
    inferer = SlidingWindowInferer(roi_size=(256, 256), overlap=0.25)
    ways = {"ctdenoise": denoised(task, None)}
    ways |= {f"ctdenoise_batch_{size}": denoised(task, size) for size in batch_sizes}
    ways |= {
        "monai": lambda: noise_of(lambda x: inferer(x, network), task, given),
        "eager_fp32": lambda: noise_of(network, task, given),
    }
    if task.backend.precision != "fp32":
        half = under_autocast(task)
        channels_last = given.contiguous(memory_format=torch.channels_last)
        ways |= {
            "monai_autocast": lambda: noise_of(lambda x: inferer(x, half), task, channels_last),
            "eager_autocast": lambda: noise_of(half, task, channels_last),
        }
    return ways


def denoised(task: Task, batch_size: int | None) -> Callable[[], Noise]:
    """The way of this project."""
    denoiser = Denoiser(task.model, task.backend, batch_size=batch_size)
    return lambda: np.stack([s.noise for s in denoiser.sections(task.volume, order=task.sections)])


def under_autocast(task: Task) -> Callable[[Tensor], Tensor]:
    """The network with channels last that computes what PyTorch's autocast has in half precision."""
    network = copy.deepcopy(task.model.network).to(task.backend.device, memory_format=torch.channels_last)
    kind = torch.device(task.backend.device).type

    def compute(given: Tensor) -> Tensor:
        with torch.autocast(kind, dtype=task.backend.dtype):
            noise: Tensor = network(given)
        return noise.float()

    return compute


def compare(task: Task, rounds: int, batch_sizes: Sequence[int] = ()) -> dict[str, object]:
    """Let them take turns and work out the figures."""
    ways = competitors(task, batch_sizes)
    noise: dict[str, Noise] = {name: work() for name, work in ways.items() if name != "ctdenoise"}
    memory = peak_memory(lambda: noise.update(ctdenoise=ways["ctdenoise"]()), task.backend.device)
    times: dict[str, list[float]] = {name: [] for name in ways}
    peaks: list[float] = []
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(seconds(work, task.backend.device) / len(task.sections))
        peaks.append(matmul_peak(task.backend))
    flop = flop_per_section(task)
    share = ratio([flop / duration for duration in times["ctdenoise"]], peaks)
    # Voxels that pass through unchanged have no noise by design, not by lack of precision.
    changed = noise["ctdenoise"] != 0
    deviations = {name: (noise[name] - noise["eager_fp32"])[changed] for name in ways}
    return {
        **{
            f"speedup_vs_{name}": ratio(others, times["ctdenoise"])
            for name, others in times.items()
            if not name.startswith("ctdenoise")
        },
        # Counted as the definition of the network has it, and by the multiplications that are done.
        "share_of_matmul_peak": share,
        "share_of_matmul_peak_done": share * share_done(task.model.network.cpu(), task.backend),
        "deviation_rms_hu": rms(deviations["ctdenoise"]),
        "deviation_max_hu": float(np.abs(deviations["ctdenoise"]).max()),
        "peak_memory_bytes": memory,
        "seconds_per_slice": {name: statistics.median(values) for name, values in times.items()},
        "slices_per_second": {name: 1 / statistics.median(values) for name, values in times.items()},
        "gflop_per_second": {name: flop / statistics.median(values) / 1e9 for name, values in times.items()},
        "matmul_peak_gflop_per_second": statistics.median(peaks) / 1e9,
        "gflop_per_slice": flop / 1e9,
        "deviation_rms_hu_of": {name: rms(deviation) for name, deviation in deviations.items()},
        "noise_sd_hu": float(noise["eager_fp32"][changed].std()),
    }


def rms(deviation: Noise) -> float:
    """Root of the mean square."""
    return float(np.sqrt(np.mean(deviation.astype(np.float64) ** 2)))


def circumstances(task: Task, rounds: int) -> dict[str, object]:
    """What a reader must know to compare the figures."""
    return {
        "model": task.model.card.name,
        "backend": asdict(task.backend) | {"device_name": task.backend.device_name},
        "matrix": list(task.volume.shape[1:]),
        "slices": len(task.sections),
        "rounds": rounds,
        "threads": torch.get_num_threads(),
        "versions": {"torch": torch.__version__, "monai": monai.__version__},
    }


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch-sizes", type=int, nargs="*", default=(), help="also with so many sections at once")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the comparison and print its figures."""
    options = arguments(given)

    def figures() -> dict[str, object]:
        task = task_of(options)
        return compare(task, options.rounds, options.batch_sizes) | circumstances(task, options.rounds)

    return answer(figures, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())

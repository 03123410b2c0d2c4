"""How fast training is and what it learns, beside a plain loop of MONAI and PyTorch with the same network and batch.

Both train on the same volumes with the same number of samples, and are then measured on the same whole sections, which
neither has seen. They take turns, each in a process of its own, so that a machine that slows down slows both and
neither sees the other's settings of PyTorch; ratios are medians over the rounds, each of which begins with other
weights. Times hold the whole training loop, but not the reading of the volumes, whose time is given apart.

    python Testing/benchmarks/training.py                          # HR-CNN of half width, drawn anatomy
    python Testing/benchmarks/training.py --width 64 --json        # full HR-CNN, figures as JSON
    python Testing/benchmarks/training.py --input FOLDER --backend cuda --samples 16000
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import monai
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import affine_transform
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import print_table
from benchmarks.denoising_task import read_input
from benchmarks.machine import matmul_peak, peak_memory, ratio
from benchmarks.training_ways import (
    ANATOMY,
    CONTEXT,
    HELD_OUT,
    NETWORK,
    NOISY,
    SCALE_HU,
    WAYS,
    Settings,
    Way,
    volumes,
)
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import write_volume
from support.thorax_phantom import scanner_noise, thorax

NOISE_HU, DRAWN = 40.0, (64, 512)


@dataclass(frozen=True)
class Run:
    """What one training came to.

    Attributes:
        seconds: Of the training loop.
        waited: Seconds of these in which the network waited for batches.
        loss: Mean squared error of the predicted noise on the sections held out, in HU².
        matmul_peak: FLOP/s of a large matrix product just after, in the precision of the backend.
    """

    seconds: float
    waited: float
    loss: float
    matmul_peak: float


@lru_cache
def way_of(name: str, settings: Settings) -> Way:
    """The way of that name in this process."""
    return WAYS[name](settings)


def first_steps(name: str, settings: Settings) -> tuple[int, float]:
    """Bytes that volumes and training take at most in this fresh process, and seconds to get the volumes ready."""
    opened = 0.0

    def work() -> None:
        nonlocal opened
        started = time.perf_counter()
        way = way_of(name, settings)
        opened = time.perf_counter() - started
        way.train(settings.network(0), samples=4 * settings.batch, seed=0)

    return peak_memory(work, settings.device), opened


def one_run(name: str, settings: Settings, seed: int) -> Run:
    """Train from the beginning, and measure."""
    network, seconds, waited = way_of(name, settings).train(settings.network(seed), samples=settings.samples, seed=seed)
    return Run(seconds, waited, held_out_loss(network, settings), matmul_peak(settings.backend))


def held_out_loss(network: DenoisingNetwork, settings: Settings) -> float:
    """Mean squared error of the predicted noise in HU², in float32, over the last sections with noise as it is."""
    anatomy, noise = volumes(settings.folder)
    network = network.eval().float()
    losses = []
    for section in range(len(anatomy) - HELD_OUT, len(anatomy)):
        window = np.clip(np.arange(section - CONTEXT, section + CONTEXT + 1), 0, len(anatomy) - 1)
        noisy = torch.from_numpy(anatomy[window] + noise[window])[None].to(settings.device)
        with torch.no_grad():
            predicted = network(noisy / SCALE_HU)[0, 0].cpu().numpy() * SCALE_HU
        losses.append(np.mean((predicted - noise[section]) ** 2, dtype=np.float64))
    return float(np.mean(losses))


def flop_per_sample(settings: Settings) -> float:
    """Floating-point operations of one patch, forward and backward, counted on tensors without data."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network = settings.network(0).train()
        network(torch.empty(settings.batch, 2 * CONTEXT + 1, settings.side, settings.side)).sum().backward()
    return counter.get_total_flops() / settings.batch


def compare(settings: Settings, rounds: int) -> dict[str, object]:
    """Let the two take turns and work out the figures."""
    with ExitStack() as stack:
        processes = {
            name: stack.enter_context(ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")))
            for name in WAYS
        }
        first = {name: process.submit(first_steps, name, settings).result() for name, process in processes.items()}
        runs: dict[str, list[Run]] = {name: [] for name in WAYS}
        for seed in range(rounds):
            for name, process in processes.items():
                runs[name].append(process.submit(one_run, name, settings, seed).result())
    ours, plain = runs.values()
    flop = flop_per_sample(settings) * settings.samples
    noise = volumes(settings.folder)[1][-HELD_OUT:]
    return {
        "speedup": ratio([run.seconds for run in plain], [run.seconds for run in ours]),
        "loss_ratio": ratio([run.loss for run in ours], [run.loss for run in plain]),
        "samples_per_second": {name: settings.samples / median(r.seconds for r in runs[name]) for name in WAYS},
        "loss_hu2": {name: median(run.loss for run in runs[name]) for name in WAYS},
        "loss_untrained_hu2": float(np.mean(noise.astype(np.float64) ** 2)),
        "share_of_time_for_data": {name: median(r.waited / r.seconds for r in runs[name]) for name in WAYS},
        "share_of_time_for_network": {name: median(1 - r.waited / r.seconds for r in runs[name]) for name in WAYS},
        "share_of_matmul_peak": ratio([flop / run.seconds for run in ours], [run.matmul_peak for run in ours]),
        "matmul_peak_gflop_per_second": median(run.matmul_peak for run in ours) / 1e9,
        "gflop_per_second": {name: flop / median(run.seconds for run in runs[name]) / 1e9 for name in WAYS},
        "gflop_per_sample": flop / settings.samples / 1e9,
        "peak_memory_bytes": {name: memory for name, (memory, _) in first.items()},
        "seconds_to_open": {name: seconds for name, (_, seconds) in first.items()},
        "runs": {name: [asdict(run) for run in runs[name]] for name in WAYS},
    }


def median(values: Iterable[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def circumstances(settings: Settings, rounds: int, shape: tuple[int, ...]) -> dict[str, object]:
    """What a reader must know to compare the figures."""
    backend, weights = settings.backend, sum(p.numel() for p in settings.network(0).parameters())
    return {
        "network": f"{NETWORK}, width {settings.width}, {weights / 1e6:.2f} million weights",
        "backend": {"device": backend.device, "precision": backend.precision, "device_name": backend.device_name},
        "patches": f"{settings.side}² with {2 * CONTEXT + 1} sections, {settings.batch} a step",
        "samples": settings.samples,
        "rounds": rounds,
        "volume": list(shape),
        "threads": torch.get_num_threads(),
        "plain_loader_processes": settings.workers,
        "versions": {"torch": torch.__version__, "monai": monai.__version__},
    }


def drawn_anatomy(sections: int, side: int) -> NDArray[np.float32]:
    """A thorax that grows from section to section, in HU, shape (sections, side, side)."""
    centre, section = (side - 1) / 2, thorax(side=side)
    sizes = np.linspace(0.7, 1.05, sections)
    return np.stack([affine_transform(section, [1 / s, 1 / s], centre - centre / s, cval=-1000.0) for s in sizes])


def write_volumes(folder: Path, given: Path | None, shape: tuple[int, int]) -> tuple[int, ...]:
    """Anatomy, drawn or that of a series, and the same with noise like that of filtered back-projection added."""
    rng = np.random.default_rng(0)
    hu = read_input(given).hu if given else drawn_anatomy(*shape)
    noise = scanner_noise(rng, sections=len(hu), side=max(hu.shape[1:]), sd=NOISE_HU)
    # Adjacent sections of a helical scan overlap.
    noise = (noise + 0.5 * np.roll(noise, 1, axis=0)) / np.sqrt(1.25)
    for name, values in ((ANATOMY, hu), (NOISY, hu + noise[:, : hu.shape[1], : hu.shape[2]])):
        volume = Volume(np.rint(values).astype(np.float32), Geometry(spacing=(1.0, 0.7, 0.7)))
        write_volume(volume, folder / name)
    return hu.shape


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", type=Path, help="folder with one DICOM series, or volume file; default is drawn")
    parser.add_argument("--width", type=int, default=32, help="channels of HR-CNN: 32 of the bundled model, 64 in full")
    parser.add_argument("--side", type=int, default=64, help="rows and columns of a patch")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--samples", type=int, default=1600, help="patches that each trains with in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", default="auto", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16; of ours, plain is fp32")
    parser.add_argument("--workers", type=int, help="processes of the plain DataLoader; 0 on a processor, else 4")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Run the comparison and print its figures."""
    options = arguments(given)
    try:
        with tempfile.TemporaryDirectory() as folder:
            backend = Backend.choose(options.backend, options.precision)
            settings = Settings(
                folder=Path(folder),
                width=options.width,
                side=options.side,
                batch=options.batch,
                samples=options.samples // options.batch * options.batch,
                device=backend.device,
                precision=backend.precision,
                workers=(0 if backend.device == "cpu" else 4) if options.workers is None else options.workers,
            )
            shape = write_volumes(settings.folder, options.input, DRAWN)
            figures = compare(settings, options.rounds) | circumstances(settings, options.rounds, shape)
    except CTDenoiseError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        print_table({name: value for name, value in figures.items() if name != "runs"})
    return 0


if __name__ == "__main__":
    sys.exit(main())

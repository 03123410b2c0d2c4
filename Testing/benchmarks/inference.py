"""How fast and how exact the denoiser is, beside MONAI's sliding window and plain eager float32 with the same weights.

The three take turns, round by round, so that a machine that slows down slows all of them; every figure is the median
over the rounds. The denoiser's time holds all it does, from the HU of the source to those of the result; the others are
only asked for the noise of windows that are ready. They run with the defaults of PyTorch and MONAI.

    python Testing/benchmarks/inference.py                 # bundled model, synthetic section of 1024²
    python Testing/benchmarks/inference.py --full --json   # full HR-CNN with random weights, figures as JSON
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import monai
import numpy as np
import psutil
import torch
from monai.inferers import SlidingWindowInferer
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.inference.padding import padded_size
from CTDenoiseLib.models import MadeFor, Model, ModelCard, ModelStore, NetworkDescription, Scaling, Training, Weights
from CTDenoiseLib.networks import HRCNN, create
from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from CTDenoiseLib.volume_files import read_volume

MATMUL_SIDE = {"cpu": 2048, "mps": 4096, "cuda": 8192}
Noise = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """What all competitors do: predict the noise of some sections of a volume with one model on one backend."""

    model: Model
    backend: Backend
    volume: Volume
    sections: tuple[int, ...]


def full_hrcnn() -> Model:
    """HR-CNN as in the paper with random weights: as fast as a trained one."""
    torch.manual_seed(0)
    network = HRCNN().eval()
    card = ModelCard(
        name="hrcnn-full-random",
        version="0",
        title="Full HR-CNN, random weights",
        description="For timing only.",
        licence="none",
        network=NetworkDescription(name=HRCNN.name, configuration=network.configuration),
        context=network.context,
        scaling=Scaling(offset_hu=0.0, scale_hu=500.0),
        hu_range=(-1024.0, 3071.0),
        made_for=MadeFor(
            modality="CT",
            kernels=(),
            pixel_spacing_mm=(0.1, 1.0),
            section_thickness_mm=(0.1, 5.0),
            noise_hu=(0.0, 200.0),
        ),
        training=Training(data=(), recipe={}, script="", duration_s=0.0, steps=0, hardware=""),
        metrics=(),
        limitations=("Not trained.",),
        weights=Weights(file="", sha256="", dtype="float32", parameters=sum(p.numel() for p in network.parameters())),
    )
    return Model(card=card, network=network)


def synthetic_volume(side: int, sections: int) -> Volume:
    """Sections like those of ultra-high-resolution CT: a body with bone, vessels and lung, and sharp noise of 60 HU."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    body = np.where((x / 0.9) ** 2 + (y / 0.65) ** 2 < 1, 50.0, -1000.0)
    for sign in (-1, 1):
        body[((x - sign * 0.4) / 0.3) ** 2 + (y / 0.45) ** 2 < 1] = -850
    body[(x / 0.12) ** 2 + ((y - 0.4) / 0.12) ** 2 < 1] = 700
    for center in rng.uniform(-0.5, 0.5, (60, 2)):
        body[(x - center[0]) ** 2 + (y - center[1]) ** 2 < rng.uniform(0.005, 0.03) ** 2] = 250
    noise = rng.standard_normal((sections, side, side))
    noise -= 0.7 * gaussian_filter(noise, (0, 2, 2))
    hu = gaussian_filter(body, 0.7) + 60 / noise.std() * noise
    return Volume(hu.astype(np.float32), Geometry(spacing=(0.2, 0.15, 0.15)), Acquisition(modality="CT"))


def read_input(path: Path) -> Volume:
    """A volume file, or the one series in a folder."""
    return read_series(choose_series(find_series(path), None)) if path.is_dir() else read_volume(path)


def windows(task: Task) -> Tensor:
    """What a network is given, scaled, float32, shape (n, channels, y, x), sides padded to multiples of its stride."""
    card, stride = task.model.card, task.model.network.stride
    last = task.volume.shape[0] - 1
    neighbours = np.arange(-card.context, card.context + 1)
    hu = np.stack([task.volume.hu[np.clip(index + neighbours, 0, last)] for index in task.sections])
    rows, columns = hu.shape[2:]
    hu = np.pad(hu, ((0, 0), (0, 0), (0, -rows % stride), (0, -columns % stride)), mode="reflect")
    scaled = (hu.clip(*card.hu_range) - card.scaling.offset_hu) / card.scaling.scale_hu
    return torch.from_numpy(scaled.astype(np.float32)).to(task.backend.device)


def noise_of(network: Callable[[Tensor], Tensor], task: Task, given: Tensor) -> Noise:
    """Noise in HU that a network predicts, section by section."""
    rows, columns = task.volume.shape[1:]
    with torch.no_grad():
        noise = [network(given[index : index + 1])[0, 0, :rows, :columns] for index in range(len(given))]
    return torch.stack(noise).cpu().numpy() * np.float32(task.model.card.scaling.scale_hu)


def competitors(task: Task) -> dict[str, Callable[[], Noise]]:
    """The three ways to get the noise of all sections, shape (n, y, x) in HU."""
    network = task.model.network.to(task.backend.device)
    given = windows(task)
    inferer = SlidingWindowInferer(roi_size=(256, 256), overlap=0.25)
    denoiser = Denoiser(task.model, task.backend)
    return {
        "ctdenoise": lambda: np.stack([s.noise for s in denoiser.sections(task.volume, order=task.sections)]),
        "monai": lambda: noise_of(lambda x: inferer(x, network), task, given),
        "eager_fp32": lambda: noise_of(network, task, given),
    }


def seconds(work: Callable[[], object], device: str) -> float:
    """How long some work takes, until the device is idle again."""
    start = time.perf_counter()
    work()
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter() - start


def matmul_peak(backend: Backend) -> float:
    """Best FLOP/s of a large matrix product in the backend's precision, of three."""
    side = MATMUL_SIDE[backend.device.partition(":")[0]]
    a, b = (torch.randn(side, side, device=backend.device).to(backend.dtype) for _ in range(2))
    return 2 * side**3 / min(seconds(lambda: a @ b, backend.device) for _ in range(3))


def flop_per_section(task: Task) -> int:
    """Floating-point operations that the network takes for one section, counted on tensors without data."""
    card, stride = task.model.card, task.model.network.stride
    sides = (padded_size(side, multiple=stride) for side in task.volume.shape[1:])
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network = create(card.network.name, card.network.configuration).eval()
        network(torch.empty(1, 2 * card.context + 1, *sides))
    return int(counter.get_total_flops())


def peak_memory(work: Callable[[], object], device: str) -> int:
    """Bytes that some work takes at most, beyond what was in use before; on the device where it is a CUDA one."""
    if device.startswith("cuda"):
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        work()
        return int(torch.cuda.max_memory_allocated(device)) - before
    process, done = psutil.Process(), threading.Event()
    before = peak = process.memory_info().rss

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return int(peak - before)


def compare(task: Task, rounds: int) -> dict[str, object]:
    """Let the three take turns and work out the figures."""
    ways = competitors(task)
    noise = {"ctdenoise": np.zeros(0, np.float32)} | {
        name: work() for name, work in ways.items() if name != "ctdenoise"
    }
    memory = peak_memory(lambda: noise.update(ctdenoise=ways["ctdenoise"]()), task.backend.device)
    times: dict[str, list[float]] = {name: [] for name in ways}
    peaks: list[float] = []
    for _ in range(rounds):
        for name, work in ways.items():
            times[name].append(seconds(work, task.backend.device) / len(task.sections))
        peaks.append(matmul_peak(task.backend))
    flop = flop_per_section(task)
    speeds = [flop / duration for duration in times["ctdenoise"]]
    # Voxels that pass through unchanged have no noise by design, not by lack of precision.
    changed = noise["ctdenoise"] != 0
    deviation = (noise["ctdenoise"] - noise["eager_fp32"])[changed]
    return {
        "speedup_vs_monai": ratio(times["monai"], times["ctdenoise"]),
        "speedup_vs_eager_fp32": ratio(times["eager_fp32"], times["ctdenoise"]),
        "share_of_matmul_peak": ratio(speeds, peaks),
        "deviation_rms_hu": float(np.sqrt(np.mean(deviation.astype(np.float64) ** 2))),
        "deviation_max_hu": float(np.abs(deviation).max()),
        "peak_memory_bytes": memory,
        "slices_per_second": {name: 1 / statistics.median(values) for name, values in times.items()},
        "gflop_per_second": {name: flop / statistics.median(values) / 1e9 for name, values in times.items()},
        "matmul_peak_gflop_per_second": statistics.median(peaks) / 1e9,
        "gflop_per_slice": flop / 1e9,
        "noise_sd_hu": float(noise["eager_fp32"][changed].std()),
    }


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Median of the ratios round by round."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


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


def print_table(figures: dict[str, object]) -> None:
    """The figures for a reader, one a line."""
    for name, value in figures.items():
        if isinstance(value, dict):
            text = ", ".join(
                f"{key} {entry:.4g}" if isinstance(entry, float) else f"{key} {entry}" for key, entry in value.items()
            )
        else:
            text = f"{value:.4g}" if isinstance(value, float) else str(value)
        print(f"{name.replace('_', ' '):30}{text}")


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", help="a model of the store; default is the bundled one")
    which.add_argument("--full", action="store_true", help="full HR-CNN of 13.2 million random weights")
    parser.add_argument("--input", type=Path, help="folder with one DICOM series, or volume file; default is synthetic")
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of the synthetic sections")
    parser.add_argument("--slices", type=int, default=1, help="sections that each competitor denoises in a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--backend", default="auto", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(given)


def task_of(options: argparse.Namespace) -> Task:
    """What the options ask for: sections spread evenly over the volume."""
    store = ModelStore.default()
    model = full_hrcnn() if options.full else store.load(options.model or store.default_model)
    volume = read_input(options.input) if options.input else synthetic_volume(options.side, options.slices + 6)
    places = np.linspace(0, volume.shape[0] - 1, options.slices + 2)[1:-1].round().astype(int)
    sections = tuple(dict.fromkeys(int(place) for place in places))
    return Task(model, Backend.choose(options.backend, options.precision), volume, sections)


def main(given: Sequence[str] | None = None) -> int:
    """Run the comparison and print its figures."""
    options = arguments(given)
    try:
        task = task_of(options)
        figures = compare(task, options.rounds) | circumstances(task, options.rounds)
    except CTDenoiseError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        print_table(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())

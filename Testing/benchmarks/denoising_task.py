"""What the benchmarks of inference work on: a model, a backend, and sections of a real or of a simulated exam."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.inference.padding import padded_size
from CTDenoiseLib.models import MadeFor, Model, ModelCard, ModelStore, NetworkDescription, Scaling, Training, Weights
from CTDenoiseLib.networks import HRCNN, create
from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from CTDenoiseLib.volume_files import read_volume

Noise = NDArray[np.float32]


@dataclass(frozen=True)
class Task:
    """What all competitors do: predict the noise of some sections of a volume with one model on one backend."""

    model: Model
    backend: Backend
    volume: Volume
    sections: tuple[int, ...]


def add_options(parser: argparse.ArgumentParser, *, slices: int = 1) -> None:
    """The options that say what a task is; `slices` is how many it has unless told."""
    add_model_options(parser)
    parser.add_argument("--input", type=Path, help="folder with one DICOM series, or volume file; default is synthetic")
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of the synthetic sections")
    parser.add_argument("--slices", type=int, default=slices, help="sections to denoise, spread over the volume")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """The options that say with what to denoise, and `--json`."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--model", help="a model of the store; default is the bundled one")
    which.add_argument("--full", action="store_true", help="full HR-CNN of 13.2 million random weights")
    parser.add_argument("--backend", default="auto", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def task_of(options: argparse.Namespace) -> Task:
    """What the options ask for: sections spread evenly over the volume."""
    model, backend = model_of(options), backend_of(options)
    volume = read_input(options.input) if options.input else synthetic_volume(options.side, options.slices + 6)
    places = np.linspace(0, volume.shape[0] - 1, options.slices + 2)[1:-1].round().astype(int)
    sections = tuple(dict.fromkeys(int(place) for place in places))
    return Task(model, backend, volume, sections)


def model_of(options: argparse.Namespace) -> Model:
    """The model that the options name."""
    store = ModelStore.default()
    return full_hrcnn() if options.full else store.load(options.model or store.default_model)


def backend_of(options: argparse.Namespace) -> Backend:
    """The backend that the options name."""
    return Backend.choose(options.backend, options.precision)


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
    with torch.no_grad(), _without_tf32():
        noise = [network(given[index : index + 1])[0, 0, :rows, :columns] for index in range(len(given))]
    return torch.stack(noise).float().cpu().numpy() * np.float32(task.model.card.scaling.scale_hu)


@contextmanager
def _without_tf32() -> Iterator[None]:
    """Float32 is what it says on graphics processors too, where cuDNN would else round it to the mantissa of fp16."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def flop_per_section(task: Task) -> int:
    """Floating-point operations that the network takes for one section by its definition, counted without data."""
    card, stride = task.model.card, task.model.network.stride
    sides = (padded_size(side, multiple=stride) for side in task.volume.shape[1:])
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        network = create(card.network.name, card.network.configuration).eval()
        network(torch.empty(1, 2 * card.context + 1, *sides))
    return int(counter.get_total_flops())

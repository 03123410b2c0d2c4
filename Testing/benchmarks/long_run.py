"""Memory and speed of runs over many sections, which are made on the fly and thrown away when they are denoised.

Nothing of input and output is held, so what the process takes is what a run takes over input and output; that it does
not grow with the number of sections shows when two numbers are compared. Each run has a process of its own.

    python Testing/benchmarks/long_run.py                                       # 50 and 500 sections of 1024²
    python Testing/benchmarks/long_run.py --full --backend cuda --sections 2010
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer
from benchmarks.denoising_task import add_model_options, backend_of, model_of, synthetic_volume
from benchmarks.machine import highest_resident, seconds
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import Model
from CTDenoiseLib.volume import Acquisition

_DIFFERENT = 8


class PassingVolume:
    """As many sections as wanted: a few that come again and again, so that they cost neither time nor memory."""

    has_padding = False

    def __init__(self, *, sections: int, side: int) -> None:
        volume = synthetic_volume(side, _DIFFERENT)
        self._hu = volume.hu
        self.acquisition: Acquisition = volume.acquisition
        self.shape = (sections, side, side)

    def section(self, index: int) -> NDArray[np.float32]:
        section: NDArray[np.float32] = self._hu[index % _DIFFERENT]
        return section

    def is_there(self, index: int) -> bool:
        return True

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        return np.zeros(self.shape[1:], np.bool_)


@dataclass(frozen=True)
class LongRun:
    """What one run took.

    Attributes:
        sections: How many there were.
        seconds: From the first to the last of them.
        first_seconds: Until the first was there, the network loaded before.
        process_peak_bytes: Most memory of the process, Python and all libraries included.
        over_libraries_bytes: The same beyond what it had when libraries, model and a few sections of input were loaded.
        device_peak_bytes: Most memory of the graphics processor, 0 without one.
        batch_size: Sections at once.
        tiles: Tiles of a section.
    """

    sections: int
    seconds: float
    first_seconds: float
    process_peak_bytes: int
    over_libraries_bytes: int
    device_peak_bytes: int
    batch_size: int
    tiles: int


def long_run(model: Model, backend: Backend, *, sections: int, side: int) -> LongRun:
    """Denoise so many sections in this process, and forget each at once."""
    volume = PassingVolume(sections=sections, side=side)
    devices = [part.device for part in backend.parts if part.device.startswith("cuda")]
    for device in devices:
        torch.cuda.reset_peak_memory_stats(device)
    before = psutil.Process().memory_info().rss
    run = Denoiser(model, backend).sections(volume)
    first = seconds(lambda: next(run), backend.device)
    rest = seconds(lambda: [None for _ in run], backend.device)
    peak, statistics = highest_resident(), run.statistics
    return LongRun(
        sections=statistics.sections,
        seconds=first + rest,
        first_seconds=first,
        process_peak_bytes=peak,
        over_libraries_bytes=peak - before,
        device_peak_bytes=max(map(torch.cuda.max_memory_allocated, devices), default=0),
        batch_size=statistics.batch_size,
        tiles=statistics.tiles,
    )


def in_own_process(options: argparse.Namespace, sections: int) -> LongRun:
    """One run in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(in_this_process, options, sections).result()


def in_this_process(options: argparse.Namespace, sections: int) -> LongRun:
    """One run as the options ask for it."""
    return long_run(model_of(options), backend_of(options), sections=sections, side=options.side)


def compare(options: argparse.Namespace) -> dict[str, object]:
    """A run for each number of sections."""
    backend = backend_of(options)
    model = model_of(options).card.name
    runs = [in_own_process(options, sections) for sections in options.sections]
    return {
        **{f"{run.sections}_sections": asdict(run) for run in runs},
        "most_process_peak_bytes": max(run.process_peak_bytes for run in runs),
        "sections_per_second": runs[-1].sections / runs[-1].seconds,
        "model": model,
        "matrix": [options.side, options.side],
        "device_name": backend.device_name,
        "precision": backend.precision,
    }


def main(given: Sequence[str] | None = None) -> int:
    """Do the runs and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_model_options(parser)
    parser.add_argument("--sections", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--side", type=int, default=1024, help="rows and columns")
    options = parser.parse_args(given)
    return answer(lambda: compare(options), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())

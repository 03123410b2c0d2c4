"""Where the time of a section goes: what all threads are looked at doing, or what a graphics processor was given to do.

On a processor the lines of source at which the threads are found are counted, many times a second, whichever way the
network is computed; a thread that waits for work is not counted. Figures are seconds of a core for each section, so
that with two threads they add up to twice the time at most. On a graphics processor they are those of its kernels.

    python Testing/benchmarks/where_time_goes.py --slices 20
    python Testing/benchmarks/where_time_goes.py --full --backend cuda
"""

from __future__ import annotations

import argparse
import linecache
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import torch
from torch.profiler import ProfilerActivity, profile

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import Figures, answer, markdown
from benchmarks.denoising_task import add_options, task_of
from benchmarks.machine import seconds
from CTDenoiseLib.inference import Denoiser

_LOOK_SECONDS = 0.001
_SHOWN = 20
_WAITING = {"threading.py", "thread.py", "queue.py"}


class Place(NamedTuple):
    """A line of source at which a thread was found.

    Attributes:
        where: File, and class and function.
        line: Its text.
    """

    where: str
    line: str


class Lookout(threading.Thread):
    """Looks at all other threads again and again.

    Attributes:
        seen: How often a thread was at a place.
        looks: How often it looked.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: Counter[Place] = Counter()
        self.looks = 0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(_LOOK_SECONDS):
            self.looks += 1
            for thread, frame in sys._current_frames().items():
                if thread != self.ident and Path(frame.f_code.co_filename).name not in _WAITING:
                    self.seen[_place(frame)] += 1

    def stop(self) -> None:
        """End it."""
        self._done.set()
        self.join()


def _place(frame: FrameType) -> Place:
    file = frame.f_code.co_filename
    line = linecache.getline(file, frame.f_lineno).strip()
    # Of a nameless function within another one, such as a comprehension, that one is told.
    while frame.f_code.co_name.startswith("<") and frame.f_back is not None:
        frame = frame.f_back
    owner, function = frame.f_locals.get("self"), frame.f_code.co_name
    return Place(f"{Path(file).name}: {function if owner is None else f'{type(owner).__name__}.{function}'}", line)


def of_threads(work: Callable[[], object]) -> tuple[float, dict[Place, float]]:
    """Seconds of some work, and of these at each place, added up over the threads, the most first."""
    before = sys.getswitchinterval()
    # So that the look-out need not wait long for the interpreter's lock.
    sys.setswitchinterval(_LOOK_SECONDS)
    lookout = Lookout()
    lookout.start()
    start = time.perf_counter()
    try:
        work()
    finally:
        taken = time.perf_counter() - start
        lookout.stop()
        sys.setswitchinterval(before)
    looks = max(1, lookout.looks)
    return taken, {place: taken * count / looks for place, count in lookout.seen.most_common()}


def of_device(work: Callable[[], object], device: str) -> tuple[float, dict[Place, float]]:
    """Seconds of some work, and of these in each kernel of the graphics processor, the most first."""
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
        taken = seconds(work, device)
    kernels = {Place("kernel", event.key): event.self_device_time_total / 1e6 for event in profiler.key_averages()}
    return taken, dict(sorted(kernels.items(), key=lambda kernel: -kernel[1]))


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Denoise the sections of the task once to warm up, and then look."""
    task = task_of(options)
    denoiser, device = Denoiser(task.model, task.backend), task.backend.device

    def work() -> None:
        for _ in denoiser.sections(task.volume, order=task.sections):
            pass

    work()
    taken, places = of_device(work, device) if device.startswith("cuda") else of_threads(work)
    sections = len(task.sections)
    return {
        "seconds_per_section": taken / sections,
        "places": [
            {"where": place.where, "line": place.line, "seconds_per_section": time / sections}
            for place, time in places.items()
        ],
        "model": task.model.card.name,
        "device_name": task.backend.device_name,
        "precision": task.backend.precision,
        "matrix": list(task.volume.shape[1:]),
        "threads": torch.get_num_threads(),
    }


def show(figures: Figures) -> None:
    """A table of Markdown."""
    print(
        f"{figures['model']}, {figures['matrix']}, {figures['device_name']}, {figures['precision']}, "
        f"{figures['threads']} threads, {figures['seconds_per_section']:.3f} s a section\n"
    )
    places = figures["places"]
    total = sum(place["seconds_per_section"] for place in places)
    print(
        markdown(
            ("where", "line", "s a section", "share"),
            [
                (
                    place["where"],
                    f"`{place['line']}`",
                    f"{place['seconds_per_section']:.4f}",
                    f"{place['seconds_per_section'] / total:.1%}",
                )
                for place in places[:_SHOWN]
            ],
        )
    )


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser, slices=10)
    options = parser.parse_args(given)
    return answer(lambda: measure(options), as_json=options.json, show=show)


if __name__ == "__main__":
    sys.exit(main())

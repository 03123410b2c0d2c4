"""How the module keeps up with its user: the real panel and worker, and views drawn as Slicer draws them, off screen.

    python Testing/benchmarks/module.py                           # all of it, about ten minutes on two processors
    python Testing/benchmarks/module.py --only strength           # gaps, first, strength or memory
    python Testing/benchmarks/module.py --only memory --exam 300  # an exam of 300 sections of 1024²
    python Testing/benchmarks/module.py --only gaps --side 512    # one matrix instead of 512² and 1024²

Each measurement starts a Slicer of its own. Times depend on what else the machine does: its load is printed beside
them, and for a gap also how much of it the user interface spent computing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.first_slice import FirstSlice, first_slice
from benchmarks.heartbeat import Gaps, Heartbeat
from benchmarks.module_bench import FAST_MODEL, ModuleBench, module_bench, spin
from benchmarks.process_memory import Memory, MemoryPeak, free_disk

BUNDLED_MODEL = "hrcnn-small"
EXAM_SIDE = 1024
MOVES = 50
SCROLL_SECONDS = 0.1


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    figures: str
    target: str = ""


def gaps(side: int, model: str) -> Iterator[Line]:
    """The longest time for which the event loop does nothing else, while a run is on and the views are watched."""
    with module_bench() as bench:
        bench.load(sections=400, side=side)
        bench.open(model)
        case = f"gap, {model}, {side}²"
        bench.choose(3)
        yield Line(f"{case}: opening the comparison", gaps_text(beats(bench, bench.run)))
        bench.choose(enough_sections(bench))
        yield Line(f"{case}: views at rest", gaps_text(beats(bench, bench.run)), "50 ms")
        with bench.scrolling(SCROLL_SECONDS):
            yield Line(f"{case}: scrolling, no run", gaps_text(beats(bench, lambda: spin(seconds=5.0))))
            yield Line(f"{case}: scrolling", gaps_text(beats(bench, bench.run)), "50 ms")


def beats(bench: ModuleBench, work: Callable[[], object]) -> Gaps:
    """Gaps of the event loop while something is done."""
    heartbeat = Heartbeat(lambda: bench.views.seconds_drawn)
    heartbeat.start()
    work()
    return heartbeat.stop()


def enough_sections(bench: ModuleBench) -> int:
    """Sections that take about ten seconds."""
    (run,) = bench.runs[-1:]
    return max(3, min(300, round(10 / run.seconds_per_section)))


def gaps_text(found: Gaps) -> str:
    longest, beside = found.longest, found.longest_beside_drawing
    return (
        f"longest {ms(longest.seconds)} ({ms(longest.own_seconds)} computing), over 50 ms {found.too_long}; "
        f"without drawing the views {ms(beside.beside_drawing)}, over 50 ms {found.too_long_beside_drawing}"
    )


def first(side: int, model: str, rounds: int) -> Iterator[Line]:
    """From the click to the first denoised slice on screen."""
    with module_bench() as bench:
        bench.load(sections=40, side=side)
        bench.open(model)
        bench.denoise(3)
        warm = [first_slice(bench, sections=3) for _ in range(rounds)]
        cold = [first_slice(bench, sections=3, cold=True) for _ in range(rounds)]
        case = f"first slice, {model}, {side}²"
        ratios = [each.on_screen / each.section for each in warm]
        yield Line(
            f"{case}: warm",
            f"{statistics.median(ratios):.2f} slice times (highest {max(ratios):.2f}); " + first_text(warm),
            "1.2 slice times",
        )
        more = [each.on_screen - statistics.median(each.on_screen for each in warm) for each in cold]
        yield Line(f"{case}: cold", f"{statistics.median(more):.2f} s more (highest {max(more):.2f} s)", "6 s more")


def first_text(runs: Sequence[FirstSlice]) -> str:
    on_screen, section, alone = (
        statistics.median(getattr(run, name) for run in runs) for name in ("on_screen", "section", "first_section")
    )
    return f"on screen after {ms(on_screen)}; a section takes the worker {ms(section)}, the first one {ms(alone)}"


def strength() -> Iterator[Line]:
    """A step of the strength slider: the sections on screen computed, and their views drawn."""
    with module_bench() as bench:
        bench.load(sections=9, side=EXAM_SIDE)
        bench.open(FAST_MODEL)
        bench.denoise()
        computing, slicing, painting = [], [], []
        with bench.dragging_strength() as move:
            for percent in range(MOVES, 2 * MOVES):
                start = time.perf_counter()
                move(percent)
                computing.append(time.perf_counter() - start)
                drawn = bench.views.draw()
                slicing.append(sum(drawing.slicing_seconds for drawing in drawn))
                painting.append(sum(drawing.painting_seconds for drawing in drawn))
        total = [sum(parts) for parts in zip(computing, slicing, painting, strict=True)]
        case = f"strength, {EXAM_SIDE}², {len(bench.views)} views"
        yield Line(f"{case}: in all", times_text(total), "16 ms")
        yield Line(f"{case}: new strength", times_text(computing))
        yield Line(f"{case}: slicing and colours", times_text(slicing))
        yield Line(f"{case}: painting", f"{times_text(painting)} by {bench.views.renderer}")


def times_text(seconds: Sequence[float]) -> str:
    return f"median {ms(statistics.median(seconds))}, highest {ms(max(seconds))}"


def memory(sections: int) -> Iterator[Line]:
    """Memory of the process with the windows beyond that of the volumes, at its highest during a run over an exam."""
    with module_bench() as bench:
        before = Memory.now()
        bench.open(FAST_MODEL)
        bench.load(sections=sections, side=EXAM_SIDE)
        bench.user.wait_until_ready()
        spin(seconds=1.0)
        voxels = sections * EXAM_SIDE**2 * 2
        loaded = Memory.now().without_private(voxels)
        free = free_disk()
        watch = MemoryPeak()
        bench.denoise(3)  # opens the comparison
        bench.choose(None)
        start = time.perf_counter()
        found = beats(bench, bench.run)
        seconds = time.perf_counter() - start
        peak = watch.stop().without_private(voxels)
        case = f"memory, {sections} × {EXAM_SIDE}²"
        yield Line(f"{case}: Slicer alone", memory_text(before))
        yield Line(f"{case}: panel and exam, without its voxels", memory_text(loaded - before))
        yield Line(f"{case}: at most in the run, likewise", memory_text(peak - before), "300 MB private")
        taken = f"{(free - watch.least_free_disk) / 2**30:.1f} GiB of {free / 2**30:.1f} GiB free"
        yield Line(f"{case}: room on the disk", taken)
        yield Line(f"{case}: the run took {seconds:.0f} s, gap", gaps_text(found), "50 ms")


def memory_text(value: Memory) -> str:
    return f"private {value.private / 1e6:.0f} MB, with pages of files {value.resident / 1e6:.0f} MB"


def ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("gaps", "first", "strength", "memory"), help="one of the measurements")
    parser.add_argument("--side", type=int, help="rows and columns for gaps and first; default is 512 and 1024")
    parser.add_argument("--model", help=f"for gaps and first; default is {BUNDLED_MODEL}, for gaps also {FAST_MODEL}")
    parser.add_argument("--rounds", type=int, default=5, help="of each first slice")
    parser.add_argument("--exam", type=int, default=2010, help="sections of the exam for the memory")
    return parser.parse_args(given)


def measurements(options: argparse.Namespace) -> Iterator[Iterator[Line]]:
    """What is to be measured."""
    sides = (options.side,) if options.side else (512, 1024)
    models = (options.model,) if options.model else (FAST_MODEL, BUNDLED_MODEL)
    wanted = {options.only} if options.only else {"memory", "strength", "first", "gaps"}
    if "memory" in wanted:
        yield memory(options.exam)
    if "strength" in wanted:
        yield strength()
    for side in sides:
        if "first" in wanted:
            yield first(side, models[-1], options.rounds)
        if "gaps" in wanted:
            for model in models:
                yield gaps(side, model)


def main(given: Sequence[str] | None = None) -> int:
    """Measure, and print a line for each figure."""
    for measurement in measurements(arguments(given)):
        for line in measurement:
            target = f"  [target {line.target}]" if line.target else ""
            print(f"{line.what:62}{line.figures}{target}  (load {psutil.getloadavg()[0]:.1f})", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

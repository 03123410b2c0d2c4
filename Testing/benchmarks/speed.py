"""All figures of speed of this machine as one table in Markdown, beside what is to be reached; one command.

    python Testing/benchmarks/speed.py --series FOLDER        # FOLDER: a real CT series; left out without it
    python Testing/benchmarks/speed.py --quick                # a first impression

It takes about half an hour on two cores, and some minutes on a graphics processor, with up to 20 GB of disk for a
simulated exam there (`--scratch` says where).
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer, markdown
from benchmarks.denoising_task import backend_of
from benchmarks.other_benchmark import NoFiguresError, Result, figures_of

GB = 1e9
EXAM = 2010
SIDE = 1024
MODELS = {"bundled model": (), "full HR-CNN": ("--full",)}


@dataclass(frozen=True)
class Line:
    """One figure.

    Attributes:
        what: Is measured.
        figure: In words.
        target: In words, empty if there is none.
        reached: Whether the target is reached; `None` if there is none.
    """

    what: str
    figure: str
    target: str = ""
    reached: bool | None = None

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """For a table."""
        return self.what, self.figure, self.target, {None: "", True: "yes", False: "**no**"}[self.reached]


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        device: By name.
        precision: By name.
        series: Folder with a real CT series, `None` to leave out what needs one.
        scratch: Folder for simulated exams, `None` for that of temporary files.
        quick: Whether few rounds and sections will do.
    """

    device: str
    precision: str
    series: Path | None
    scratch: Path | None
    quick: bool

    @property
    def on_processor(self) -> bool:
        return self.device == "cpu"

    def run(self, script: str, *options: object) -> Result:
        """Figures of another benchmark on the same backend."""
        return figures_of(script, "--backend", self.device, "--precision", self.precision, *options)

    def lines(self) -> Iterator[Line]:
        """Measure everything, the quickest first."""
        parts: list[Callable[[], Iterator[Line]]] = [self._deviation, self._comparison]
        parts += [self._start]
        parts += [self._memory] if self.on_processor else [self._many_sections, self._simulated_exam]
        parts += [] if self.series is None else [self._deviation_of_series, self._series]
        for part in parts:
            try:
                yield from part()
            except NoFiguresError as error:
                yield Line(part.__name__.strip("_").replace("_", " "), f"not measured: {error}")

    def _comparison(self) -> Iterator[Line]:
        rounds = 1 if self.quick else 3
        more = () if self.on_processor else ("--slices", 16, "--batch-sizes", 1, 4, 16)
        for name, options in MODELS.items():
            found = self.run("inference.py", *options, "--side", SIDE, "--rounds", rounds, *more)
            monai, eager, share = (
                found[key] for key in ("speedup_vs_monai", "speedup_vs_eager_fp32", "share_of_matmul_peak")
            )
            targets = (6.0, 3.0, 0.75) if self.on_processor else (None, None, 0.5)
            yield _at_least(f"{name}: × MONAI sliding window", monai, targets[0])
            yield _at_least(f"{name}: × eager float32", eager, targets[1])
            for other in ("monai", "eager"):
                speedup = found.get(f"speedup_vs_{other}_autocast")
                if speedup is not None:
                    yield _at_least(f"{name}: × {other} under autocast, channels last", speedup, None)
            peak = f"of the {found['matmul_peak_gflop_per_second']:.0f} GFLOP/s of a matrix product"
            yield _at_least(f"{name}: share {peak}, counted as direct convolution", share, targets[2])
            yield Line(
                f"{name}: the same, counted by multiplications done", f"{found['share_of_matmul_peak_done']:.2f}"
            )
            for way, seconds in found["seconds_per_slice"].items():
                yield Line(f"{name}: a section of {SIDE}², {way.replace('_', ' ')}", f"{seconds:.4g} s")
            yield Line(f"{name}: memory for {found['slices']} sections", f"{found['peak_memory_bytes'] / GB:.2f} GB")

    def _deviation(self) -> Iterator[Line]:
        found = self.run("deviation.py", "--side", SIDE, "--slices", 1 if self.quick else 3)
        yield from _deviations("simulated sections of ultra-high resolution", found)

    def _deviation_of_series(self) -> Iterator[Line]:
        found = self.run("deviation.py", "--input", self.series, *(("--slices", 5) if self.quick else ("--all",)))
        yield from _deviations(f"real series, {found['sections']} sections", found)

    def _start(self) -> Iterator[Line]:
        for name, options in MODELS.items():
            found = self.run("worker_start.py", *options, "--side", SIDE, "--rounds", 1 if self.quick else 5)
            beyond = found["cold_seconds_beyond_one_slice"]
            yield _at_most(f"{name}: cold start to first section, beyond the section", beyond, 6.0, "s")
            yield _at_most(f"{name}: warm worker to first section", found["warm_slice_times"], 1.2, "sections")

    def _memory(self) -> Iterator[Line]:
        numbers = (5, 20) if self.quick else (50, 500)
        for name, options in MODELS.items():
            found = self.run("long_run.py", *options, "--side", SIDE, "--sections", *numbers)
            for number in numbers:
                run = found[f"{number}_sections"]
                yield _at_most(
                    f"{name}: memory over input and output, {number} sections of {SIDE}²",
                    run["process_peak_bytes"] / GB,
                    1.5,
                    "GB",
                    f" for the whole process, {run['over_libraries_bytes'] / GB:.2f} GB of them not libraries",
                )

    def _many_sections(self) -> Iterator[Line]:
        number = EXAM // 10 if self.quick else EXAM
        for name, options in MODELS.items():
            run = self.run("long_run.py", *options, "--side", SIDE, "--sections", number)[f"{number}_sections"]
            memory = f" ({run['device_peak_bytes'] / GB:.1f} GB of the device, {run['batch_size']} sections at once)"
            target = 10.0 * number / EXAM
            yield _at_most(f"{name}: {number} sections of {SIDE}² computed", run["seconds"], target, "s", memory)

    def _simulated_exam(self) -> Iterator[Line]:
        number = EXAM // 10 if self.quick else EXAM
        place = () if self.scratch is None else ("--scratch", self.scratch)
        for stored in ("none", "jpeg-ls"):
            found = self.run("exam.py", "--simulate", number, "--side", SIDE, "--stored", stored, "--rounds", 1, *place)
            kind = "uncompressed" if stored == "none" else "JPEG-LS"
            what = f"DICOM exam of {number} sections of {SIDE}², {kind}, in and out"
            yield _at_most(what, found["seconds"], 45.0 * number / EXAM, "s", _outside(found))

    def _series(self) -> Iterator[Line]:
        found = self.run("exam.py", self.series, "--rounds", 1 if self.quick else 3)
        yield _at_most(
            f"`ctdenoise run` on {found['series']}: share of the time outside the network",
            100 * found["share_outside_network"],
            10.0,
            "%",
            f" of {found['seconds']:.1f} s",
        )
        yield Line("the same: sections a second, and memory", f"{found['slices_per_second']:.2f}, {_memory_of(found)}")


def _at_least(what: str, value: float, target: float | None) -> Line:
    return (
        Line(what, f"{value:.2f}") if target is None else Line(what, f"{value:.2f}", f"≥ {target:g}", value >= target)
    )


def _at_most(what: str, value: float, target: float, unit: str, more: str = "") -> Line:
    return Line(what, f"{value:.2f} {unit}{more}", f"≤ {target:g} {unit}", value <= target)


def _deviations(what: str, found: Result) -> Iterator[Line]:
    yield _at_most(f"{what}: deviation from float32, RMS", found["deviation_rms_hu"], 0.5, "HU")
    yield _at_most(f"{what}: deviation from float32, maximum", found["deviation_max_hu"], 4.0, "HU")


def _outside(found: Result) -> str:
    return f", {100 * found['share_outside_network']:.0f} % of it outside the network; {_memory_of(found)}"


def _memory_of(found: Result) -> str:
    return f"{found['peak_memory_bytes'] / GB:.2f} GB in all"


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Measure everything on this machine."""
    backend = backend_of(options)
    plan = Plan(backend.device, backend.precision, options.series, options.scratch, options.quick)
    return {
        "device_name": backend.device_name,
        "precision": backend.precision,
        "machine": (
            f"{platform.system()} {platform.machine()}, {torch.get_num_threads()} threads, "
            f"{psutil.virtual_memory().total / GB:.0f} GB, Python {platform.python_version()}, "
            f"PyTorch {torch.__version__}"
        ),
        "lines": [line.cells for line in plan.lines()],
    }


def show(figures: Result) -> None:
    """A heading and a table of Markdown."""
    print(f"**{figures['device_name']}**, {figures['precision']} ({figures['machine']})\n")
    print(markdown(("", "measured", "to reach", "reached"), figures["lines"]))


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--series", type=Path, help="folder with a real CT series")
    parser.add_argument("--scratch", type=Path, help="folder for a simulated exam; default is for temporary files")
    parser.add_argument("--backend", default="auto", help="auto, cuda:N, mps or cpu")
    parser.add_argument("--precision", default="auto", help="auto, fp32, bf16 or fp16")
    parser.add_argument("--quick", action="store_true", help="few rounds and sections")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(given)
    return answer(lambda: measure(options), as_json=options.json, show=show)


if __name__ == "__main__":
    sys.exit(main())

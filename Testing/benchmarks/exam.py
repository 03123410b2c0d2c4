"""From DICOM to DICOM: `ctdenoise run` on an exam in a process of its own, and how much of it is spent in the network.

The whole is from the start of the program to its end, so that it holds starting Python, loading libraries and model,
reading, measuring and writing. The first round on a machine compiles kernels and reads from a cold disk; with several
rounds the medians hold neither.

    python Testing/benchmarks/exam.py FOLDER                                    # one DICOM series
    python Testing/benchmarks/exam.py --simulate 2010 --side 1024 --stored jpeg-ls
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.answer import answer
from benchmarks.denoising_task import add_model_options, full_hrcnn
from benchmarks.simulated_exam import write_exam
from CTDenoiseLib.errors import CTDenoiseError
from support.tiny_model import save_tiny_model

TRANSFER_SYNTAXES = {"none": ExplicitVRLittleEndian, "jpeg-ls": JPEGLSLossless}
_PROGRAM = (sys.executable, "-c", "import sys; from CTDenoiseLib.cli import main; sys.exit(main())")
_FULL = "hrcnn-full-random"
_LOOK_SECONDS = 0.05


class ExamError(CTDenoiseError):
    """The run did not end well."""


@dataclass(frozen=True)
class ExamRun:
    """One run.

    Attributes:
        seconds: From the start of the program to its end.
        network_seconds: Of these it waited for the network.
        sections: How many were denoised.
        peak_bytes: Most memory of the process and those it started, looked at twenty times a second.
    """

    seconds: float
    network_seconds: float
    sections: int
    peak_bytes: int

    @property
    def share_outside(self) -> float:
        """Share of the time in which it did not wait for the network."""
        return 1 - self.network_seconds / self.seconds


def run_exam(
    source: Path, output: Path, options: Sequence[str] = (), *, models: Path | None = None
) -> tuple[ExamRun, dict[str, Any]]:
    """Denoise a folder into another one.

    Args:
        source: With one DICOM series.
        output: New.
        options: More of the command line.
        models: Folder of the user's models, where not the usual one.

    Returns:
        What it took, and what the program said.

    Raises:
        ExamError: The program said what was wrong.
    """
    environment = os.environ | ({} if models is None else {"CTDENOISE_MODELS": str(models)})
    command = [*_PROGRAM, "run", str(source), str(output), "--json", *options]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        start = time.perf_counter()
        process = psutil.Popen(command, stdout=said, env=environment)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process))
            try:
                process.wait(_LOOK_SECONDS)
            except psutil.TimeoutExpired:
                continue
        seconds = time.perf_counter() - start
        said.seek(0)
        content: dict[str, Any] = json.loads(said.read() or '{"error": "The program ended without a word."}')
    if "error" in content:
        raise ExamError(content["error"])
    return ExamRun(seconds, content["network_seconds"], content["sections"], peak), content


def _resident(process: psutil.Process) -> int:
    try:
        return sum(int(each.memory_info().rss) for each in (process, *process.children(recursive=True)))
    except psutil.NoSuchProcess:
        return 0


def measure(options: argparse.Namespace) -> dict[str, object]:
    """Do the rounds in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=options.scratch) as place:
        source = options.folder or Path(place) / "exam"
        if options.folder is None:
            syntax = TRANSFER_SYNTAXES[options.stored]
            write_exam(source, sections=options.simulate, side=options.side, transfer_syntax=syntax)
        models = Path(place) / "models" if options.full else None
        if models is not None:
            save_tiny_model(models, name=_FULL, network=full_hrcnn().network, weights_dtype="float16")
        runs = []
        for _ in range(options.rounds):
            output = Path(place) / "denoised"
            run, content = run_exam(source, output, _program_options(options), models=models)
            shutil.rmtree(output)
            runs.append(run)
    return {
        "seconds": statistics.median(run.seconds for run in runs),
        "network_seconds": statistics.median(run.network_seconds for run in runs),
        "share_outside_network": statistics.median(run.share_outside for run in runs),
        "slices_per_second": statistics.median(run.sections / run.seconds for run in runs),
        "peak_memory_bytes": max(run.peak_bytes for run in runs),
        "sections": runs[0].sections,
        "runs": [asdict(run) for run in runs],
        "series": None if options.folder is None else content["source"]["label"],
        "model": content["model"]["name"],
        "device_name": content["device_name"],
        "precision": content["precision"],
        "compression": options.compression,
    }


def _program_options(options: argparse.Namespace) -> list[str]:
    given = ["--backend", options.backend, "--precision", options.precision, "--compression", options.compression]
    model = _FULL if options.full else options.model
    return given if model is None else [*given, "--model", model]


def main(given: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("folder", type=Path, nargs="?", help="with one DICOM series")
    source.add_argument("--simulate", type=int, help="so many simulated sections instead")
    parser.add_argument("--side", type=int, default=1024, help="rows and columns of simulated sections")
    parser.add_argument("--stored", choices=TRANSFER_SYNTAXES, default="none", help="compression of simulated sections")
    add_model_options(parser)
    parser.add_argument("--compression", default="none", help="of what is written: none, jpeg-ls or jpeg2000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="folder on the disk to write to; default is for temporary files")
    options = parser.parse_args(given)
    return answer(lambda: measure(options), as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())

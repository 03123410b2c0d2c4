"""Run an experiment to its result, and write that down."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from CTDenoiseLib import __version__
from CTDenoiseLib.atomic import file_in_the_making

from ..runs.lock import locked
from .experiment import Experiment, ExperimentResult
from .markdown import result_page
from .workbench import ExperimentError, Workbench, write_json

RESULT_FILE, PAGE_FILE = "result.json", "result.md"
_LOCK_FILE = ".in-use"


def run_experiment(experiment: Experiment, bench: Workbench) -> ExperimentResult:
    """Run what is not done yet, and write result.json, result.md and the figures.

    The seconds that are recorded are those of this start; stages that were found finished took theirs before.

    Raises:
        ExperimentError: Somebody runs it in the same folder, or a file cannot be read or written.
        CTDenoiseError: It cannot be done, or the disk does not take it; finished stages stay.
    """
    try:
        with locked(bench.folder / _LOCK_FILE) as mine:
            if not mine:
                raise ExperimentError(f"“{bench.folder}” is in use by another start of the experiment; wait for it.")
            return _run(experiment, bench)
    except OSError as error:
        raise ExperimentError(
            f"The experiment in “{bench.folder}” cannot go on ({error}); put that right and start it again: what is "
            "finished stays."
        ) from error


def result_files(folder: Path) -> tuple[Path, ...]:
    """Where the result lies."""
    return folder / RESULT_FILE, folder / PAGE_FILE


def _run(experiment: Experiment, bench: Workbench) -> ExperimentResult:
    started = time.monotonic()
    result = experiment.run(bench)
    seconds = time.monotonic() - started
    write_json(bench.folder / RESULT_FILE, _record(experiment, bench, result, seconds))
    with file_in_the_making(bench.folder / PAGE_FILE, overwrite=True) as making:
        making.write_text(result_page(experiment, bench.scale, result), encoding="utf-8")
    return result


def _record(experiment: Experiment, bench: Workbench, result: ExperimentResult, seconds: float) -> dict[str, Any]:
    return {
        "experiment": experiment.name,
        "title": experiment.title,
        "paper": experiment.paper,
        "scale": bench.scale.value,
        "ctdenoise": __version__,
        "device": bench.backend.device_name,
        "precision": bench.backend.precision,
        "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds_of_this_start": round(seconds),
        **result.content(),
        "research_use_only": True,
    }

"""Runs on the disk that can be gone on with, such as after Slicer was closed or crashed. Needs neither scene nor torch.

The folder of runs is looked at with packages that Slicer does not bring along; they are imported when they are needed.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError

from .training_data import FACTS_SUFFIX

if TYPE_CHECKING:
    from CTDenoiseTrainLib.recipe.content import Recipe
    from CTDenoiseTrainLib.runs.run_state import RunState

_YOUNGEST_LEFTOVER_SECONDS = 24 * 3600.0


def new_run_folder(name: str, parent: Path | None = None) -> Path:
    """A folder for a new run, not made yet.

    Args:
        name: Of the model to be.
        parent: Where runs lie; the user's folder of runs by default.
    """
    from CTDenoiseTrainLib.runs.run_folder import default_parent, free_folder

    return free_folder(parent or default_parent(), name)


def resumable_runs(parent: Path | None = None) -> tuple[RunState, ...]:
    """Runs that have begun, are not complete and nobody is at, the latest first.

    Args:
        parent: Where runs lie; the user's folder of runs by default.
    """
    from CTDenoiseTrainLib.runs.run_folder import default_parent, runs_in

    return tuple(run for run in runs_in(parent or default_parent()) if run.resumable)


def remove_leftovers(parent: Path | None = None) -> None:
    """Delete copies of volumes that no training was begun with, such as of a Slicer that crashed before.

    Only what a session has copied, and no younger than a day: another Slicer may be about to begin.

    Args:
        parent: Where runs lie; the user's folder of runs by default.
    """
    from CTDenoiseTrainLib.runs.run_folder import RunFolder, default_parent, discard, runs_in

    for state in runs_in(parent or default_parent()):
        run = RunFolder(state.folder)
        with suppress(CTDenoiseError, OSError):
            if state.running or run.begun or not any(run.data.glob(f"*{FACTS_SUFFIX}")):
                continue
            if time.time() - run.recipe_file.stat().st_mtime > _YOUNGEST_LEFTOVER_SECONDS:
                discard(run)


def run_state(folder: Path) -> RunState | None:
    """The run in a folder; `None` if there is none. Reads files, but no tensors."""
    from CTDenoiseTrainLib.runs.run_folder import RunFolder

    run = RunFolder(folder)
    return run.state() if run.exists else None


def recipe_of_run(folder: Path) -> Recipe:
    """What a run is trained by.

    Raises:
        RecipeError: The recipe is missing or not valid.
    """
    from CTDenoiseTrainLib.runs.run_folder import RunFolder

    return RunFolder(folder).recipe()


def discard_run(folder: Path) -> None:
    """Delete a run, with everything in it; nothing happens if there is none. A model that it was kept as stays.

    Raises:
        RunError: The folder holds something else, somebody trains in it, or the system does not allow it.
        WriteFailedError: Nothing can be written there.
    """
    from CTDenoiseTrainLib.runs.run_folder import RunFolder, discard

    run = RunFolder(folder)
    if run.exists:
        discard(run)

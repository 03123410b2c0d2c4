"""What there is to go on from in a run folder, and what must go before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from ..errors import CheckpointError
from .checkpoint_record import checkpoint_folders
from .checkpoints import Checkpoint, last_checkpoint
from .run_folder import HALF_WRITTEN, RunError, RunFolder
from .run_result import RunResult


def find_checkpoint(run: RunFolder, *, resume: bool, on_note: Callable[[str], object]) -> Checkpoint | None:
    """The checkpoint that a training begins from.

    Args:
        run: The run.
        resume: Whether to go on from a checkpoint, if there is one.
        on_note: Told of damaged checkpoints, which are removed, and if there is none yet.

    Returns:
        `None` to begin from the start.

    Raises:
        RunError: There are checkpoints, and they are not to be used.
        CheckpointError: All checkpoints are damaged.
    """
    if run.begun and not resume:
        raise RunError(f"There is a training in {run.path} already; resume it, or begin another run.")
    if run.begun:
        checkpoint = last_checkpoint(run.checkpoints, on_note=on_note)
        _remove_later(run.checkpoints, checkpoint)
        return checkpoint
    if resume:
        on_note("There is no checkpoint yet to go on from; training begins from the start.")
    return None


def _remove_later(parent: Path, checkpoint: Checkpoint) -> None:
    """Remove damaged checkpoints: among the two that are kept, one would stand for a good one."""
    for folder in checkpoint_folders(parent):
        if folder.name > checkpoint.folder.name:
            shutil.rmtree(folder, ignore_errors=True)


def complete_result(run: RunFolder) -> RunResult | None:
    """The result of a run, if nothing is left to do and its weights are unharmed."""
    try:
        result = RunResult.read(run.result)
        result.weights(run.result)
    except CheckpointError:
        return None
    return result if result.complete else None


def clear_unfinished(run: RunFolder) -> None:
    """Remove what a process that was killed has left half-written. Only for who uses the run."""
    for folder in (run.path, run.checkpoints, run.preview, run.look):
        for left in folder.glob(f"{HALF_WRITTEN}*"):
            shutil.rmtree(left, ignore_errors=True)
    shutil.rmtree(run.cache, ignore_errors=True)

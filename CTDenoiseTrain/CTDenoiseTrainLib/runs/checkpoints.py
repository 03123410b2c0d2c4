"""Checkpoints: written whole or not at all, seen to be unharmed when they are read, the last two kept."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch

from CTDenoiseLib.atomic import folder_in_the_making

from ..errors import CheckpointError
from ..training.state import TrainerState
from .checkpoint_record import STATE_FILE, TENSORS_FILE, CheckpointRecord, checkpoint_folders

# Each holds the weights of the best epoch too; the one before the last is there in case the last is damaged.
_KEPT = 2


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint that has been read.

    Attributes:
        state: From which the trainer goes on.
        facts: What must be the same for that; see `conditions`.
        folder: Where it lies.
    """

    state: TrainerState
    facts: Mapping[str, Any]
    folder: Path


def write_checkpoint(parent: Path, state: TrainerState, *, facts: Mapping[str, Any]) -> Path:
    """Write a checkpoint beside the older ones, of which all but the last one then vanish.

    Args:
        parent: Folder of the checkpoints.
        state: Of the trainer.
        facts: See `Checkpoint`.

    Returns:
        Its folder.

    Raises:
        WriteFailedError: The disk does not take it; the older ones are as they were.
    """
    older = checkpoint_folders(parent)
    folder = parent / f"{int(older[-1].name) + 1 if older else 1:08d}"
    content = safetensors.torch.save(state.tensors)
    record = CheckpointRecord(
        epoch=epochs_done(state),
        best_epoch=state.best_epoch,
        content=state.content,
        facts=facts,
        tensors_sha256=hashlib.sha256(content).hexdigest(),
        tensors_bytes=len(content),
    )
    with folder_in_the_making(folder) as making:
        _write(making / TENSORS_FILE, content)
        _write(making / STATE_FILE, record.to_json().encode())
    for old in older[: 1 - _KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def epochs_done(state: TrainerState) -> int:
    """Epochs that are over and validated."""
    return state.history[-1].epoch if state.history else 0


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        CheckpointError: It is missing or damaged.
    """
    record = CheckpointRecord.read(folder)
    try:
        content = (folder / TENSORS_FILE).read_bytes()
        if hashlib.sha256(content).hexdigest() != record.tensors_sha256:
            raise CheckpointError(f"The checkpoint {folder} is damaged: its tensors were altered.")
        tensors = safetensors.torch.load(content)
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"The checkpoint {folder} is damaged: its tensors cannot be read ({error}).") from error
    return Checkpoint(TrainerState(tensors, dict(record.content)), record.facts, folder)


def last_checkpoint(parent: Path, *, on_note: Callable[[str], object]) -> Checkpoint:
    """The last checkpoint that is not damaged.

    Args:
        parent: Folder of the checkpoints.
        on_note: Told of damaged ones.

    Raises:
        CheckpointError: There is none.
    """
    folders = checkpoint_folders(parent)
    if not folders:
        raise CheckpointError(f"There is no checkpoint in {parent} to go on from; begin the training anew.")
    reasons = []
    for folder in reversed(folders):
        try:
            checkpoint = read_checkpoint(folder)
        except CheckpointError as error:
            reasons.append(str(error))
            continue
        for reason in reasons:
            on_note(f"{reason} Training goes on from the one before, {folder.name}.")
        return checkpoint
    raise CheckpointError(f"{reasons[0]} No older one can be read either; begin a new run with the same recipe.")


def _write(path: Path, content: bytes) -> None:
    """Write a file that is on the disk, not only on its way there, when this returns: power may fail."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

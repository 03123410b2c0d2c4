"""A run as a line in a list: whose model, how far, and whether it can go on. Needs no torch and reads no tensors."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import CheckpointError, RecipeError
from .checkpoint_record import STATE_FILE, CheckpointRecord, checkpoint_folders
from .run_result import RunResult

if TYPE_CHECKING:
    from .run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class RunState:
    """A run as a line in a list.

    Attributes:
        folder: Its folder.
        name: Of the model to be; that of the folder if the recipe cannot be read.
        title: Of the model to be; may be empty.
        source: Source of pairs, see `recipe.content.Source`; empty if the recipe cannot be read.
        epochs_done: By the last checkpoint.
        epochs: In all, by the recipe.
        best_epoch: By the last checkpoint; 0 if none was better than the start.
        complete: Whether nothing is left to do.
        has_result: Whether there are weights that can be kept.
        kept_as: Name of the model it was kept as; `None` if it was not kept.
        running: Whether somebody trains in it now.
        last_checkpoint_time: Seconds since 1970; `None` without a checkpoint.
        damage: Why it can be neither begun nor resumed, in a sentence; `None` if it can.
    """

    folder: Path
    name: str
    title: str = ""
    source: str = ""
    epochs_done: int = 0
    epochs: int = 0
    best_epoch: int = 0
    complete: bool = False
    has_result: bool = False
    kept_as: str | None = None
    running: bool = False
    last_checkpoint_time: float | None = None
    damage: str | None = None

    @property
    def resumable(self) -> bool:
        """Whether training can go on: begun, not complete, not damaged and nobody at it."""
        begun = self.last_checkpoint_time is not None
        return begun and not self.complete and not self.running and self.damage is None


def read_state(run: RunFolder) -> RunState:
    """Look at a run. Raises nothing: what is wrong with it is its `damage`."""
    state = RunState(folder=run.path, name=run.path.name, kept_as=_kept_as(run.kept_file), running=run.running)
    try:
        recipe = run.recipe()
    except RecipeError as error:
        return replace(state, damage=str(error))
    state = replace(
        state, name=recipe.name, title=recipe.title, source=recipe.data.source, epochs=recipe.training.epochs
    )
    return _with_checkpoint(_with_result(state, run.result), run.checkpoints)


def _kept_as(file: Path) -> str | None:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _with_result(state: RunState, folder: Path) -> RunState:
    try:
        return replace(state, complete=RunResult.read(folder).complete, has_result=True)
    except CheckpointError:
        return state


def _with_checkpoint(state: RunState, parent: Path) -> RunState:
    damage = None
    try:
        folders = checkpoint_folders(parent)
    except CheckpointError as error:
        return replace(state, damage=str(error))
    for folder in reversed(folders):
        try:
            record = CheckpointRecord.read(folder)
            written = (folder / STATE_FILE).stat().st_mtime
        except (CheckpointError, OSError) as error:
            damage = damage or str(error)
            continue
        return replace(state, epochs_done=record.epoch, best_epoch=record.best_epoch, last_checkpoint_time=written)
    return replace(state, damage=damage)

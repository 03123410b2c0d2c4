"""The folder of a run: one model in training, with its recipe, checkpoints, logs and result. Needs no torch."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from ..errors import TrainingError
from ..recipe.content import Recipe
from ..recipe.toml_file import read_recipe, write_recipe
from .checkpoint_record import checkpoint_folders
from .lock import is_locked, locked
from .recipe_places import move_recipe
from .run_state import RunState, read_state

RUNS_VARIABLE = "CTDENOISE_RUNS"
# Somebody who lists runs holds the lock of each for an instant; a training that begins just then tries again.
_LOCK_TRIES, _LOCK_WAIT_S = 10, 0.1
# All that a run may hold; a folder with anything else in it is not ours to write in or to delete.
_OWN = {
    *("recipe.toml", "data", "look", "cache", "checkpoints", "log.csv", "tensorboard", "preview", "result"),
    *("kept.json", ".lock", ".DS_Store", "Thumbs.db", "desktop.ini"),
}
HALF_WRITTEN = ".ctdenoise-"


class RunError(TrainingError):
    """A folder cannot be used as a run, or a run cannot be begun, resumed, kept or discarded now."""


@dataclass(frozen=True)
class RunFolder:
    """A run and where its files lie.

    Attributes:
        path: The folder.
    """

    path: Path

    @property
    def recipe_file(self) -> Path:
        """The recipe; what it names lies in the run folder or has an absolute path."""
        return self.path / "recipe.toml"

    @property
    def data(self) -> Path:
        """Images that were copied here so that the run is complete; there only if somebody did."""
        return self.path / "data"

    @property
    def look(self) -> Path:
        """Volumes of a look at the data before training, for the views."""
        return self.path / "look"

    @property
    def cache(self) -> Path:
        """Images beyond the memory budget, memory-mapped; of no use after training."""
        return self.path / "cache"

    @property
    def checkpoints(self) -> Path:
        """A folder for each checkpoint, numbered."""
        return self.path / "checkpoints"

    @property
    def log_file(self) -> Path:
        """Table of all epochs, CSV."""
        return self.path / "log.csv"

    @property
    def tensorboard(self) -> Path:
        """Logs for TensorBoard."""
        return self.path / "tensorboard"

    @property
    def preview(self) -> Path:
        """Whole validation sections as the network makes them now, for the views."""
        return self.path / "preview"

    @property
    def result(self) -> Path:
        """The best weights and their figures; there once training has ended, by itself or by a stop."""
        return self.path / "result"

    @property
    def kept_file(self) -> Path:
        """Name of the model that the run was kept as; there once it was."""
        return self.path / "kept.json"

    @property
    def lock_file(self) -> Path:
        """Locked while somebody trains here."""
        return self.path / ".lock"

    @property
    def exists(self) -> bool:
        """Whether this is a run, as far as one may look: a folder with a recipe."""
        try:
            return self.recipe_file.is_file()
        except OSError:
            return False

    @property
    def begun(self) -> bool:
        """Whether there is a checkpoint, damaged or not.

        Raises:
            CheckpointError: The system does not let us look.
        """
        return bool(checkpoint_folders(self.checkpoints))

    @property
    def running(self) -> bool:
        """Whether somebody trains here now."""
        return is_locked(self.lock_file)

    def recipe(self) -> Recipe:
        """The recipe.

        Raises:
            RecipeError: It is missing or not valid.
        """
        return read_recipe(self.recipe_file)

    def state(self) -> RunState:
        """The run as a line in a list. Reads no tensors; raises nothing."""
        return read_state(self)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep other processes from training here inside the block.

        Raises:
            RunError: The folder is no run, or somebody trains here already.
            WriteFailedError: Nothing can be written here.
        """
        if not self.exists:
            raise RunError(f"{self.path} is no run: it holds no recipe.toml; begin a run there first.")
        for _ in range(_LOCK_TRIES):
            with locked(self.lock_file) as mine:
                if mine:
                    yield
                    return
            time.sleep(_LOCK_WAIT_S)
        raise RunError(f"Somebody trains in {self.path} already; wait until that ends, or begin another run.")


def default_parent() -> Path:
    """Where runs lie unless somebody says otherwise; the environment variable CTDENOISE_RUNS can name it."""
    chosen = os.environ.get(RUNS_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_data_path("CTDenoise", appauthor=False) / "Runs"


def free_folder(parent: Path, name: str) -> Path:
    """A folder for a new run of a name: NAME, or NAME-2, NAME-3 ... if there is one; it is not made."""
    taken = {entry.name.casefold() for entry in _entries(parent)}
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    return next(parent / free for free in names if free.casefold() not in taken)


def runs_in(parent: Path) -> tuple[RunState, ...]:
    """All runs in a folder that we may look into, the one with the latest checkpoint first; none without a folder."""
    runs = [run.state() for run in map(RunFolder, _entries(parent)) if run.exists]
    return tuple(sorted(runs, key=lambda run: (-(run.last_checkpoint_time or 0.0), run.folder.name)))


def begin(folder: Path, recipe: Recipe, *, base: Path) -> RunFolder:
    """Make a folder a run, or give a run that has no checkpoint yet another recipe.

    Args:
        folder: Made when it is not there; may hold images for the run in `data`.
        recipe: Copied to the run, with paths that hold from there.
        base: Folder that relative paths of the recipe start from.

    Raises:
        RunError: The folder holds something else, or a run that has begun.
        CheckpointError: The system does not let us look whether it has.
        WriteFailedError: The disk does not take the recipe.
    """
    run = RunFolder(folder.resolve())
    if stranger := _stranger(run):
        raise RunError(f"{folder} holds “{stranger}”, which belongs to no run; choose another folder.")
    if run.begun or run.running:
        raise RunError(f"There is a training in {folder} already; resume it, or choose another folder.")
    write_recipe(move_recipe(recipe, base=base, home=run.path), run.recipe_file, overwrite=True)
    return run


def discard(run: RunFolder) -> None:
    """Delete a run, with everything in it. A model that it was kept as stays.

    Raises:
        RunError: The folder is no run or holds something else, somebody trains in it, or the system does not allow it.
        WriteFailedError: Nothing can be written there.
    """
    if stranger := _stranger(run):
        raise RunError(f"{run.path} holds “{stranger}”, which belongs to no run; it was not deleted.")
    try:
        if not run.path.exists():
            return
        with run.in_use():
            # What holds images of patients goes while this is still a run, which can be discarded again if it fails.
            for entry in _entries(run.path):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
            run.recipe_file.unlink()
        shutil.rmtree(run.path)
    except OSError as error:
        raise RunError(f"{run.path} could not be deleted ({error.strerror or error}); delete it by hand.") from error


def _stranger(run: RunFolder) -> str | None:
    """The name of something in the folder that belongs to no run."""
    names = (entry.name for entry in _entries(run.path))
    return next((name for name in names if name not in _OWN and not name.startswith(HALF_WRITTEN)), None)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, as far as one may look."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []

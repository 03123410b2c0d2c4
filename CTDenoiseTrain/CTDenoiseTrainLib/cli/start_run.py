"""Begin a run: what can be known to be wrong is known at once, and one that comes to nothing leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import typer

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.models import ModelStore

from ..errors import RecipeError
from ..recipe.content import Recipe, SeriesFile
from ..runs.run_folder import RunError, RunFolder, begin, default_parent, discard, free_folder
from .command_line import command_line
from .processes import is_first_process, is_only_process
from .run_training import FAILED, check_can_be_kept, train_in
from .series_option import check_series


def start_run(recipe: Recipe, folder: Path | None, *, base: Path, keep: bool, as_json: bool) -> None:
    """Begin a run, train in it, and tell about it.

    Args:
        recipe: For the run.
        folder: New or empty, or with a run that has not begun; one among the user's runs if none is named.
        base: Where relative paths of the recipe start.
        keep: See `train_in`.
        as_json: See `train_in`.

    Raises:
        CTDenoiseError: Training cannot begin, and nothing is left of it; or it cannot go on, and what was done is in
            the run folder.
    """
    if not is_first_process():
        if folder is None:
            # The first one says what is wrong.
            raise typer.Exit(FAILED)
        # It makes the folder before all of them meet in the training.
        train_in(RunFolder(folder.resolve()), resume=False, keep=False, as_json=as_json)
        return
    _check(recipe, folder, base=base, keep=keep)
    with _new_folder(folder, recipe.name) as place:
        train_in(begin(place, recipe, base=base), resume=False, keep=keep, as_json=as_json)


def _check(recipe: Recipe, folder: Path | None, *, base: Path, keep: bool) -> None:
    """Find what would end the training later on, without torch, which takes seconds to come."""
    if folder is None and not is_only_process():
        raise RunError("Several processes train in one folder; name it with --folder, on a disk that all of them see.")
    if folder is not None and RunFolder(folder).begun:
        raise RunError(
            f"There is a run in {folder} already; go on with it by “{command_line('train', '--resume', folder)}”, or "
            "choose another folder."
        )
    _check_images(recipe, base)
    if recipe.fine_tuning is not None:
        ModelStore.default().card(recipe.fine_tuning.model)
    if keep:
        check_can_be_kept(recipe.name)


@contextmanager
def _new_folder(folder: Path | None, name: str) -> Iterator[Path]:
    """The folder for a run; if it is made here and the block fails before the first checkpoint, it vanishes again."""
    there_before = folder is not None and folder.exists()
    place = folder or _made_among_runs(name)
    try:
        yield place
    except BaseException:
        run = RunFolder(place.resolve())
        if not there_before and not run.begun:
            with suppress(CTDenoiseError):
                discard(run)
        raise


def _made_among_runs(name: str) -> Path:
    """A new folder among the user's runs, which no other process takes at the same moment."""
    parent = default_parent()
    while True:
        place = free_folder(parent, name)
        try:
            place.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise WriteFailedError(place, error) from error
        return place


def _check_images(recipe: Recipe, base: Path) -> None:
    """See that the images are there; opening them shows whether they can be trained with."""
    for place, file in _series(recipe):
        try:
            check_series(file, base=base)
        except CTDenoiseError as problem:
            raise RecipeError(f"“{place}” of the recipe: {problem}") from problem


def _series(recipe: Recipe) -> Iterator[tuple[str, SeriesFile]]:
    for index, case in enumerate(recipe.data.cases):
        for role in ("noisy", "clean", "iterative"):
            file: SeriesFile | None = getattr(case, role)
            if file is not None:
                yield f"data.cases[{index}].{role}", file
        for number, repeat in enumerate(case.repeats):
            yield f"data.cases[{index}].repeats[{number}]", repeat

"""Go on with a run from its last checkpoint."""

from __future__ import annotations

from pathlib import Path

from ..recipe.content import Recipe
from ..runs.recipe_places import move_recipe
from ..runs.run_folder import RunError, RunFolder
from .run_training import check_can_be_kept, existing_run, train_in


def resume_run(folder: Path, *, keep: bool, as_json: bool) -> None:
    """Train on, and tell about it.

    Args:
        folder: Of the run; its recipe stands for it.
        keep: See `train_in`.
        as_json: See `train_in`.

    Raises:
        CTDenoiseError: There is no run, or training cannot go on; what was done is in the run folder.
    """
    run = existing_run(folder)
    if keep:
        check_can_be_kept(run.recipe().name)
    train_in(run, resume=True, keep=keep, as_json=as_json)


def is_begun(folder: Path, recipe: Recipe, *, base: Path) -> bool:
    """Whether there is something to go on from.

    Args:
        folder: Of the run that may be there.
        recipe: That it should have.
        base: Where relative paths of the recipe start.

    Raises:
        RunError: There is a run with another recipe.
    """
    run = RunFolder(folder.resolve())
    if not run.begun:
        return False
    if run.recipe() != move_recipe(recipe, base=base, home=run.path):
        raise RunError(f"The run in {folder} has another recipe; undo the change, or choose another folder.")
    return True

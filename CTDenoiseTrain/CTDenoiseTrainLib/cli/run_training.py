"""What `train`, `finetune` and `keep` share: a run from here to its end, with what is printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import typer
from rich.markup import escape

from CTDenoiseLib.cli.console import error_terminal
from CTDenoiseLib.cli.interrupt import Interrupted
from CTDenoiseLib.errors import Cancelled, CTDenoiseError
from CTDenoiseLib.models import ModelCard, ModelStore

from ..recipe.check import check_recipe
from ..recipe.toml_file import recipe_text
from ..runs.run_folder import RunError, RunFolder
from .command_line import command_line
from .processes import is_first_process
from .run_report import RunReport
from .watch import watched_training

FAILED, _INTERRUPTED = 2, 130


def train_in(run: RunFolder, *, resume: bool, keep: bool, as_json: bool) -> None:
    """Train in a run folder, and tell about it.

    Args:
        run: The run; its recipe is read by now, or is written by the first of several processes.
        resume: Whether to go on from its last checkpoint.
        keep: Whether to keep the model at the end, not after a stop.
        as_json: Whether one JSON object is printed and nothing else.

    Raises:
        CTDenoiseError: Training cannot begin or go on; what was done is in the run folder.
        typer.Exit: It was stopped by the user, or is not to be kept as was asked for.
    """
    try:
        report = _train(run, resume=resume, silent=as_json or not is_first_process())
        if report is None:
            # One of the other processes of torchrun: the first tells about the run and keeps the model.
            return
        if keep and report.result.complete:
            _keep(report)
    except KeyboardInterrupt:
        raise Interrupted(_what_is_left(run)) from None
    report.tell(as_json=as_json)
    if report.not_kept is not None:
        raise typer.Exit(FAILED)
    if not report.result.complete:
        raise typer.Exit(_INTERRUPTED)


def keep_run_as(
    run: RunFolder, *, name: str | None = None, title: str | None = None, overwrite: bool = False
) -> ModelCard:
    """Put the result of a run among the user's models, under the name and title of its recipe by default.

    Raises:
        CTDenoiseError: The run has no result, or none that is better than its start, or the name is taken.
    """
    recipe = run.recipe()
    name = name or recipe.name
    check_recipe(replace(recipe, name=name))
    from ..runs.keep_run import keep_run

    return keep_run(
        run,
        ModelStore.default(),
        name=name,
        title=title or recipe.title or recipe.name,
        overwrite=overwrite,
    )


def existing_run(folder: Path) -> RunFolder:
    """The run in a folder.

    Raises:
        RunError: There is none.
    """
    run = RunFolder((folder.parent if folder.name == "recipe.toml" and folder.is_file() else folder).resolve())
    if not run.recipe_file.is_file():
        raise RunError(f"There is no run in {folder}; name the folder of one.")
    return run


def check_can_be_kept(name: str) -> None:
    """See that a model can have a name, before the work for it.

    Raises:
        RunError: There is one of that name.
    """
    if any(model.card.name == name for model in ModelStore.default().models()):
        raise RunError(
            f"There is a model “{name}” already; give the new one another name, or leave out --keep and choose with "
            "“ctdenoise keep” when it is trained."
        )


def _train(run: RunFolder, *, resume: bool, silent: bool) -> RunReport | None:
    if not silent:
        _print_recipe(run)
    # Imported only now: torch takes seconds to come.
    from ..runs.start import train_run

    with watched_training(silent=silent) as observer:
        try:
            result = train_run(run, observer=observer, resume=resume)
        except Cancelled:
            if observer.stopping:
                raise KeyboardInterrupt from None
            raise
    return None if result is None else RunReport(run, result, notes=observer.notes)


def _keep(report: RunReport) -> None:
    try:
        report.card = keep_run_as(report.run)
    except CTDenoiseError as error:
        report.not_kept = str(error)


def _print_recipe(run: RunFolder) -> None:
    console = error_terminal()
    console.print(f"[dim]{escape(recipe_text(run.recipe()))}[/dim]", soft_wrap=True)
    console.print(f"Run folder: {escape(str(run.path))}\n", soft_wrap=True)


def _what_is_left(run: RunFolder) -> str:
    if not run.begun:
        return "Stopped before the first step; nothing was written."
    return f"Stopped; go on from the last checkpoint with “{command_line('train', '--resume', run.path)}”."

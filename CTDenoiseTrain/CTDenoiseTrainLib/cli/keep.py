"""`ctdenoise keep`: put what a run has made among the user's models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from CTDenoiseLib.cli.console import AsJson, print_json, terminal

from .needed_packages import check_needed_packages


def keep_model(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run that has ended or was stopped.")],
    *,
    name: Annotated[str | None, typer.Option(help="Name of the model; that of the recipe by default.")] = None,
    title: Annotated[str | None, typer.Option(help="A line for menus; that of the recipe by default.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace your model of the same name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put the best weights of a run among your models, with a card that says how they came about."""
    check_needed_packages()
    from .run_training import existing_run, keep_run_as

    card = keep_run_as(existing_run(run), name=name, title=title, overwrite=overwrite)
    if as_json:
        print_json({"kept": card.name, "version": card.version, "sha256": card.weights.sha256})
    else:
        terminal().print(f"Kept as {card.name}; see it with “ctdenoise models show {card.name}”.")

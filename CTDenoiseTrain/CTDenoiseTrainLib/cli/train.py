"""`ctdenoise train`: train a model as a recipe says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from CTDenoiseLib.cli.console import AsJson

from ..errors import RecipeError
from .needed_packages import check_needed_packages

Keep = Annotated[bool, typer.Option("--keep", help="Put the result among your models at the end.")]
Run = Annotated[
    Path | None, typer.Option("--folder", help="Folder for checkpoints and logs; a new one among your runs by default.")
]


def train_model(
    recipe: Annotated[
        Path, typer.Argument(metavar="RECIPE", help="Recipe (.toml); with --resume, the folder of a run.")
    ],
    *,
    run: Run = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on from the last checkpoint. With a recipe and --folder, begin if there is none yet."
        ),
    ] = False,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Train a model. Ctrl-C saves and stops; with --resume it ends where it would have ended without the stop."""
    check_needed_packages()
    from ..recipe.toml_file import read_recipe
    from .resume_run import is_begun, resume_run
    from .start_run import start_run

    if resume and (recipe.is_dir() or run is None):
        resume_run(recipe, keep=keep, as_json=as_json)
        return
    if recipe.is_dir():
        raise RecipeError(f"{recipe} is a folder; name a recipe (.toml), or add --resume to go on with a run there.")
    content, base = read_recipe(recipe), recipe.resolve().parent
    if resume and run is not None and is_begun(run, content, base=base):
        resume_run(run, keep=keep, as_json=as_json)
    else:
        start_run(content, run, base=base, keep=keep, as_json=as_json)

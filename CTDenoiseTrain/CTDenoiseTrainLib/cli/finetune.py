"""`ctdenoise finetune`: train a model a little further on the images of a site."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from CTDenoiseLib.cli.console import AsJson

from ..recipe.check import SMALLEST_SHARE
from ..recipe.presets import PRESETS
from .finetune_recipe import Images, fine_tuning_recipe
from .needed_packages import check_needed_packages
from .series_option import SERIES_HELP, named_series
from .train import Keep, Run

_Series = list[str] | None
_PRESETS = ", ".join(preset.key for preset in PRESETS)


class WhichLayers(str, Enum):
    """Which layers learn."""

    ALL = "all"
    DECODER = "decoder"
    LAST_BLOCK = "last-block"


class Pairs(str, Enum):
    """What a clean series is."""

    DOSE = "dose-pairs"
    KERNEL = "kernel-pairs"
    RESOLUTION = "resolution-pairs"


def fine_tune(  # noqa: PLR0913 - these are the options of the command
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model to go on from, as listed.")],
    *,
    noisy: Annotated[
        _Series,
        typer.Option(
            metavar="IMAGE",
            help=f"To learn from, alone or with --clean or --iterative. {SERIES_HELP} Repeatable: each is another "
            "patient's, unless LABEL= before it says whose.",
        ),
    ] = None,
    clean: Annotated[
        _Series, typer.Option(metavar="IMAGE", help="Clean counterpart of each noisy series, in the same order.")
    ] = None,
    iterative: Annotated[
        _Series,
        typer.Option(metavar="IMAGE", help="Iterative reconstruction of each: their difference is the noise to learn."),
    ] = None,
    repeat: Annotated[
        _Series, typer.Option(metavar="IMAGE", help="In place of noisy series, two or more scans of one object.")
    ] = None,
    clean_is: Annotated[
        Pairs,
        typer.Option(
            metavar="PAIRS", help="What makes the counterpart clean: dose-pairs, kernel-pairs or resolution-pairs."
        ),
    ] = Pairs.DOSE,
    name: Annotated[str | None, typer.Option(help="Name of the new model; MODEL-tuned by default.")] = None,
    layers: Annotated[WhichLayers, typer.Option(help="Which layers learn.")] = WhichLayers.ALL,
    share: Annotated[
        float, typer.Option(min=SMALLEST_SHARE, max=1, help="Share of the training sections that is used.")
    ] = 0.2,
    preset: Annotated[str, typer.Option(help=f"How long: {_PRESETS}.")] = "quick",
    epochs: Annotated[int | None, typer.Option(min=1, help="At most so many; the preset's by default.")] = None,
    rate: Annotated[float | None, typer.Option(help="Highest learning rate; the preset's by default.")] = None,
    backend: Annotated[str, typer.Option(help="Device: auto, cuda:N, mps or cpu.")] = "auto",
    precision: Annotated[str, typer.Option(help="Inside the network: auto, fp32, bf16 or fp16.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same model on the same machine.")] = 0,
    run: Run = None,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Train a model further on images of this site, and show what that changed on sections it never saw."""
    check_needed_packages()
    from CTDenoiseLib.models import ModelStore

    from .start_run import start_run

    images = Images(
        noisy=[named_series(image) for image in noisy or ()],
        clean=[named_series(image) for image in clean or ()],
        clean_is=clean_is.value,
        iterative=[named_series(image) for image in iterative or ()],
        repeats=[named_series(image) for image in repeat or ()],
    )
    recipe = fine_tuning_recipe(
        ModelStore.default().card(model),
        images,
        name=name or f"{model}-tuned",
        layers=layers.value,
        share=share,
        preset=preset,
        training={"device": backend, "precision": precision, "epochs": epochs, "highest_rate": rate},
        seed=seed,
    )
    start_run(recipe, run, base=Path.cwd(), keep=keep, as_json=as_json)

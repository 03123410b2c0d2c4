"""A run folder with everything in it that a training of a few seconds needs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from CTDenoiseLib.volume_files import write_volume
from CTDenoiseTrainLib.recipe.content import (
    CaseFiles,
    DataOptions,
    NetworkOptions,
    PatchOptions,
    Recipe,
    SeriesFile,
    TrainingOptions,
)
from CTDenoiseTrainLib.runs.run_folder import RunFolder, begin

from .ct_series import anatomy

SHAPE = (20, 48, 40)


def tiny_recipe(*, patches_per_epoch: int = 8, **training: Any) -> Recipe:
    """A recipe for an HR-CNN with a handful of weights, on low and full dose of `write_pair`.

    Args:
        patches_per_epoch: How many.
        training: Fields of `TrainingOptions`.
    """
    options = {"epochs": 3, "batch": 4, "warm_up_steps": 2, "validation_sections": 2, "device": "cpu"} | training
    return Recipe(
        name="our-own",
        title="Ours",
        data=DataOptions(
            source="dose-pairs",
            cases=(CaseFiles(patient="A", noisy=SeriesFile(path="low.nrrd"), clean=SeriesFile(path="full.nrrd")),),
            validation_share=0.2,
            description="An ellipse",
        ),
        patches=PatchOptions(side=16, patches_per_epoch=patches_per_epoch),
        training=TrainingOptions(**({"precision": "fp32"} | options)),
        network=NetworkOptions(configuration={"context": 1, "width": 2, "levels": 2}),
    )


def write_pair(folder: Path) -> None:
    """Write full.nrrd and low.nrrd, 20 sections of a body with 5 and 30 HU of noise."""
    folder.mkdir(parents=True)
    noise = 30 * np.random.default_rng(7).standard_normal(SHAPE).astype(np.float32)
    full = anatomy(SHAPE, noise_hu=5.0)
    for name, hu in (("full", full), ("low", full + np.rint(noise))):
        acquisition = Acquisition(description=name, modality="CT", kernel=("Qr89",), section_thickness=1.0)
        write_volume(Volume(hu, Geometry(spacing=(1.0, 0.5, 0.5)), acquisition), folder / f"{name}.nrrd")


def make_run(folder: Path, recipe: Recipe | None = None) -> RunFolder:
    """A run, its images in its folder, that has not begun."""
    write_pair(folder / "data")
    return begin(folder, recipe or tiny_recipe(), base=folder / "data")


def with_network(recipe: Recipe, name: str, **configuration: Any) -> Recipe:
    """The recipe for another network."""
    return replace(recipe, network=NetworkOptions(name=name, configuration=configuration))

"""A trained network becomes a model: its weights, and a card that tells where it comes from and what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import ModelCard, ParentModel, Scaling, Training, TrainingData
from CTDenoiseLib.models.save import save_model
from CTDenoiseLib.networks import DenoisingNetwork

from ..recipe.content import Recipe, Source
from ..validation.before_after import BeforeAfter
from .data_facts import DataFacts
from .limitations import limitations

VERSION = "1.0"

_SOURCE_IN_WORDS: Mapping[Source, str] = {
    "noise-maps": "noise maps laid over clean images",
    "dose-pairs": "pairs of low and full dose",
    "kernel-pairs": "pairs of a sharp and a smooth kernel",
    "resolution-pairs": "pairs of low and high resolution",
    "repeats": "noisy repeats",
    "self-supervised": "noisy images alone",
    "averages": "averages of repeats",
}


@dataclass(frozen=True, kw_only=True)
class TrainingRecord:
    """How the training went.

    Attributes:
        epochs: Epochs done.
        best_epoch: Which gave the weights.
        steps: Optimiser steps done.
        seconds: In all runs together.
        hardware: What it ran on, see `hardware_in_words`.
        reason: Why it ended, in a sentence.
    """

    epochs: int
    best_epoch: int
    steps: int
    seconds: float
    hardware: str
    reason: str


def hardware_in_words(backend: Backend) -> str:
    """Device, precision and PyTorch, as a model card names them."""
    return f"{backend.device} ({backend.device_name}), {backend.precision}, PyTorch {torch.__version__}"


def save_trained(  # noqa: PLR0913 - all that a card tells
    folder: Path,
    network: DenoisingNetwork,
    recipe: Recipe,
    *,
    record: TrainingRecord,
    table: BeforeAfter,
    facts: DataFacts,
    name: str,
    title: str = "",
    parent: ModelCard | None = None,
    overwrite: bool = False,
) -> ModelCard:
    """Write NAME.safetensors and NAME.json into a folder, both or neither.

    Where images lie is left out of the recipe in the card, since folders may bear names of patients.

    Args:
        folder: Such as the user's folder of a `ModelStore`.
        network: As it is to be kept: the averaged weights of the best epoch.
        recipe: The recipe.
        record: How the training went.
        table: Figures before and after on held-out sections.
        facts: Of the images.
        name: Of the model: lower-case letters, digits, single hyphens.
        title: A line for menus; empty takes that of the recipe, or makes one.
        parent: Card of the model that was fine-tuned.
        overwrite: Whether an older model of that name in the folder may be replaced.

    Raises:
        DamagedModelError: The fields make no valid card, such as a name with a space, or a weight is not finite.
        OutputExistsError: The files are there and may not be replaced.
        WriteFailedError: The disk does not take them.
    """
    return save_model(
        folder,
        network,
        name=name,
        version=VERSION,
        title=title.strip() or recipe.title.strip() or _title(network, recipe, parent),
        description=_description(network, recipe, facts, parent),
        licence=recipe.licence,
        scaling=Scaling(offset_hu=0.0, scale_hu=recipe.network.scale_hu if parent is None else parent.scaling.scale_hu),
        hu_range=_hu_range(facts, parent),
        made_for=facts.made_for,
        training=Training(
            data=(_data(recipe, facts), *_data_of(parent)),
            recipe=_recipe_content(recipe) | {"outcome": asdict(record)},
            script="ctdenoise train, with this recipe",
            duration_s=round(record.seconds),
            steps=record.steps,
            hardware=record.hardware,
            parent=None if parent is None else ParentModel.of(parent),
        ),
        metrics=table.metrics(),
        limitations=limitations(recipe, facts, table, parent=None if parent is None else parent.name),
        overwrite=overwrite,
    )


def _title(network: DenoisingNetwork, recipe: Recipe, parent: ModelCard | None) -> str:
    if parent is not None:
        return f"{parent.title}, fine-tuned"
    return f"{network.name}, trained with {_SOURCE_IN_WORDS[recipe.data.source]}"


def _description(network: DenoisingNetwork, recipe: Recipe, facts: DataFacts, parent: ModelCard | None) -> str:
    if parent is not None and recipe.fine_tuning is not None:
        layers = {"all": "all layers", "decoder": "the decoder", "last-block": "the last block"}
        begun = f"“{parent.name}” {parent.version}, {layers[recipe.fine_tuning.layers]} trained further"
    else:
        begun = f"The network “{network.name}”, trained from the start"
    patients = "one patient or phantom" if facts.patients == 1 else f"{facts.patients} patients or phantoms"
    sentence = f"{begun} with {_SOURCE_IN_WORDS[recipe.data.source]} of {patients}."
    return f"{sentence} {recipe.data.description}".strip()


def _hu_range(facts: DataFacts, parent: ModelCard | None) -> tuple[float, float]:
    """What the network saw, now or as its own parent."""
    low, high = facts.hu_range
    return (low, high) if parent is None else (min(low, parent.hu_range[0]), max(high, parent.hu_range[1]))


def _data(recipe: Recipe, facts: DataFacts) -> TrainingData:
    share = "" if recipe.fine_tuning is None else f" ({100 * recipe.fine_tuning.share:g} % of those not held out)"
    return TrainingData(
        name=recipe.data.description.strip() or "images of the site that trained the model",
        source=f"{_SOURCE_IN_WORDS[recipe.data.source]}, from the recipe's author",
        licence=recipe.data.licence.strip() or "not stated",
        use=f"{facts.training_sections} sections for training{share}, {facts.validation_sections} for validation. "
        f"{facts.split}",
    )


def _data_of(parent: ModelCard | None) -> tuple[TrainingData, ...]:
    """What the weights that training began with had learnt from."""
    if parent is None:
        return ()
    start = "by a parent: "
    return tuple(
        TrainingData(name=data.name, source=data.source, licence=data.licence, use=start + data.use.removeprefix(start))
        for data in parent.training.data
    )


def _recipe_content(recipe: Recipe) -> dict[str, Any]:
    """The recipe without places: the number of cases instead of their files, and the mere name of the weights file."""
    content = asdict(recipe)
    content["data"]["cases"] = len(recipe.data.cases)
    feature_loss = content["training"]["feature_loss"]
    feature_loss["weights_file"] = Path(feature_loss["weights_file"]).name
    return content

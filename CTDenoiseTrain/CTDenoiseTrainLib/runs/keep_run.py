"""Put the result of a run into a store of models."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path

import safetensors.torch

from CTDenoiseLib.atomic import OutputExistsError, WriteFailedError, file_in_the_making
from CTDenoiseLib.models import ModelCard, ModelStore
from CTDenoiseLib.models.files import card_path
from CTDenoiseLib.networks import DenoisingNetwork, create

from ..finetuning.data_facts import DataFacts
from ..finetuning.keep import TrainingRecord, save_trained
from ..recipe.content import Recipe
from ..validation.before_after import BeforeAfter
from .run_folder import RunError, RunFolder
from .run_result import RunResult


def keep_run(run: RunFolder, store: ModelStore, *, name: str, title: str, overwrite: bool = False) -> ModelCard:
    """Make the best weights of a run one of the user's models.

    Args:
        run: A run that has ended, by itself or by a stop.
        store: Where it goes.
        name: Of the model.
        title: Of the model, a line for menus; empty takes that of the recipe.
        overwrite: Whether one of the user's models of that name may be replaced.

    Raises:
        CheckpointError: The run has no result, or a damaged one.
        RunError: No epoch was better than the start.
        BundledModelError: A model of that name comes with CTDenoise.
        ModelExistsError: One of the user's models has the name and may not be replaced.
        DamagedModelError: The name or another field makes no valid card.
        WriteFailedError: The disk does not take it.
    """
    result = RunResult.read(run.result)
    if result.best_epoch == 0:
        raise RunError(
            "No epoch of this training was better than its start, so there is nothing to keep; train on, or with "
            "another recipe."
        )
    recipe = run.recipe()
    parent = None if result.card["parent"] is None else ModelCard.from_json(result.card["parent"])
    with tempfile.TemporaryDirectory(prefix="ctdenoise-") as folder:
        card = save_trained(
            Path(folder),
            _network(run, recipe, parent, result),
            recipe,
            record=_record(result),
            table=BeforeAfter.from_content(result.card["table"]),
            facts=DataFacts.from_content(result.card["data"]),
            name=name,
            title=title,
            parent=parent,
        )
        store.add(card_path(Path(folder), card.name), overwrite=overwrite)
    # The model is in the store, whether or not the run can say so.
    with (
        suppress(WriteFailedError, OutputExistsError),
        file_in_the_making(run.kept_file, overwrite=True) as making,
    ):
        making.write_text(json.dumps({"name": card.name}), encoding="utf-8")
    return card


def _record(result: RunResult) -> TrainingRecord:
    return TrainingRecord(
        epochs=result.epochs,
        best_epoch=result.best_epoch,
        steps=result.steps,
        seconds=result.seconds,
        hardware=result.hardware,
        reason=result.reason,
    )


def _network(run: RunFolder, recipe: Recipe, parent: ModelCard | None, result: RunResult) -> DenoisingNetwork:
    """The network with the weights of the result, in evaluation mode."""
    weights = safetensors.torch.load(result.weights(run.result))
    what = recipe.network if parent is None else parent.network
    network = create(what.name, what.configuration)
    network.load_state_dict(weights)
    return network.eval()

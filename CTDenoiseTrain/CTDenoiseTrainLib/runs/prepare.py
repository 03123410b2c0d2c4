"""Everything that a recipe asks for, opened and built: images, their split, the network, pairs and validation."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import Model, ModelStore
from CTDenoiseLib.networks import DenoisingNetwork, create

from ..errors import RecipeError, TrainingError
from ..finetuning.layers import learning_parameters
from ..pairs.open_pairs import PairData, open_pairs
from ..pairs.patch_source import PatchSource
from ..pairs.split import CasePart, Split, section_gap, split_cases, take_share
from ..recipe.content import Recipe
from ..validation.figures import WINDOW_HU
from ..validation.validator import Validator


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What a training needs.

    Attributes:
        recipe: The recipe, its files found from anywhere.
        backend: Device and precision.
        data: Cases of pairs.
        split: What trains and what is held out, before a share is taken for fine-tuning.
        training: What patches are drawn from.
        parent: The model that is fine-tuned, unchanged; `None` for a training from the start.
        network: To be trained.
        scale_hu: HU that make 1 in the network.
        batches: Where pairs come from.
        validator: Measures on what is held out.
    """

    recipe: Recipe
    backend: Backend
    data: PairData
    split: Split
    training: tuple[CasePart, ...]
    parent: Model | None
    network: DenoisingNetwork
    scale_hu: float
    batches: PatchSource
    validator: Validator

    @property
    def learning(self) -> tuple[nn.Parameter, ...] | None:
        """Parameters that learn; `None` for all."""
        fine_tuning = self.recipe.fine_tuning
        return None if fine_tuning is None else learning_parameters(self.network, fine_tuning.layers)

    @property
    def steps_per_epoch(self) -> int:
        """Steps between two validations."""
        return max(1, self.recipe.patches.patches_per_epoch // self.recipe.training.batch)


def prepare(  # noqa: PLR0913 - what, where, and who watches
    recipe: Recipe,
    backend: Backend,
    *,
    base: Path,
    cache: Path,
    on_note: Callable[[str], object],
    check: Callable[[], None],
) -> Prepared:
    """Open and build what a recipe asks for.

    Args:
        recipe: The recipe.
        backend: Device and precision.
        base: Folder that relative paths of the recipe start from.
        cache: Folder for images beyond the memory budget.
        on_note: Told what the user should know.
        check: Called now and then; what it raises ends the preparation.

    Raises:
        CTDenoiseError: The images cannot be found, read or trained with, there is no such model or network, or the
            model cannot be trained further.
    """
    recipe = _with_absolute_file(recipe, base)
    parent = _parent(recipe)
    network, scale_hu = _network(recipe, parent)
    _check_side(recipe.patches.side, network)
    data = open_pairs(recipe, base=base, cache=cache, on_note=on_note)
    split = split_cases(
        data.cases,
        share=recipe.data.validation_share,
        seed=recipe.seed,
        gap=section_gap(recipe.data, context=network.context),
    )
    training = split.training
    if recipe.fine_tuning is not None:
        training = take_share(training, share=recipe.fine_tuning.share, seed=recipe.seed)
    return Prepared(
        recipe=recipe,
        backend=backend,
        data=data,
        split=split,
        training=training,
        parent=parent,
        network=network,
        scale_hu=scale_hu,
        batches=PatchSource(
            training,
            recipe.patches,
            context=network.context,
            seed=recipe.seed,
            threads=os.cpu_count() or 1,
            check=check,
        ),
        validator=Validator(
            split.validation,
            sections=recipe.training.validation_sections,
            context=network.context,
            scale_hu=scale_hu,
            backend=backend,
            # Other modalities have no HU, and so no window that holds for all of their images.
            window_hu=WINDOW_HU if data.made_for.modality == "CT" else None,
            level_offset_hu=recipe.training.level_offset_hu,
        ),
    )


def _with_absolute_file(recipe: Recipe, base: Path) -> Recipe:
    """The recipe with the weights of the feature loss found from anywhere."""
    loss = recipe.training.feature_loss
    if not loss.weights_file:
        return recipe
    loss = replace(loss, weights_file=str(base / Path(loss.weights_file).expanduser()))
    return replace(recipe, training=replace(recipe.training, feature_loss=loss))


def _parent(recipe: Recipe) -> Model | None:
    if recipe.fine_tuning is None:
        return None
    parent = ModelStore.default().load(recipe.fine_tuning.model)
    if parent.card.scaling.offset_hu != 0:
        raise TrainingError(
            f"The model “{parent.card.name}” subtracts {parent.card.scaling.offset_hu:g} HU from its input, which "
            "training does not do; fine-tune another model."
        )
    return parent


def _check_side(side: int, network: DenoisingNetwork) -> None:
    """See that patches fit the network."""
    if side % network.stride:
        nearest = max(1, round(side / network.stride)) * network.stride
        raise RecipeError(
            f"“patches.side” is {side}; with this network it must be a multiple of {network.stride}, such as {nearest}."
        )


def _network(recipe: Recipe, parent: Model | None) -> tuple[DenoisingNetwork, float]:
    """The network to be trained, and the HU that make 1 in it."""
    if parent is not None:
        return copy.deepcopy(parent.network), parent.card.scaling.scale_hu
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return create(recipe.network.name, recipe.network.configuration), recipe.network.scale_hu

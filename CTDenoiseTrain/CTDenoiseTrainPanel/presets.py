"""Presets of recipes in the panel's parameters: a preset fills in its figures, and the user may change them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slicer.i18n import tr as _

from CTDenoiseTrainLib.recipe.content import DataOptions, FineTuning, PatchOptions, Recipe, TrainingOptions
from CTDenoiseTrainLib.recipe.presets import PRESETS, Preset

if TYPE_CHECKING:
    from .data_choice import DataChoice
    from .parameters import Parameters

FOR_NEW_MODELS = "evening"
FOR_FINE_TUNING = "quick"

# Which parameter holds which figure.
_TRAINING = {"epochs": "epochs", "batch": "batch", "rate": "highest_rate"}
_PATCHES = {"patches": "patches_per_epoch", "side": "side"}
_SCALE = ("scale_low", "scale_high")


def preset_of(parameters: Parameters) -> Preset:
    """The preset that was chosen, or the usual one."""
    usual = FOR_FINE_TUNING if parameters.model else FOR_NEW_MODELS
    by_key = {preset.key: preset for preset in PRESETS}
    return by_key.get(parameters.preset, by_key[usual])


def fill_in(parameters: Parameters, key: str) -> None:
    """Choose a preset, and set all figures as it has them."""
    parameters.preset = key
    for name, value in _figures(preset_of(parameters)).items():
        setattr(parameters, name, value)


def changed_figures(parameters: Parameters) -> bool:
    """Whether the user has changed a figure of the preset."""
    figures = _figures(preset_of(parameters))
    return any(not math.isclose(getattr(parameters, name), value, rel_tol=1e-6) for name, value in figures.items())


def preset_title(preset: Preset) -> str:
    """For the menu."""
    titles = {"quick": _("Quick look"), "evening": _("One evening"), "paper": _("As in the paper")}
    return titles.get(preset.key, preset.title)


def recipe_of(parameters: Parameters, data: DataChoice, *, name: str, title: str) -> Recipe:
    """The recipe that the panel shows; its cases are given to the session beside it.

    Args:
        parameters: What the user chose.
        data: Where pairs come from.
        name: Of the model to be.
        title: Likewise.
    """
    options = data.kind.apply(DataOptions(source=data.kind.source, cases=()), sections_apart=data.sections_apart)
    recipe = preset_of(parameters).apply(Recipe(name=name, title=title, seed=parameters.seed, data=options))
    rate = parameters.rate
    training = replace(
        recipe.training,
        **{field: getattr(parameters, parameter) for parameter, field in _TRAINING.items()},
        lowest_rate=min(recipe.training.lowest_rate, rate),
        device=parameters.device,
        precision=parameters.precision,
    )
    patches = replace(
        recipe.patches,
        side=parameters.side,
        # An epoch is made of whole batches.
        patches_per_epoch=math.ceil(parameters.patches / parameters.batch) * parameters.batch,
        noise_scale=(parameters.scale_low, parameters.scale_high),
    )
    fine_tuning = None
    if parameters.model:
        fine_tuning = FineTuning(model=parameters.model, layers=parameters.layers.value, share=parameters.share / 100)
    return replace(recipe, training=training, patches=patches, fine_tuning=fine_tuning)


def _figures(preset: Preset) -> dict[str, Any]:
    """The figures of a preset, by parameter."""
    bare = Recipe(name="any", data=DataOptions(source="self-supervised", cases=()))
    recipe = preset.apply(bare)
    training: TrainingOptions = recipe.training
    patches: PatchOptions = recipe.patches
    figures = {parameter: getattr(training, field) for parameter, field in _TRAINING.items()}
    figures |= {parameter: getattr(patches, field) for parameter, field in _PATCHES.items()}
    return figures | dict(zip(_SCALE, patches.noise_scale, strict=True))

"""Presets: how long to train and how hard, for those who do not want to choose numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .content import Recipe


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A preset.

    Attributes:
        key: For recipes and settings.
        title: A word or two for menus.
        sentence: What it is for.
        training: Fields of `TrainingOptions` that it sets.
        patches: Fields of `PatchOptions` that it sets.
        network: The configuration of an HR-CNN trained from the start.
    """

    key: str
    title: str
    sentence: str
    training: Mapping[str, Any]
    patches: Mapping[str, Any]
    network: Mapping[str, Any]

    def apply(self, recipe: Recipe) -> Recipe:
        """The recipe as this preset has it."""
        return replace(
            recipe,
            training=replace(recipe.training, **self.training),
            patches=replace(recipe.patches, **self.patches),
            network=replace(recipe.network, name="hrcnn", configuration=dict(self.network)),
        )


PRESETS = (
    Preset(
        key="quick",
        title="Quick look",
        sentence="A few minutes on two cores: enough to see whether the data teach anything, or to fine-tune a little.",
        training={"epochs": 10, "patience": 4, "warm_up_steps": 20, "averaging": 0.98},
        patches={"patches_per_epoch": 480},
        network={"context": 3, "width": 16, "levels": 4},
    ),
    Preset(
        key="evening",
        title="One evening",
        sentence="An hour or two on two cores with a network of half width: a model for this site.",
        training={"epochs": 100, "patience": 20},
        patches={"patches_per_epoch": 1600},
        network={"context": 3, "width": 32, "levels": 6},
    ),
    Preset(
        key="paper",
        title="As in the paper",
        sentence="Full width and 200 epochs as Madhavan et al. (2024): for a graphics processor.",
        training={"epochs": 200, "patience": 0},
        patches={"patches_per_epoch": 16000},
        network={"context": 3, "width": 64, "levels": 6},
    ),
)

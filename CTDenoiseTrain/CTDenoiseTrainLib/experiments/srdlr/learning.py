"""Both networks: alike in everything but their targets."""

from __future__ import annotations

from functools import partial

from CTDenoiseLib.networks import create

from ...recipe.content import TrainingOptions
from ..trained import Trained, TrainingPlan, trained
from ..workbench import Workbench
from .images import DLR, SCALE_HU, SR_DLR
from .pairs import PatchPairs, TrainingMaterial
from .settings import LearningSettings, Settings
from .shapes import Floats


def both_trained(bench: Workbench, settings: Settings, material: TrainingMaterial) -> dict[str, Trained]:
    """Train both networks, by the name of their image: same weights at first, same patches in the same order."""
    learning = settings.learning
    start = partial(create, learning.network, learning.configuration)
    plan = plan_of(learning)

    def train(stage: str, targets: Floats) -> Trained:
        batches = partial(PatchPairs, material.inputs, targets, settings)
        return trained(bench, stage, start=start, batches=batches, plan=plan, seed=learning.seed)

    return {DLR: train("dlr", material.same), SR_DLR: train("sr-dlr", material.sharp)}


def plan_of(learning: LearningSettings) -> TrainingPlan:
    """How they are trained, for `trained`."""
    options = TrainingOptions(
        epochs=learning.epochs,
        batch=learning.batch,
        highest_rate=learning.highest_rate,
        lowest_rate=learning.lowest_rate,
        patience=0,
    )
    return TrainingPlan(options=options, steps_per_epoch=learning.steps // learning.epochs, scale_hu=SCALE_HU)

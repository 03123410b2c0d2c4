"""The networks of the experiment: the same layers, trained with and without the features of VGG16."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.networks import PlainCNN

from ...pairs.batch import BatchSource
from ...recipe.content import FeatureLoss
from ...training.feature_loss import FeatureDistance
from ...validation.predict import SectionPredictor
from ..trained import Trained, TrainingPlan, trained
from ..workbench import Workbench
from .settings import Settings

WEIGHTS_FILE = "vgg16.safetensors"


def find_vgg16(bench: Workbench) -> FeatureLoss | None:
    """The weights of VGG16, if the user has put them into the experiment's folder or that of the data.

    Their own weight in the loss is left open.
    """
    for folder in (bench.folder, bench.data):
        if folder is not None and (file := folder / WEIGHTS_FILE).is_file():
            return FeatureLoss(weights_file=str(file), sha256=hashlib.sha256(file.read_bytes()).hexdigest())
    return None


def train_with_squared_error(bench: Workbench, settings: Settings, batches: Callable[[], BatchSource]) -> Trained:
    """Train, or find again, the network of the mean squared error."""
    return _trained(bench, settings, batches, "MSE")


def train_with_features(
    bench: Workbench, settings: Settings, batches: Callable[[], BatchSource], vgg16: FeatureLoss
) -> tuple[Trained, float]:
    """Train, or find again, the network of the mean squared error and features; with the weight of the features.

    Raises:
        RecipeError: The file does not hold the weights of VGG16.
    """
    name = f"MSE and features {vgg16.sha256[:8]}"
    weight = bench.figures(
        f"weight of {name}", lambda: {"weight": feature_weight(FeatureDistance.read(vgg16), batches(), settings)}
    )["weight"]
    return _trained(bench, settings, batches, name, replace(vgg16, weight=weight)), weight


def feature_weight(distance: FeatureDistance, batches: BatchSource, settings: Settings) -> float:
    """Weight of the feature loss with which it is the wanted share of the squared error before any training."""
    batch = batches.draw(range(settings.training.batch))
    squares = float((batch.noise / settings.scale_hu).square().mean())
    of_features = float(distance(batch.sections, batch.sections - batch.noise))
    return settings.feature_share * squares / of_features


def denoise(network: Trained, low: NDArray[np.float32], *, bench: Workbench, settings: Settings) -> NDArray[np.float32]:
    """Whole pictures without the noise that a network finds, in HU, shape (repeats, n, y, x) as `low`."""

    def make() -> dict[str, NDArray[np.float32]]:
        predictor = SectionPredictor(network.network, bench.backend, scale_hu=settings.scale_hu)
        return {"pictures": np.stack([scans - predictor.noise(scans[:, None]) for scans in low])}

    return bench.arrays(f"pictures of network {network.sha256[:8]}", make)["pictures"]


def _trained(
    bench: Workbench,
    settings: Settings,
    batches: Callable[[], BatchSource],
    name: str,
    features: FeatureLoss | None = None,
) -> Trained:
    return trained(
        bench,
        name,
        start=partial(PlainCNN, filters=settings.filters),
        batches=batches,
        plan=TrainingPlan(
            options=replace(settings.training, feature_loss=features or FeatureLoss()),
            steps_per_epoch=settings.steps_per_epoch,
            scale_hu=settings.scale_hu,
        ),
        seed=settings.seed,
    )

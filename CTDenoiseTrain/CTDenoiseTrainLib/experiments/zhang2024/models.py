"""The networks: one for each resolution, and that of the coarsest trained on with few pictures of the finest."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork, UNet

from ...recipe.content import TrainingOptions
from ...training.news import ValidationFigures
from ...training.trainer import Validate
from ...validation.predict import SectionPredictor
from ..trained import Trained, TrainingPlan, trained
from .pairs import ScanPairs
from .scans import Scans
from .settings import Resolution, Retraining


def model_of(scans: Scans, resolution: Resolution) -> Trained:
    """The U-Net of a resolution. As in the paper all are trained for the same number of steps."""
    settings, training = scans.settings, scans.settings.training
    return trained(
        scans.bench,
        f"model-{resolution.key}",
        start=lambda: UNet(width=settings.width),
        batches=lambda: ScanPairs(
            scans.inputs("training", resolution), scans.labels("training", resolution), training.side, settings.seed
        ),
        plan=TrainingPlan(
            options=TrainingOptions(
                epochs=training.steps // training.steps_per_epoch,
                batch=training.batch,
                highest_rate=training.rate,
            ),
            steps_per_epoch=training.steps_per_epoch,
            scale_hu=settings.scale_hu,
        ),
        seed=settings.seed,
    )


def retrained_model(scans: Scans, coarsest: DenoisingNetwork, retraining: Retraining) -> Trained:
    """The U-Net of the coarsest resolution, trained on with a share of the pictures of the finest; it stops early."""
    settings, training, finest = scans.settings, scans.settings.training, scans.settings.finest
    pictures = pictures_of(retraining, settings.training_pictures)
    return trained(
        scans.bench,
        f"retrained-{retraining.key}",
        start=lambda: copy.deepcopy(coarsest),
        batches=lambda: ScanPairs(
            scans.inputs("training", finest)[:pictures],
            scans.labels("training", finest)[:pictures],
            training.side,
            settings.seed,
        ),
        plan=TrainingPlan(
            options=TrainingOptions(
                epochs=retraining.steps // settings.retraining_steps_per_epoch,
                batch=training.batch,
                highest_rate=settings.retraining_rate,
                patience=settings.patience,
            ),
            steps_per_epoch=settings.retraining_steps_per_epoch,
            scale_hu=settings.scale_hu,
        ),
        seed=settings.seed,
        validate=_validation(scans),
    )


def pictures_of(retraining: Retraining, training_pictures: int) -> int:
    """How many pictures a share is; one at least."""
    return max(1, math.floor(retraining.share * training_pictures + 0.5))


class Denoiser:
    """A network that takes the noise out of whole pictures.

    Args:
        network: Copied, not changed.
        backend: Device and precision.
        scale_hu: HU that make 1 in the network.
    """

    def __init__(self, network: DenoisingNetwork, backend: Backend, *, scale_hu: float) -> None:
        self._predictor = SectionPredictor(network, backend, scale_hu=scale_hu)

    def __call__(self, picture: NDArray[np.floating]) -> NDArray[np.float32]:
        """The picture in HU, shape (y, x), less its noise."""
        hu = np.asarray(picture, dtype=np.float32)
        return np.asarray(hu - self._predictor.noise(hu[None, None])[0])


def _validation(scans: Scans) -> Validate:
    """The mean squared error against the labels over the validation pictures of the finest resolution, in HU²."""
    finest, settings = scans.settings.finest, scans.settings
    inputs, labels = scans.inputs("validation", finest), scans.labels("validation", finest)

    def validate(network: DenoisingNetwork, epoch: int, check: Callable[[], None]) -> ValidationFigures:
        denoise = Denoiser(network, scans.bench.backend, scale_hu=settings.scale_hu)
        errors = []
        for noisy, label in zip(inputs, labels, strict=True):
            check()
            errors.append(float(np.square(denoise(noisy) - label).mean()))
        return ValidationFigures(
            loss=float(np.mean(errors)), rmse=None, psnr=None, ssim=None, noise_reduction=None, residual_index=None
        )

    return validate

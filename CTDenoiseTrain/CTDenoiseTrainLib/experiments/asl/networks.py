"""The networks of the experiment: one for each number of pairs and each part of the patients that it must not see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import UNet

from ...validation.predict import SectionPredictor
from ..trained import Trained, TrainingPlan, trained
from ..workbench import Workbench
from .cohort_images import CohortImages
from .pairs import FewOfAll, channels, context_of
from .settings import Settings


@dataclass(frozen=True)
class FoldNetwork:
    """A network of one fold.

    Attributes:
        averaged: How many pairs it is given.
        trained: The network and how its training went.
        tested: Indices of the patients that it did not learn from.
    """

    averaged: int
    trained: Trained
    tested: NDArray[np.intp]


def fold_networks(bench: Workbench, settings: Settings, patients: CohortImages, averaged: int) -> list[FoldNetwork]:
    """Train, or find again, the networks for inputs of so many pairs."""
    return [_fold_network(bench, settings, patients, averaged, fold) for fold in range(settings.folds)]


def estimates(
    network: FoldNetwork, subtractions: NDArray[np.float32], *, backend: Backend, scale: float
) -> NDArray[np.float32]:
    """Perfusion that a network makes of the first few pairs.

    Args:
        network: Trained for so many pairs.
        subtractions: Shape (subjects, sections, pairs, y, x).
        backend: Device and precision.
        scale: Perfusion in ml/100 g/min that makes 1 in the network.

    Returns:
        In ml/100 g/min, shape (subjects, sections, y, x).
    """
    predictor = SectionPredictor(network.trained.network, backend, scale_hu=scale)
    few = subtractions[:, :, : network.averaged]
    made = np.empty((*few.shape[:2], *few.shape[3:]), dtype=np.float32)
    for subject, own in zip(few, made, strict=True):
        windows = np.stack([channels(section) for section in subject])
        own[:] = windows[:, context_of(network.averaged)] - predictor.noise(windows)
    return made


def _fold_network(
    bench: Workbench, settings: Settings, patients: CohortImages, averaged: int, fold: int
) -> FoldNetwork:
    parts = np.arange(len(patients.subtractions)) % settings.folds
    result = trained(
        bench,
        f"network of {averaged} pairs, fold {fold + 1}",
        start=lambda: UNet(context=context_of(averaged), width=settings.width),
        batches=lambda: FewOfAll(
            patients.subtractions[parts != fold], averaged=averaged, side=settings.side, seed=settings.seed
        ),
        plan=TrainingPlan(options=settings.training, steps_per_epoch=settings.steps_per_epoch, scale_hu=settings.scale),
        seed=settings.seed + fold,
    )
    return FoldNetwork(averaged, result, np.flatnonzero(parts == fold))

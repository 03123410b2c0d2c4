"""The two ways of training that `training.py` compares, with the same settings."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork, create
from CTDenoiseLib.volume_files import read_volume
from CTDenoiseTrainLib.pairs.open_pairs import open_pairs
from CTDenoiseTrainLib.pairs.patch_source import PatchSource
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.recipe.content import (
    CaseFiles,
    DataOptions,
    PatchOptions,
    Recipe,
    SeriesFile,
    TrainingOptions,
)
from CTDenoiseTrainLib.training.news import EpochNews, StepNews
from CTDenoiseTrainLib.training.schedule import learning_rate
from CTDenoiseTrainLib.training.trainer import Trainer

from .plain_training import PlainTraining

NETWORK, CONTEXT, LEVELS, SCALE_HU = "hrcnn", 3, 6, 100.0
HELD_OUT = 4
"""Sections to measure on, the last ones, as far from those trained with as windows reach."""
NOISY, ANATOMY = "noisy.mha", "anatomy.mha"


@dataclass(frozen=True)
class Settings:
    """What both do, ready to be sent to their processes."""

    folder: Path
    width: int
    side: int
    batch: int
    samples: int
    device: str
    precision: str
    workers: int

    @property
    def backend(self) -> Backend:
        return Backend(self.device, self.precision)  # type: ignore[arg-type]

    @property
    def patches(self) -> PatchOptions:
        return PatchOptions(side=self.side, patches_per_epoch=self.samples)

    @property
    def training(self) -> TrainingOptions:
        return TrainingOptions(epochs=1, batch=self.batch, patience=0, checkpoint_minutes=1e6)

    def network(self, seed: int) -> DenoisingNetwork:
        torch.manual_seed(seed)
        return create(NETWORK, {"context": CONTEXT, "width": self.width, "levels": LEVELS})


class Way:
    """A way to train, with its volumes in memory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def train(self, network: DenoisingNetwork, *, samples: int, seed: int) -> tuple[DenoisingNetwork, float, float]:
        """The trained network, the seconds of the training loop, and how many of them it waited for batches."""
        raise NotImplementedError


class Plain(Way):
    """That of `plain_training`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        anatomy, noise = volumes(settings.folder)
        last = len(anatomy) - HELD_OUT - CONTEXT
        self._training = PlainTraining(
            anatomy=anatomy[:last].copy(),
            noise=noise[:last],
            patches=settings.patches,
            batch=settings.batch,
            scale_hu=SCALE_HU,
            highest_rate=settings.training.highest_rate,
            device=settings.device,
            workers=settings.workers,
        )

    def train(self, network: DenoisingNetwork, *, samples: int, seed: int) -> tuple[DenoisingNetwork, float, float]:
        options, steps = self.settings.training, samples // self.settings.batch
        started = time.perf_counter()
        waited = self._training.run(
            network,
            samples=samples,
            seed=seed,
            rate=lambda step: learning_rate(step, steps=steps, options=options) / options.highest_rate,
        )
        return network, time.perf_counter() - started, waited


class Ours(Way):
    """That of the project: recipe, pairs, patches, trainer."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        files = CaseFiles(patient="benchmark", noisy=SeriesFile(path=NOISY), iterative=SeriesFile(path=ANATOMY))
        recipe = Recipe(
            name="benchmark",
            data=DataOptions(source="noise-maps", cases=(files,), target_sections=1),
            patches=settings.patches,
        )
        (self._case,) = open_pairs(recipe, base=settings.folder, cache=settings.folder / "cache").cases

    def train(self, network: DenoisingNetwork, *, samples: int, seed: int) -> tuple[DenoisingNetwork, float, float]:
        settings, watch = self.settings, Watch()
        part = CasePart(self._case, tuple(range(self._case.shape[0] - HELD_OUT - 2 * CONTEXT)))
        source = PatchSource([part], settings.patches, context=CONTEXT, seed=seed, threads=2)
        trainer = Trainer(
            network,
            source,
            settings.training,
            steps_per_epoch=samples // settings.batch,
            scale_hu=SCALE_HU,
            backend=settings.backend,
            observer=watch,
        )
        started = time.perf_counter()
        trained = trainer.run().network
        synchronise(settings.device)
        return trained, time.perf_counter() - started, watch.waited


class Watch:
    """An `Observer` that adds up how long the network waited."""

    def __init__(self) -> None:
        self.waited = 0.0
        self._last = time.perf_counter()

    def check(self) -> None:
        pass

    def on_step(self, news: StepNews) -> None:
        now = time.perf_counter()
        self.waited += news.data_share * (now - self._last)
        self._last = now

    def on_epoch(self, news: EpochNews) -> None:
        pass

    def on_note(self, sentence: str) -> None:
        print(sentence, file=sys.stderr)


WAYS = {"ctdenoise": Ours, "plain": Plain}


@lru_cache
def volumes(folder: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Anatomy and noise in HU, each (z, y, x)."""
    anatomy, noisy = (read_volume(folder / name).hu for name in (ANATOMY, NOISY))
    return anatomy, noisy - anatomy


def synchronise(device: str) -> None:
    """Wait until the device is idle."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)

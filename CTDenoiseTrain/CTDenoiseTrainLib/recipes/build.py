"""Train a bundled model again.

    python -m CTDenoiseTrainLib.recipes.build NAME FOLDER --series NLST

Anatomy comes from two openly licensed chest volumes (fetched as `ctdenoise sample lung` does), averaged down until they
are sharp for each pixel, and from procedural vessels, bones and organs. Noise comes from simulated pure-noise
reconstructions of body-shaped attenuation and, when `--series` names a folder with the NLST chest series, from
subtracting sections of its first seventy (by instance number, the upper chest) from each other. The others are what the
card's figures are taken on.

A training has several stages (see `bundled`), each on new material. `--start MODEL` takes what an earlier model learnt
for the first of them: the last stage alone is trained then.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from CTDenoiseLib.inference import Backend
from CTDenoiseLib.models import Metric, Model, ModelCard, ModelStore
from CTDenoiseLib.networks import DenoisingNetwork, create
from CTDenoiseLib.networks.hrcnn import HRCNN

from ..evaluation import evaluate
from ..material.chests import open_chests
from ..material.make import make_material
from ..material.sampler import PairSampler
from ..retention import retention_metrics
from ..training.news import EpochNews, StepNews
from ..training.trainer import Trainer
from ..training.widen import widened
from .bundled import BUNDLED
from .bundled_model import BundledModel, Stage
from .model_record import SCALE_HU, save_bundled, training_record
from .real_series import VESSELS, RealSeries
from .rounding import rounding_metric

SEED = 0


@dataclass(frozen=True)
class _Trained:
    """What the stages came to."""

    network: DenoisingNetwork
    seconds: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch and read the data, then build the model."""
    options = _parse(arguments)
    real = RealSeries.read(options.series) if options.series else None
    start = ModelStore(None, options.start.parent).load(options.start.stem) if options.start else None
    build(BUNDLED[options.name], options.models, open_chests(options.work), real, start=start)


def build(
    model: BundledModel,
    models: Path,
    chests: Sequence[NDArray[np.floating]],
    real: RealSeries | None,
    *,
    start: Model | None = None,
) -> ModelCard:
    """Train, save, evaluate, and save again with the figures.

    Args:
        model: What is to be built.
        models: Folder for the model; an older one of its name is replaced.
        chests: Chest volumes in HU, each (z, y, x).
        real: The real series, if it is at hand.
        start: What all stages but the last came to in an earlier training, if they are not to be done again.

    Raises:
        ValueError: The model is a mean of stages, of which some would not be trained.
    """
    first = len(model.stages) - 1 if start else 0
    if start and any(index < first for index in model.mean_of):
        raise ValueError(f"“{model.name}” is a mean of several stages; train all of them, without a start.")
    trained = _train(model, first, None if start is None else start.network, chests, real)
    record = training_record(
        model, real=real is not None, seed=SEED, seconds=trained.seconds, done=model.stages[first:], start=start
    )
    card = save_bundled(models, trained.network, model, record)
    if real is None:
        return card
    return save_bundled(models, trained.network, model, record, metrics=measure(models, card, real, trained.network))


def measure(models: Path, card: ModelCard, real: RealSeries, network: DenoisingNetwork) -> tuple[Metric, ...]:
    """The card's figures: noise, bias, edges and vessels on sections that gave nothing to training.

    Args:
        models: Folder of the model.
        card: Its card.
        real: The real series.
        network: As it was trained, with weights that were not rounded for the file.
    """
    model = ModelStore(bundled_folder=None, user_folder=models).load(card.name)
    backend = Backend.choose("cpu", "fp32")
    metrics = evaluate(model, real.volume, sections=real.for_figures, backend=backend).metrics(real.description)
    if real.liver is not None:
        metrics += retention_metrics(model, real.volume, real.liver, VESSELS, backend=backend)
    metrics += (rounding_metric(model, network, real),)
    for metric in metrics:
        print(f"{metric.name}: {metric.value:g} {metric.unit}")
    return metrics


def _train(
    model: BundledModel,
    first: int,
    network: DenoisingNetwork | None,
    chests: Sequence[NDArray[np.floating]],
    real: RealSeries | None,
) -> _Trained:
    started = time.monotonic()
    measured_noise = [real.noise_map()] if real else []
    torch.manual_seed(SEED)
    kept: list[DenoisingNetwork] = []
    for index, stage in enumerate(model.stages):
        if index < first:
            continue
        seed = SEED + 5000 * index
        material = make_material(chests, measured_noise, size=stage.size, seed=seed, on_progress=print)
        trainer = Trainer(
            _network(model, stage, network),
            PairSampler(material, replace(stage.pairs, twins=stage.bias_weight is not None), seed=seed + 1),
            stage.training,
            steps_per_epoch=stage.steps_per_epoch,
            scale_hu=SCALE_HU,
            backend=Backend.choose("cpu"),
            observer=_Printer(),
            bias_weight=stage.bias_weight,
        )
        network = trainer.run().network
        if index in model.mean_of:
            kept.append(copy.deepcopy(network))
    assert network is not None
    return _Trained(mean_network(kept) if kept else network, time.monotonic() - started)


def mean_network(networks: Sequence[DenoisingNetwork]) -> DenoisingNetwork:
    """A network with the mean weights of several of one kind."""
    mean = copy.deepcopy(networks[0])
    states = [network.state_dict() for network in networks]
    mean.load_state_dict(
        {
            name: torch.stack([state[name] for state in states]).mean(0) if tensor.is_floating_point() else tensor
            for name, tensor in states[-1].items()
        }
    )
    return mean


def _network(model: BundledModel, stage: Stage, before: DenoisingNetwork | None) -> DenoisingNetwork:
    """The network of the stage before, made wider where the stage wants it, or a new one."""
    if before is None:
        return create(model.network, stage.configuration)
    if isinstance(before, HRCNN) and stage.configuration["width"] != before.configuration["width"]:
        return widened(before, stage.configuration["width"], seed=SEED)
    return before


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(BUNDLED), help="the model")
    parser.add_argument("models", type=Path, help="folder for the model and its card")
    parser.add_argument("--series", type=Path, help="folder with the NLST series; without it no real noise is used")
    parser.add_argument("--start", type=Path, help="card (.json) of what all stages but the last came to")
    parser.add_argument("--work", type=Path, default=Path("build/lung"), help="where the chest volumes are kept")
    return parser.parse_args(arguments)


class _Printer:
    """Prints a line for each epoch."""

    def check(self) -> None:
        """Go on in any case."""

    def on_step(self, news: StepNews) -> None:
        """Say nothing."""

    def on_epoch(self, news: EpochNews) -> None:
        """Print the loss, relative to the noise."""
        if news.loss is not None:
            print(f"epoch {news.epoch}  loss {news.loss:.4f}  {news.seconds:.0f} s", flush=True)

    def on_note(self, sentence: str) -> None:
        """Print what is to be known."""
        print(sentence, flush=True)


if __name__ == "__main__":
    main()

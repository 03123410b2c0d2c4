"""A network trained in an experiment: kept when finished, with checkpoints on the way."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import nn

from CTDenoiseLib.atomic import file_in_the_making
from CTDenoiseLib.networks import DenoisingNetwork

from ..errors import CheckpointError
from ..pairs.batch import BatchSource
from ..recipe.content import TrainingOptions
from ..runs.checkpoint_record import checkpoint_folders
from ..runs.checkpoints import last_checkpoint, write_checkpoint
from ..training.news import EpochNews, StepNews
from ..training.state import TrainerState
from ..training.trainer import Trainer, Validate
from .workbench import ExperimentError, Watcher, Workbench, read_json, write_json

_WEIGHTS_SUFFIX, _RECORD_SUFFIX = ".safetensors", ".training.json"
"""Not plain .json, which is that of measured figures: both may have the name of the same stage."""


@dataclass(frozen=True)
class Trained:
    """A trained network.

    Attributes:
        network: In evaluation mode, on the processor.
        losses: Mean of the training loss of each epoch.
        validation: Loss of validation after each epoch, the state before the first included; empty without validation.
        steps: Done in all.
        seconds: That training took.
        sha256: Of the weights.
    """

    network: DenoisingNetwork
    losses: tuple[float, ...]
    validation: tuple[float, ...]
    steps: int
    seconds: float
    sha256: str


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """How a network is trained in an experiment.

    Attributes:
        options: See `TrainingOptions`; device and precision are those of the workbench.
        steps_per_epoch: Steps between two validations.
        scale_hu: HU (or other units of the images) that make 1 in the network.
    """

    options: TrainingOptions
    steps_per_epoch: int
    scale_hu: float = 100.0


def trained(  # noqa: PLR0913 - what, from which pairs, how, and from where
    bench: Workbench,
    stage: str,
    *,
    start: Callable[[], DenoisingNetwork],
    batches: Callable[[], BatchSource],
    plan: TrainingPlan,
    seed: int,
    validate: Validate | None = None,
    learning: Callable[[DenoisingNetwork], Iterable[nn.Parameter]] | None = None,
) -> Trained:
    """The network of a stage, trained now if it is not there yet; a training that was cut off goes on.

    Args:
        bench: Of the experiment.
        stage: Name of the stage.
        start: Makes the network as it is before training, after `torch.manual_seed(seed)`; it is trained in place.
        batches: Makes the source of pairs.
        plan: How it is trained.
        seed: Of the weights.
        validate: See `Trainer`.
        learning: Picks the parameters that learn of a network that was trained before; by default all from the start.

    Raises:
        ExperimentError: The files of a finished stage are damaged.
        LossError: The loss is no number any more.
        WriteFailedError: The disk does not take a checkpoint or the result; the checkpoints before are as they were.
    """
    record_file = bench.stage_file(stage, _RECORD_SUFFIX)
    torch.manual_seed(seed)
    network = start()
    if not record_file.exists():
        bench.watcher.step(stage)
        _train(bench, stage, network, batches(), plan, validate, learning)
    record = read_json(record_file)
    content = _checked_weights(bench, stage, record)
    network.load_state_dict(safetensors.torch.load(content))
    return Trained(
        network.to("cpu").eval(),
        losses=tuple(record["losses"]),
        validation=tuple(record["validation"]),
        steps=record["steps"],
        seconds=record["seconds"],
        sha256=record["sha256"],
    )


def _checked_weights(bench: Workbench, stage: str, record: dict[str, Any]) -> bytes:
    """The weights of a finished stage as they were written."""
    file = bench.stage_file(stage, _WEIGHTS_SUFFIX)
    content = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(content).hexdigest() != record["sha256"]:
        raise ExperimentError(
            f"“{file}” is missing or damaged; delete {bench.stage_file(stage, _RECORD_SUFFIX).name} beside it, and the "
            "experiment will train it again."
        )
    return content


def _train(  # noqa: PLR0913, PLR0917 - see `trained`
    bench: Workbench,
    stage: str,
    network: DenoisingNetwork,
    batches: BatchSource,
    plan: TrainingPlan,
    validate: Validate | None,
    learning: Callable[[DenoisingNetwork], Iterable[nn.Parameter]] | None,
) -> None:
    checkpoints = bench.stage_file(stage, ".checkpoints")

    def save(state: TrainerState, epoch_over: bool) -> None:
        write_checkpoint(checkpoints, state, facts={"stage": stage})

    trainer = Trainer(
        network,
        batches,
        plan.options,
        steps_per_epoch=plan.steps_per_epoch,
        scale_hu=plan.scale_hu,
        backend=bench.backend,
        observer=_Observer(bench.watcher),
        validate=validate,
        save=save,
        learning=None if learning is None else learning(network),
    )
    state = _last_state(checkpoints, bench.watcher)
    if state is not None:
        trainer.restore(state)
    outcome = trainer.run()
    weights = {key: tensor.detach().cpu().contiguous() for key, tensor in outcome.network.state_dict().items()}
    content = safetensors.torch.save(weights)
    with file_in_the_making(bench.stage_file(stage, _WEIGHTS_SUFFIX), overwrite=True) as making:
        making.write_bytes(content)
    # The record comes last: with it the stage is finished.
    write_json(
        bench.stage_file(stage, _RECORD_SUFFIX),
        {
            "losses": [news.loss for news in outcome.history if news.loss is not None],
            "validation": [news.validation.loss for news in outcome.history if news.validation.loss is not None],
            "steps": outcome.epochs * plan.steps_per_epoch,
            "best_epoch": outcome.best_epoch,
            "seconds": outcome.seconds,
            "reason": outcome.reason,
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    shutil.rmtree(checkpoints, ignore_errors=True)


def _last_state(checkpoints: Path, watcher: Watcher) -> TrainerState | None:
    """Where a training that was cut off goes on; `None` to begin."""
    if not checkpoint_folders(checkpoints):
        return None
    try:
        return last_checkpoint(checkpoints, on_note=watcher.note).state
    except CheckpointError as error:
        watcher.note(f"{error} The stage is trained from its start.")
        shutil.rmtree(checkpoints, ignore_errors=True)
        return None


class _Observer:
    """Passes on how far training is."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def check(self) -> None:
        """Go on in any case."""

    def on_step(self, news: StepNews) -> None:
        self._watcher.count(news.step, news.steps)

    def on_epoch(self, news: EpochNews) -> None:
        """Say nothing: the record tells it."""

    def on_note(self, sentence: str) -> None:
        self._watcher.note(sentence)

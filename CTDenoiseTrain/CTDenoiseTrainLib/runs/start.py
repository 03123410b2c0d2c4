"""Train in a run folder, from the start or from its last checkpoint."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress

from CTDenoiseLib.atomic import WriteFailedError
from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.inference import Backend
from CTDenoiseLib.networks import DenoisingNetwork

from ..errors import CheckpointError, LossError
from ..training.distributed import Processes, joined_processes, own_device
from ..training.news import EpochNews, Observer, SaveWanted, StoppedError, ValidationFigures
from ..training.state import TrainerState
from ..training.trainer import Trainer
from ..validation.validator import Check, Preview
from .checkpoints import Checkpoint, write_checkpoint
from .conditions import Conditions
from .finish import Ending, write_result
from .prepare import Prepared, prepare
from .resume import clear_unfinished, complete_result, find_checkpoint
from .run_folder import RunError, RunFolder
from .run_log import RunLog, run_log
from .run_result import RunResult

OnPreview = Callable[[Preview, int], object]
"""Shown some held-out sections as the network makes them now, and told after which epoch."""


def train_run(
    run: RunFolder, *, observer: Observer, resume: bool = False, on_preview: OnPreview | None = None
) -> RunResult | None:
    """Train until the end of the recipe, until nothing gets better, or until the observer stops it.

    Under `torchrun` all processes call this with the same run folder, which must be on a disk that all of them see; the
    first one writes.

    Args:
        run: The run; see `run_folder.begin`.
        observer: Watches, stops and pauses. If training goes on, it is told of all epochs again.
        resume: Whether to go on from the last checkpoint that is not damaged, or from the start if there is none yet.
        on_preview: Shown some held-out sections after each epoch.

    Returns:
        What the training came to, in the first process; `None` in all others.

    Raises:
        RunError: The folder is no run, somebody trains in it, it has checkpoints and is not to be resumed, or it was
            moved or deleted meanwhile.
        RecipeError: The recipe is not valid.
        DataError: The images cannot be trained with.
        CheckpointError: All checkpoints are damaged; recipe, images or the model to fine-tune are not those of the
            checkpoint; or the disk does not take one, or the result. The checkpoints before are as they were.
        LossError: The loss is no number any more. The best weights so far are the result of the run.
        Cancelled: The observer wants the end at once, or a stop before the first step.
        CTDenoiseError: A series cannot be found or read, or there is no such device, network or model.
    """
    with joined_processes() as processes, run.in_use() if processes.is_first else nullcontext():
        checkpoint = _checkpoint(run, processes, observer, resume=resume)
        if checkpoint is not None and (result := complete_result(run)) is not None:
            if not processes.is_first:
                return None
            _tell_again(checkpoint, observer)
            return result
        try:
            return _train(run, processes, observer, checkpoint=checkpoint, on_preview=on_preview)
        finally:
            if processes.is_first:
                shutil.rmtree(run.cache, ignore_errors=True)


def _checkpoint(run: RunFolder, processes: Processes, observer: Observer, *, resume: bool) -> Checkpoint | None:
    """The checkpoint to begin from; the first process looks for it, and tidies up, while the others wait."""
    found: list[Checkpoint | None] = []

    def find() -> bool:
        clear_unfinished(run)
        found.append(find_checkpoint(run, resume=resume, on_note=observer.on_note))
        return False

    processes.lead(find)
    return found[0] if found else find_checkpoint(run, resume=resume, on_note=_say_nothing)


def _train(
    run: RunFolder,
    processes: Processes,
    observer: Observer,
    *,
    checkpoint: Checkpoint | None,
    on_preview: OnPreview | None,
) -> RunResult | None:
    recipe = run.recipe()
    on_note = observer.on_note if processes.is_first else _say_nothing
    prepared = prepare(
        recipe,
        Backend.choose(own_device(recipe.training.device), recipe.training.precision),
        base=run.path,
        cache=run.cache / str(processes.rank),
        on_note=on_note,
        check=lambda: _check_before(observer),
    )
    conditions = Conditions.of(prepared)
    if checkpoint is not None:
        Conditions.from_content(checkpoint.facts).check(conditions, on_note=on_note)
    if not processes.is_first:
        _trainer(prepared, observer, checkpoint).run()
        return None
    # From here on the training is another one than that of the result.
    shutil.rmtree(run.result, ignore_errors=True)
    with run_log(run, observer, checkpoint, steps_per_epoch=prepared.steps_per_epoch) as log:
        for sentence in prepared.data.warnings:
            log.on_note(sentence)
        trainer = _trainer(prepared, log, checkpoint, save=_Saver(run, conditions), on_preview=on_preview)
        return _run(trainer, run, prepared, log)


def _trainer(
    prepared: Prepared,
    observer: Observer,
    checkpoint: Checkpoint | None,
    *,
    save: _Saver | None = None,
    on_preview: OnPreview | None = None,
) -> Trainer:
    def validate(network: DenoisingNetwork, epoch: int, check: Check) -> ValidationFigures:
        figures = prepared.validator(network, epoch, check)
        if save is not None:
            save.check_folder()
        if on_preview is not None:
            on_preview(prepared.validator.preview(network, check), epoch)
        return figures

    trainer = Trainer(
        prepared.network,
        prepared.batches,
        prepared.recipe.training,
        steps_per_epoch=prepared.steps_per_epoch,
        scale_hu=prepared.scale_hu,
        backend=prepared.backend,
        observer=observer,
        validate=validate,
        save=save,
        learning=prepared.learning,
    )
    if checkpoint is not None:
        trainer.restore(checkpoint.state)
    return trainer


def _run(trainer: Trainer, run: RunFolder, prepared: Prepared, log: RunLog) -> RunResult:
    def check() -> None:
        # A stop is under way already; only the wish to end at once counts.
        with suppress(StoppedError, SaveWanted):
            log.check()

    try:
        outcome = trainer.run()
    except LossError as error:
        if log.history:
            _write_result(run, prepared, _after_loss(prepared, log.history, str(error)), check)
        raise
    ending = Ending(
        network=outcome.network,
        epochs=outcome.epochs,
        best_epoch=outcome.best_epoch,
        steps=trainer.state().step,
        complete=outcome.complete,
        reason=outcome.reason,
        seconds=outcome.seconds,
    )
    result = _write_result(run, prepared, ending, check)
    for sentence in result.warnings[len(prepared.data.warnings) :]:
        log.on_note(sentence)
    return result


def _write_result(run: RunFolder, prepared: Prepared, ending: Ending, check: Callable[[], None]) -> RunResult:
    try:
        return write_result(run, prepared, ending, check=check)
    except WriteFailedError as error:
        raise CheckpointError(
            f"{error} Training has ended and its checkpoint is there; resume the run when there is room again, to have "
            "its result written."
        ) from error


def _after_loss(prepared: Prepared, history: Sequence[EpochNews], reason: str) -> Ending:
    """What is left when the loss is no number any more: the network with its best weights."""
    last = history[-1]
    return Ending(
        network=prepared.network.eval(),
        epochs=last.epoch,
        best_epoch=max((news.epoch for news in history if news.best), default=0),
        steps=last.epoch * prepared.steps_per_epoch,
        complete=False,
        reason=reason,
        seconds=last.seconds,
    )


class _Saver:
    """Writes checkpoints of a run that this process has in use."""

    def __init__(self, run: RunFolder, conditions: Conditions) -> None:
        self._run = run
        self._lock = run.lock_file.stat()
        self._facts = conditions.to_content()

    def __call__(self, state: TrainerState, epoch_over: bool) -> None:
        """Write a checkpoint.

        Raises:
            RunError: The folder is no longer there.
            CheckpointError: The disk does not take it.
        """
        self.check_folder()
        try:
            write_checkpoint(self._run.checkpoints, state, facts=self._facts)
        except WriteFailedError as error:
            raise CheckpointError(
                f"{error} Training has ended at step {state.step}; the checkpoint before is as it was, resume the run "
                "when there is room again."
            ) from error

    def check_folder(self) -> None:
        """See that the run is still in its place: to write where it was would make a folder that is no run.

        Raises:
            RunError: It was moved or deleted; there may be another one in its place.
        """
        with suppress(OSError):
            if os.path.samestat(self._run.lock_file.stat(), self._lock):
                return
        raise RunError(
            f"The run {self._run.path} was moved or deleted while it was trained in, so training has ended. If it lies "
            "elsewhere now, resume it there."
        )


def _check_before(observer: Observer) -> None:
    """Check while nothing is trained yet: a pause has nothing to save, and a stop is an end at once."""
    try:
        observer.check()
    except SaveWanted:
        _check_before(observer)
    except StoppedError:
        raise Cancelled("Training was stopped before its first step.") from None


def _say_nothing(sentence: str) -> None:
    """What the first process says, the others need not repeat."""


def _tell_again(checkpoint: Checkpoint, observer: Observer) -> None:
    for news in checkpoint.state.history:
        observer.on_epoch(news)
    observer.on_note("This training is complete; there is nothing left to do.")

"""Who writes down how a training goes: it stands between the trainer and who watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from CTDenoiseLib.errors import CTDenoiseError

from ..training.news import EpochNews, Observer, StepNews
from .checkpoints import Checkpoint
from .epoch_log import write_epoch_log
from .run_folder import RunFolder
from .tensorboard_log import TensorBoardLog


@contextmanager
def run_log(
    run: RunFolder, observer: Observer, checkpoint: Checkpoint | None, *, steps_per_epoch: int
) -> Iterator[RunLog]:
    """A log that goes on where a checkpoint is, or begins without one; closed at the end of the block."""
    log = RunLog(
        run,
        observer,
        history=() if checkpoint is None else checkpoint.state.history,
        step=0 if checkpoint is None else checkpoint.state.step,
        steps_per_epoch=steps_per_epoch,
    )
    try:
        yield log
    finally:
        log.close()


class RunLog:
    """An `Observer` that passes everything on and keeps the logs of a run.

    A log that cannot be written ends no training: it is said once, and the logs end. If the disk is full, the next
    checkpoint will say so too.

    Args:
        run: The run.
        observer: Who watches.
        history: Epochs of the training so far; they are told again.
        step: Steps done so far.
        steps_per_epoch: Steps of an epoch.

    Attributes:
        history: All epochs validated so far.
    """

    def __init__(
        self, run: RunFolder, observer: Observer, *, history: Sequence[EpochNews], step: int, steps_per_epoch: int
    ) -> None:
        self._run = run
        self._observer = observer
        self.history = list(history)
        self._steps_per_epoch = steps_per_epoch
        self._tensorboard: TensorBoardLog | None = None
        self._ended = False
        for news in history:
            observer.on_epoch(news)
        self._write(lambda: self._begin(step))

    def check(self) -> None:
        """As the observer does."""
        self._observer.check()

    def on_step(self, news: StepNews) -> None:
        """Write down and pass on."""
        self._write(lambda: self._add_step(news))
        self._observer.on_step(news)

    def on_epoch(self, news: EpochNews) -> None:
        """Write down and pass on."""
        self.history.append(news)
        self._write(lambda: self._add_epoch(news))
        self._observer.on_epoch(news)

    def on_note(self, sentence: str) -> None:
        """Pass on."""
        self._observer.on_note(sentence)

    def close(self) -> None:
        """End the files."""
        if self._tensorboard is not None:
            self._write(self._tensorboard.close)
            self._tensorboard = None

    def _begin(self, step: int) -> None:
        write_epoch_log(self._run.log_file, self.history)
        self._tensorboard = TensorBoardLog(self._run.tensorboard, first_step=step + 1 if step else 0)

    def _add_step(self, news: StepNews) -> None:
        if self._tensorboard is not None:
            self._tensorboard.add_step(news)

    def _add_epoch(self, news: EpochNews) -> None:
        write_epoch_log(self._run.log_file, self.history)
        if self._tensorboard is not None:
            self._tensorboard.add_epoch(news, step=news.epoch * self._steps_per_epoch)

    def _write(self, write: Callable[[], None]) -> None:
        if self._ended:
            return
        try:
            write()
        except (OSError, CTDenoiseError) as error:
            self._ended = True
            self._observer.on_note(f"The logs of this run end here, while training goes on: {error}")

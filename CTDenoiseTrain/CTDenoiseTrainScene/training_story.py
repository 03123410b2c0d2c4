"""What a training session tells: its signals, and the latest that each of them told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from CTDenoiseLib.signal import Signal
from CTDenoiseTrainLib.worker.messages import DataSeen, EpochDone, Kept, PreviewReady, StepDone, Trained

from .training_state import TrainingState

if TYPE_CHECKING:
    from CTDenoiseLib.worker.message_base import JobNews


class TrainingStory:
    """Told by a `TrainingSession`, followed by chart, table, views and panel.

    Attributes:
        state_changed: Emits the new `TrainingState`.
        progress: Emits how much of the volumes is copied, from 0 to 1.
        data_seen: Emits what there is to look at, once the state is READY.
        began: Emits when a training begins or goes on from its checkpoint; all its epochs are told anew.
        step_done: Emits about twice a second while the worker trains.
        epoch_done: Emits after each epoch.
        preview_ready: Emits when validation sections were made anew.
        trained: Emits the figures at the end, once the state is DONE.
        kept: Emits when the model is in the store, once the state is DONE again.
        note: Emits a sentence worth reading.
        failed: Emits why something failed, in a sentence: before the state becomes FAILED, or, when the model could not
            be kept, goes back to what it was.
        seen: What `data_seen` emitted last, else `None`.
        epochs: The epochs so far.
        last_step: The latest step, else `None`.
        last_preview: The latest preview, else `None`.
        result: What `trained` emitted, else `None`.
        model: What `kept` emitted, else `None`.
        failure: The sentence that `failed` emitted last; empty once something new was begun.
    """

    def __init__(self) -> None:
        self.state_changed: Signal[TrainingState] = Signal()
        self.progress: Signal[float] = Signal()
        self.data_seen: Signal[DataSeen] = Signal()
        self.began: Signal[[]] = Signal()
        self.step_done: Signal[StepDone] = Signal()
        self.epoch_done: Signal[EpochDone] = Signal()
        self.preview_ready: Signal[PreviewReady] = Signal()
        self.trained: Signal[Trained] = Signal()
        self.kept: Signal[Kept] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self.seen: DataSeen | None = None
        self.epochs: list[EpochDone] = []
        self.last_step: StepDone | None = None
        self.last_preview: PreviewReady | None = None
        self.result: Trained | None = None
        self.model: Kept | None = None
        self.failure = ""

    def _forget(self) -> None:
        """Forget all of an earlier training: one begins, or will be told anew."""
        self.epochs = []
        self.last_step = self.last_preview = self.result = self.model = None

    def _remember(self, news: JobNews) -> None:
        """Keep what a worker says of its job."""
        match news:
            case StepDone():
                self.last_step = news
            case EpochDone():
                self.epochs.append(news)
            case PreviewReady():
                self.last_preview = news
            case DataSeen():
                self.seen = news
            case Trained():
                self.result = news
            case Kept():
                self.model = news

    def _tell(self, news: JobNews) -> None:
        """Emit what was remembered."""
        match news:
            case StepDone():
                self.step_done.emit(news)
            case EpochDone():
                self.epoch_done.emit(news)
            case PreviewReady():
                self.preview_ready.emit(news)
            case DataSeen():
                self.data_seen.emit(news)
            case Trained():
                self.trained.emit(news)
            case Kept():
                self.kept.emit(news)

    def _tell_failure(self, sentence: str) -> None:
        self.failure = sentence
        self.failed.emit(sentence)

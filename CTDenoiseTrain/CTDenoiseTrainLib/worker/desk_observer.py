"""Who watches a training in the worker: it tells the client how far it is, and does what the client wants."""

from __future__ import annotations

import math
from dataclasses import astuple

from CTDenoiseLib.worker.job_desk import JobDesk
from CTDenoiseLib.worker.messages import JobInstruction

from ..training.news import EpochNews, SaveWanted, StepNews, StoppedError
from .messages import Continue, EpochDone, Pause, Paused, StepDone, Stop


class DeskObserver:
    """An `Observer` that speaks for the client of a job.

    Args:
        desk: Of the job.
    """

    def __init__(self, desk: JobDesk) -> None:
        self._desk = desk
        self._stop = False
        self._pause = False
        self._saved_for_pause = False

    def check(self) -> None:
        """Do what the client wants; wait while it wants a pause.

        Raises:
            SaveWanted: A pause is to begin.
            StoppedError: The client wants the training saved and ended.
            Cancelled: The client wants the end at once.
        """
        self._desk.check_cancelled()
        for instruction in self._desk.messages():
            self._take(instruction)
        if self._pause and not self._stop:
            if not self._saved_for_pause:
                self._saved_for_pause = True
                raise SaveWanted
            self._wait()
        if self._stop:
            raise StoppedError

    def on_step(self, news: StepNews) -> None:
        """Tell the client."""
        self._desk.send(StepDone(self._desk.job, *astuple(news)))

    def on_epoch(self, news: EpochNews) -> None:
        """Tell the client; what is no number is no figure."""
        figures = news.validation
        self._desk.send(
            EpochDone(
                self._desk.job,
                epoch=news.epoch,
                loss=_finite(news.loss),
                validation_loss=_finite(figures.loss),
                rmse=_finite(figures.rmse),
                psnr=_finite(figures.psnr),
                ssim=_finite(figures.ssim),
                noise_reduction=_finite(figures.noise_reduction),
                residual_index=_finite(figures.residual_index),
                best=news.best,
                seconds=news.seconds,
            )
        )

    def on_note(self, sentence: str) -> None:
        """Tell the user.

        Raises:
            Cancelled: The client wants the end at once.
        """
        self._desk.note(sentence)
        # Images are opened without a check, but not without a word.
        self._desk.check_cancelled()

    def _take(self, instruction: JobInstruction) -> None:
        match instruction:
            case Pause():
                self._pause = True
            case Continue():
                self._pause = False
            case Stop():
                self._stop = True
        if not self._pause:
            self._saved_for_pause = False

    def _wait(self) -> None:
        self._desk.send(Paused(self._desk.job))
        while self._pause and not self._stop:
            self._take(self._desk.wait_for_message())


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value

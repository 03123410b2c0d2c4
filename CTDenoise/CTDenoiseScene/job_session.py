"""A job of the worker on one result; what it needs is copied from the scene step by step, while the views live."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from enum import Enum
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseLib.worker.workplace import Workplace

from .results import Results

if TYPE_CHECKING:
    from pathlib import Path

    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.job import Job
    from CTDenoiseLib.worker.message_base import JobDone, JobRequest
    from CTDenoiseLib.worker.messages import JobProgress

# Yields after each small step how much is done, from 0 to 1; returns the job for the worker.
Preparation = Generator[float, None, "JobRequest"]

# Copying to a temporary file is the smaller part of the work.
_SHARE_OF_PREPARATION = 0.3


class ResultGoneError(CTDenoiseError):
    """The result is not in the scene any more."""


class JobSessionState(Enum):
    """Where a session stands. It ends in one of the last three."""

    IDLE = "idle"
    PREPARING = "preparing"  # voxels are being copied, step by step in `work`
    WORKING = "working"  # the worker is at it
    CANCELLING = "cancelling"
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobSessionState.FAILED, JobSessionState.DONE, JobSessionState.CANCELLED)


class JobSession(ABC):
    """Does one job once, on the result as it is when the copying of its voxels begins.

    Everything happens in the caller's thread, inside `work` and the client's signals. Nothing raises: what goes wrong
    ends the session with a sentence.

    Args:
        client: Of the worker, which does the job after those it has.
        output_node: The output of a run.
        settle: Called before anything is copied, with the seconds it may take, until it returns `False`: whatever
            still changes the output, such as `StrengthControl.work`.
        temporary_folder: Where copies of voxels go; the system's by default.

    Attributes:
        state_changed: Emits the new `JobSessionState`.
        progress: Emits how much is done, from 0 to 1.
        note: Emits a sentence worth reading.
        failed: Emits the sentence that says why there is no result, once, before the state becomes FAILED.
    """

    def __init__(
        self,
        client: WorkerClient,
        output_node: slicer.vtkMRMLScalarVolumeNode,
        *,
        settle: Callable[[float], bool] | None = None,
        temporary_folder: Path | None = None,
    ) -> None:
        self.state_changed: Signal[JobSessionState] = Signal()
        self.progress: Signal[float] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self._client = client
        self._output_node: slicer.vtkMRMLScalarVolumeNode | None = output_node
        self._state = JobSessionState.IDLE
        self._failure = ""
        self._settle = settle
        self._temporary_folder = temporary_folder
        self._workplace: Workplace | None = None
        self._preparation: Preparation | None = None
        self._job: Job | None = None

    @property
    def state(self) -> JobSessionState:
        """Where it stands."""
        return self._state

    @property
    def failure(self) -> str:
        """The sentence that `failed` emitted, else empty."""
        return self._failure

    def start(self) -> None:
        """Begin; `work` does the rest. What stands in the way ends in FAILED with the sentence."""
        if self._state is not JobSessionState.IDLE:
            return
        try:
            self._check()
        except CTDenoiseError as error:
            self._fail(str(error))
            return
        self._enter(JobSessionState.PREPARING)

    def work(self, budget_seconds: float) -> bool:
        """Copy a few sections.

        For a timer. It takes the budget and at most one section more.

        Returns:
            Whether more is waiting now; otherwise call it again at the next tick while the session has not ended.
        """
        if self._state is JobSessionState.CANCELLING:
            self._client.tick()
        if self._state is not JobSessionState.PREPARING:
            return False
        until = time.perf_counter() + budget_seconds
        try:
            if self._settle is not None and self._settle(budget_seconds):
                return True
            self._go_on(until)
        except CTDenoiseError as error:
            self._fail(str(error))
        return self._state is JobSessionState.PREPARING

    def cancel(self) -> None:
        """Stop. Without effect once it has ended."""
        if self._state in (JobSessionState.IDLE, JobSessionState.PREPARING):
            self._end(JobSessionState.CANCELLED)
        elif self._state is JobSessionState.WORKING and self._job is not None:
            self._enter(JobSessionState.CANCELLING)
            self._job.cancel()

    def close(self) -> None:
        """Cancel if need be, without waiting for the worker to say so."""
        self.cancel()
        self._end(JobSessionState.CANCELLED)

    @abstractmethod
    def _check(self) -> None:
        """See that nothing is in the way, as far as that is known before the work.

        Raises:
            CTDenoiseError: Something is.
        """

    @abstractmethod
    def _prepare(self, results: Results, workplace: Workplace) -> Preparation:
        """Copy what the worker needs.

        Raises:
            CTDenoiseError: While iterating: nodes or files are gone, the result changes meanwhile, or the disk is full.
        """

    @abstractmethod
    def _take(self, done: JobDone) -> None:
        """Keep what the worker found."""

    def _go_on(self, until: float) -> None:
        if self._preparation is None:
            results = Results.of(self._output_node)
            if results is None:
                raise ResultGoneError("The result was removed from the scene, so nothing could be done with it.")
            self._workplace = Workplace(self._temporary_folder)
            self._preparation = self._prepare(results, self._workplace)
        try:
            while True:
                share = next(self._preparation)
                if time.perf_counter() >= until:
                    self.progress.emit(_SHARE_OF_PREPARATION * share)
                    return
        except StopIteration as finished:
            self._hand_over(finished.value)

    def _hand_over(self, request: JobRequest) -> None:
        """To the worker."""
        self._preparation = None
        self.progress.emit(_SHARE_OF_PREPARATION)
        job = self._job = self._client.run(request)
        job.progress.connect(self._on_progress)
        job.note.connect(self._on_note)
        job.done.connect(self._on_done)
        job.cancelled.connect(self._on_cancelled)
        job.failed.connect(self._fail)
        self._enter(JobSessionState.WORKING)

    def _on_progress(self, news: JobProgress) -> None:
        if not self._state.ended:
            self.progress.emit(_SHARE_OF_PREPARATION + (1 - _SHARE_OF_PREPARATION) * news.done / news.total)

    def _on_note(self, sentence: str) -> None:
        if not self._state.ended:
            self.note.emit(sentence)

    def _on_done(self, done: JobDone) -> None:
        if not self._state.ended:
            self._take(done)
        self._end(JobSessionState.DONE)

    def _on_cancelled(self) -> None:
        self._end(JobSessionState.CANCELLED)

    def _fail(self, sentence: str) -> None:
        if self._state.ended:
            return
        self._failure = sentence
        self.failed.emit(sentence)
        self._end(JobSessionState.FAILED)

    def _end(self, state: JobSessionState) -> None:
        """Let go of everything; the copies of voxels go too. Whatever comes after the first end is nobody's concern."""
        if self._state.ended:
            return
        if self._preparation is not None:
            self._preparation.close()
        if self._workplace is not None:
            self._workplace.close()
        self._preparation = self._workplace = self._job = self._settle = self._output_node = None
        self._enter(state)

    def _enter(self, state: JobSessionState) -> None:
        self._state = state
        self.state_changed.emit(state)

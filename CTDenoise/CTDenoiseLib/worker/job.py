"""A job of the worker, as its client sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum

from ..signal import Signal
from .messages import (
    JobCancelled,
    JobDone,
    JobFailed,
    JobInstruction,
    JobNews,
    JobProgress,
    JobRequest,
    Message,
    Note,
    Prioritise,
    SectionDone,
    SectionsReady,
)


class JobState(Enum):
    """What a job does."""

    OPEN = "open"
    CANCELLING = "cancelling"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Job:
    """A job from request to end. One of `done`, `cancelled` and `failed` is emitted in the end, and nothing after it.

    Attributes:
        id: Its number.
        request: What was asked for.
        state: What it does.
        sections_done: Sections finished so far.
        deadline: When `WorkerClient.tick` loses its patience, by `time.monotonic`; `None` unless it is being cancelled.
        section_done: A section is in the noise file.
        progress: How far it is.
        note: A sentence the user should know.
        news: What else the worker says before the end; depends on the kind of job.
        done: It did all that was asked for; the figures depend on the kind of job.
        cancelled: It ended because of `cancel`; what was finished stays.
        failed: It ended by an error, in a sentence; what was finished stays.
    """

    def __init__(self, request: JobRequest, *, send: Callable[[Message], None], cancel: Callable[[Job], None]) -> None:
        self.id = request.job
        self.request = request
        self.state = JobState.OPEN
        self.sections_done = 0
        self.deadline: float | None = None
        self.section_done: Signal[SectionDone] = Signal()
        self.progress: Signal[JobProgress] = Signal()
        self.note: Signal[str] = Signal()
        self.news: Signal[JobNews] = Signal()
        self.done: Signal[JobDone] = Signal()
        self.cancelled: Signal[[]] = Signal()
        self.failed: Signal[str] = Signal()
        self._send = send
        self._cancel = cancel

    @property
    def ended(self) -> bool:
        """Whether it is over, in whichever way."""
        return self.state not in (JobState.OPEN, JobState.CANCELLING)

    def tell(self, instruction: Callable[[int], JobInstruction]) -> None:
        """Tell the worker something about it. Without effect on a job that is over or being cancelled.

        Args:
            instruction: Makes it for the number of the job, such as its class if it has no other fields.
        """
        if self.state is JobState.OPEN:
            self._send(instruction(self.id))

    def feed(self, sections: Iterable[int]) -> None:
        """Say that these sections of the input file are there now."""
        self.tell(lambda job: SectionsReady(job, tuple(sections)))

    def prioritise(self, sections: Iterable[int]) -> None:
        """Have these sections next, in this order; those that are done or not part of the job are left out."""
        self.tell(lambda job: Prioritise(job, tuple(sections)))

    def cancel(self) -> None:
        """End it within a second; see `WorkerClient.tick`. Without effect on a job that is over."""
        if self.state is JobState.OPEN:
            self.state = JobState.CANCELLING
            self._cancel(self)

    def receive(self, news: JobNews) -> None:
        """Take what the worker says; called by the client."""
        if self.ended:
            return
        match news:
            case SectionDone():
                self.sections_done += 1
                self.section_done.emit(news)
            case JobProgress():
                self.progress.emit(news)
            case Note():
                self.note.emit(news.text)
            case JobDone():
                self.state = JobState.DONE
                self.done.emit(news)
            case JobCancelled():
                self.state = JobState.CANCELLED
                self.cancelled.emit()
            case JobFailed():
                self.state = JobState.FAILED
                self.failed.emit(news.sentence)
            case _:
                self.news.emit(news)

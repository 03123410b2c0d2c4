"""What a job has at hand while it runs in the worker: what the client says about it, and how to answer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import Cancelled
from .messages import JobInstruction, JobNews, JobProgress, Message, Note

if TYPE_CHECKING:
    from ..inference import Denoiser


class JobDesk:
    """Belongs to one job. The reading thread puts in, the job takes out.

    Args:
        job: Number of the job.
        send: Sends a message to the client.

    Attributes:
        job: Number of the job.
        done: What `progress` was told last.
        denoiser: The loaded model when the job runs; `None` without.
    """

    def __init__(self, job: int, send: Callable[[Message], None]) -> None:
        self.job = job
        self.done = 0
        self.denoiser: Denoiser | None = None
        self._send = send
        self._inbox: queue.SimpleQueue[JobInstruction | None] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._start: float | None = None

    # For the job.

    @property
    def cancelled(self) -> bool:
        """Whether the client has asked to end the job."""
        return self._cancelled.is_set()

    @property
    def seconds(self) -> float:
        """Since the job began."""
        return 0.0 if self._start is None else time.perf_counter() - self._start

    def check_cancelled(self) -> None:
        """To be called at least twice a second.

        Raises:
            Cancelled: The client has asked to end the job.
        """
        if self.cancelled:
            raise Cancelled("The job was cancelled.")

    def messages(self) -> Iterator[JobInstruction]:
        """What the client has said about the job since the last call."""
        while not self._inbox.empty():
            message = self._inbox.get()
            if message is not None:
                yield message

    def wait_for_message(self) -> JobInstruction:
        """What the client says next.

        Raises:
            Cancelled: The client has asked to end the job.
        """
        while True:
            self.check_cancelled()
            message = self._inbox.get()
            if message is not None:
                return message

    def send(self, news: JobNews) -> None:
        """Tell the client something."""
        self._send(news)

    def note(self, text: str) -> None:
        """Tell the user something in a sentence."""
        self._send(Note(self.job, text))

    def progress(self, done: int, total: int) -> None:
        """Tell how far the job is.

        Args:
            done: Sections done, at least 1.
            total: Sections in all.
        """
        self.done = done
        seconds = max(self.seconds, 1e-9)
        self._send(JobProgress(self.job, done, total, done / seconds, (total - done) * seconds / done))

    # For the worker.

    def begin(self, denoiser: Denoiser | None) -> None:
        """The job's turn has come."""
        self.denoiser = denoiser
        self._start = time.perf_counter()

    def deliver(self, message: JobInstruction) -> None:
        """The client says something; from any thread."""
        self._inbox.put(message)

    def cancel(self) -> None:
        """The client asks to end the job; from any thread. It is woken if it waits."""
        self._cancelled.set()
        self._inbox.put(None)

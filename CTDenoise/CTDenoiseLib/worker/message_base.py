"""What all messages between the worker and its client are: frozen dataclasses, some of which belong to a job.

A kind of job consists of a subclass of `JobRequest`, a subclass of `JobDone` with its figures, and a function
`run(request, desk)` in a module of its own. Those of this package are listed in `messages` and `jobs`; another package
makes its own known by `messages.register` and `jobs.register`, and starts a worker from a module of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import CTDenoiseError


class ProtocolError(CTDenoiseError):
    """A line that is no message of this version of the protocol."""


@dataclass(frozen=True)
class Message:
    """One line between worker and client."""


@dataclass(frozen=True)
class JobRequest(Message):
    """Asks the worker for a job. Jobs are done one after the other.

    Attributes:
        job: Number of the job, given by `WorkerClient`.
    """

    job: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class ModelJobRequest(JobRequest):
    """Asks for a job that the model of the last `LoadModel` does."""


@dataclass(frozen=True)
class JobNews(Message):
    """Something about a job.

    Attributes:
        job: Its number.
    """

    job: int


@dataclass(frozen=True)
class JobInstruction(JobNews):
    """What the client tells the worker about a job that it has asked for."""


@dataclass(frozen=True)
class JobDone(JobNews):
    """A job is done. Each kind of job has its own subclass with its figures."""

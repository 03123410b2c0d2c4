"""The messages of a worker that another package could bring: it counts, and hears meanwhile from where to go on."""

from __future__ import annotations

from dataclasses import dataclass

from CTDenoiseLib.worker.messages import JobDone, JobInstruction, JobNews, JobRequest, register


@dataclass(frozen=True, kw_only=True)
class Count(JobRequest):
    """Asks to tell `start`, and then whatever `GoOnFrom` says, up to 0."""

    start: int


@dataclass(frozen=True)
class GoOnFrom(JobInstruction):
    """The number to tell next."""

    number: int


@dataclass(frozen=True)
class Counted(JobNews):
    """A number."""

    number: int


@dataclass(frozen=True)
class CountDone(JobDone):
    """0 was told.

    Attributes:
        told: How many numbers were told.
    """

    told: int


register(Count, GoOnFrom, Counted, CountDone)

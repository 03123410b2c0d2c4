"""The kinds of jobs, and what does them: imported when the first of a kind comes, for only some need torch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .export_messages import WriteReport, WriteSeries, WriteVolume
from .job_desk import JobDesk
from .measure_messages import AuditResult, MeasureRetention
from .messages import Denoise, JobDone, JobRequest

_MODULES: dict[type[JobRequest], str] = {
    Denoise: f"{__package__}.denoise_job",
    WriteSeries: f"{__package__}.write_series",
    WriteVolume: f"{__package__}.write_volume",
    WriteReport: f"{__package__}.write_report",
    AuditResult: f"{__package__}.audit_result",
    MeasureRetention: f"{__package__}.measure_retention",
}


def register(request: type[JobRequest], module: str) -> None:
    """Say what does a kind of job.

    Args:
        request: The kind.
        module: Full name of a module with a function `run(request, desk)`. It returns the figures, or raises a
            `CTDenoiseError` with a sentence for the user; `Cancelled`, which the desk raises, is let through.
    """
    _MODULES[request] = module


def run_job(request: JobRequest, desk: JobDesk) -> JobDone:
    """Do a job.

    Raises:
        Cancelled: The client has asked to end it.
        CTDenoiseError: It cannot be done.
    """
    module = import_module(_MODULES[type(request)])
    run: Callable[[Any, JobDesk], JobDone] = module.run
    return run(request, desk)

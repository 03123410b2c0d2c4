"""The kinds of jobs, and what does them: imported when the first of a kind comes, for only some need torch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from .job_desk import JobDesk
from .messages import JobDone, JobRequest

# Each module has a function `run(request, desk)`. It returns the figures, or raises a `CTDenoiseError` with a sentence
# for the user; `Cancelled`, which the desk raises, is let through.
_MODULES = {
    "Denoise": "denoise_job",
    "WriteSeries": "write_series",
    "WriteVolume": "write_volume",
    "WriteReport": "write_report",
    "AuditResult": "audit_result",
    "MeasureRetention": "measure_retention",
}


def run_job(request: JobRequest, desk: JobDesk) -> JobDone:
    """Do a job.

    Raises:
        Cancelled: The client has asked to end it.
        CTDenoiseError: It cannot be done.
    """
    module = import_module(f".{_MODULES[type(request).__name__]}", __package__)
    run: Callable[[Any, JobDesk], JobDone] = module.run
    return run(request, desk)

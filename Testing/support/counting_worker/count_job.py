"""The job of a worker that counts."""

from __future__ import annotations

from CTDenoiseLib.worker.job_desk import JobDesk

from .messages import Count, CountDone, Counted, GoOnFrom


def run(request: Count, desk: JobDesk) -> CountDone:
    """Tell numbers as they come."""
    number, told = request.start, 1
    desk.send(Counted(desk.job, number))
    while number:
        message = desk.wait_for_message()
        assert isinstance(message, GoOnFrom)
        number, told = message.number, told + 1
        desk.send(Counted(desk.job, number))
    return CountDone(desk.job, told)

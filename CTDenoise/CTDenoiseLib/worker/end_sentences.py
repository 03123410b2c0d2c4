"""What the user is told when a worker ended that nobody asked to."""

from __future__ import annotations

import signal
from contextlib import suppress


def start_failure(exit_code: int | None, last_words: str) -> str:
    """That a worker ended before it was ready.

    Args:
        exit_code: As in `Transport.on_end`.
        last_words: As in `Transport.on_end`.
    """
    lines = last_words.strip().splitlines()
    why = lines[-1].strip().rstrip(".") if lines else f"exit code {exit_code}"
    return f"The worker could not be started: {why}."


def unasked_end(exit_code: int | None) -> str:
    """That a worker ended by itself or by another program. Its last words are not for the user.

    Args:
        exit_code: As in `Transport.on_end`.
    """
    how = "was ended from outside" if exit_code is None else f"ended unexpectedly (exit code {exit_code})"
    if exit_code is not None and exit_code < 0:
        with suppress(ValueError):
            how = f"was ended by {signal.Signals(-exit_code).name}"
    if exit_code in (None, -getattr(signal, "SIGKILL", 9)):
        how += ", as the system does when memory runs out"
    return f"The worker {how}. What was finished stays; run again to start a new worker."

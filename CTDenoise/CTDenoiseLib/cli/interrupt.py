"""Being stopped as an error like any other: everything unwinds, nothing half-written stays, one sentence is printed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from typer.core import TyperGroup

from ..errors import CTDenoiseError


class Interrupted(CTDenoiseError):  # noqa: N818 - stopping is no error of anybody's
    """The user, or the system on behalf of one, stopped the command."""


class Commands(TyperGroup):
    """Commands whose interruption is told as `Interrupted`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with _termination_as_interrupt():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("Stopped; nothing was written.") from None


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Let the signal with which batch systems and `kill` end a process unwind it as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

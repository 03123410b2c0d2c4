"""Ctrl-C as an error like any other: everything unwinds, nothing half-written stays, one sentence is printed."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from ..errors import CTDenoiseError


class Interrupted(CTDenoiseError):  # noqa: N818 - stopping is no error of anybody's
    """The user stopped the command."""


class Commands(TyperGroup):
    """Commands whose interruption is told as `Interrupted`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted("Stopped; nothing was written.") from None

"""What stands in the way of a measurement, in sentences: there for as long as it is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .message_line import MessageLine


class ProblemList:
    """A label that is hidden while there is no problem.

    Args:
        label: Of the .ui file.
    """

    def __init__(self, label: Any) -> None:
        self._line = MessageLine(label)
        self._shown: tuple[str, ...] = ()

    def show(self, sentences: Sequence[str]) -> None:
        """Say these and no others; nothing happens if they are said already, as at most steps of a drag."""
        if tuple(sentences) == self._shown:
            return
        self._shown = tuple(sentences)
        self._line.clear()
        bullet = "• " if len(self._shown) > 1 else ""
        for sentence in self._shown:
            self._line.note(bullet + sentence)

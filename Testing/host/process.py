"""Processes that a module starts."""

from __future__ import annotations

from typing import Any, ClassVar
from weakref import WeakSet

from PySide6.QtCore import QProcess

PATIENCE_MS = 5000


class Process(QProcess):
    """Qt's own `QProcess`, which is remembered so that none is left behind."""

    _all: ClassVar[WeakSet[Process]] = WeakSet()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._all.add(self)

    @classmethod
    def wait_for_all(cls) -> list[str]:
        """Waits until all processes have ended, and ends those that do not; returns the programs of these."""
        left = [process for process in list(cls._all) if process.state() != QProcess.NotRunning]
        stubborn = [process for process in left if not process.waitForFinished(PATIENCE_MS)]
        for process in stubborn:
            process.kill()
            process.waitForFinished(PATIENCE_MS)
        return [" ".join([process.program(), *process.arguments()]) for process in stubborn]

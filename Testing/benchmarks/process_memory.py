"""Memory of this process, and the most of it within a stretch of time."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil
from PySide6.QtCore import QTimer

INTERVAL_MS = 50
_STATUS = Path("/proc/self/status")  # of Linux


@dataclass(frozen=True)
class Memory:
    """Bytes that are in the memory of the machine for this process.

    Attributes:
        private: That only it can use. Where the system does not tell, what it would give back if it ended.
        resident: Together with the pages of files that it looks at, which the system takes back when it needs room.
    """

    private: int
    resident: int

    @classmethod
    def now(cls) -> Memory:
        if _STATUS.exists():
            fields = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
            return cls(*(int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "VmRSS")))
        memory = psutil.Process().memory_full_info()
        return cls(memory.uss, memory.rss)

    def without_private(self, size: int) -> Memory:
        """What is left without some private bytes, such as those of a volume."""
        return self - Memory(size, size)

    def __sub__(self, other: Memory) -> Memory:
        return Memory(self.private - other.private, self.resident - other.resident)

    def highest(self, other: Memory) -> Memory:
        """The higher one of each figure."""
        return Memory(max(self.private, other.private), max(self.resident, other.resident))


class MemoryPeak:
    """Looks at the memory many times a second, from the event loop.

    Attributes:
        value: The highest figures so far.
        least_free_disk: Bytes that were left on the disk of the temporary files when it was fullest.
    """

    def __init__(self) -> None:
        self.value = Memory.now()
        self.least_free_disk = free_disk()
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(INTERVAL_MS)

    def stop(self) -> Memory:
        """End, and tell the highest figures."""
        self._look()
        self._timer.stop()
        return self.value

    def _look(self) -> None:
        self.value = self.value.highest(Memory.now())
        self.least_free_disk = min(self.least_free_disk, free_disk())


def free_disk() -> int:
    """Bytes free on the disk of the temporary files."""
    return shutil.disk_usage(tempfile.gettempdir()).free

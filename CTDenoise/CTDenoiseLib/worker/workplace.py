"""A private folder for the files that worker and client share."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import DTypeLike

from ..errors import CTDenoiseError
from .section_file import create_section_file

_PREFIX = "ctdenoise-"
_LOCK = "in_use"
# Left for others on the disk: for the system, and for what the scene or the exporter writes meanwhile.
_SPARE_BYTES = 2**28
# Between the making of a folder and its lock another program must not take it for left over.
_YOUNGEST_LEFTOVER_SECONDS = 60.0


class WorkplaceError(CTDenoiseError):
    """There is no room for the files, or no folder to put them in."""


class Workplace:
    """A folder that only this user may open. It vanishes with `close`, or if this program crashes, with the next one.

    Args:
        parent: Where to make it; the system's temporary folder by default.

    Attributes:
        path: The folder.

    Raises:
        WorkplaceError: The parent cannot be written to.
    """

    def __init__(self, parent: Path | None = None) -> None:
        parent = Path(tempfile.gettempdir()) if parent is None else parent
        _remove_leftovers(parent)
        try:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
            self._lock = (self.path / _LOCK).open("wb")
        except OSError as error:
            raise WorkplaceError(
                f"No folder for temporary files can be made in “{parent}”: {error.strerror}."
            ) from error
        _take_lock(self._lock)

    def create_map(self, name: str, *, shape: tuple[int, int, int], dtype: DTypeLike) -> Path:
        """Create a `.npy` file of zeros for sections, which takes its room on the disk as it is written.

        Args:
            name: Of the file, without its suffix.
            shape: Sections, rows, columns.
            dtype: Of the values.

        Raises:
            WorkplaceError: The disk has no room for it, the files made here before and not yet written included.
        """
        self._check_room(int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize)
        path = self.path / f"{name}.npy"
        try:
            create_section_file(path, shape=shape, dtype=dtype)
        except OSError as error:
            raise WorkplaceError(f"The temporary file “{path}” cannot be made: {error.strerror}.") from error
        return path

    def close(self) -> None:
        """Delete the folder. On Windows, files that are still mapped stay until the next program makes a workplace."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _check_room(self, size: int) -> None:
        promised = sum(_not_yet_on_disk(path) for path in self.path.glob("*.npy"))
        free = shutil.disk_usage(self.path).free
        if size + promised + _SPARE_BYTES > free:
            raise WorkplaceError(
                f"The disk of the temporary folder “{self.path.parent}” has {free / 2**30:.1f} GiB left, and "
                f"{(size + promised + _SPARE_BYTES) / 2**30:.1f} GiB are needed; make room, or choose another "
                "temporary folder."
            )


def _not_yet_on_disk(path: Path) -> int:
    status = path.stat()
    # Windows does not count blocks; its files are on the disk from the start.
    on_disk = status.st_blocks * 512 if hasattr(status, "st_blocks") else status.st_size
    return max(0, status.st_size - on_disk)


def _remove_leftovers(parent: Path) -> None:
    """Delete the workplaces of programs that are no more: nobody has their lock."""
    for lock_path in parent.glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):
            if time.time() - lock_path.stat().st_mtime < _YOUNGEST_LEFTOVER_SECONDS:
                continue
            with lock_path.open("r+b") as lock:
                _take_lock(lock)
            shutil.rmtree(lock_path.parent, ignore_errors=True)


def _take_lock(file: BinaryIO) -> None:
    """Lock a file until it is closed, also by the end of the program.

    Raises:
        OSError: Another program has it.
    """
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

"""A lock on a file that only one process can hold, and that the system gives back when the process ends, however."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from CTDenoiseLib.atomic import WriteFailedError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold the lock inside the block, if it is free.

    Args:
        path: File of the lock; made when it is not there, and left there, as removing it would let two hold it.

    Yields:
        Whether it is held; `False` if somebody else has it.

    Raises:
        WriteFailedError: The file cannot be opened for writing, or its file system knows no locks.
    """
    try:
        file = path.open("ab")
    except OSError as error:
        raise WriteFailedError(path, error) from error
    # Closing the file gives the lock back.
    with file:
        yield _take(file, path)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock. To ask, it is taken for an instant."""
    try:
        if not path.is_file():
            return False
        with locked(path) as mine:
            return not mine
    except (OSError, WriteFailedError):
        # Who may only read here, or not even that, cannot ask.
        return False


def _take(file: IO[bytes], path: Path) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise WriteFailedError(path, error) from error
    return True

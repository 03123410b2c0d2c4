"""Keep pydicom's own remarks from terminal and logs: what matters to the user, our errors and reasons say."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_logger = logging.getLogger("pydicom")
_lock = threading.Lock()
_users = 0
_undo = ExitStack()


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Drop pydicom's warnings and log records, in all threads, until the last of all overlapping uses ends.

    Warning filters and log levels belong to the whole process; restoring them from two threads in the wrong order would
    leave ours in place for good. Hence one shared beginning and end.
    """
    global _users  # noqa: PLW0603
    with _lock:
        _users += 1
        if _users == 1:
            _undo.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", module=r"pydicom\b")
            _undo.callback(_logger.setLevel, _logger.level)
            _logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _undo.close()

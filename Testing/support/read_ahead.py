"""The threads that read sections ahead, and patience with them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def threads() -> list[threading.Thread]:
    """Those at work."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for some seconds at most."""
    patience = time.monotonic() + 5
    while not condition() and time.monotonic() < patience:
        time.sleep(0.002)
    assert condition()

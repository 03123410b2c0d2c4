"""The one folder of this process for files that volumes are mapped from."""

from __future__ import annotations

import atexit
from functools import cache

from CTDenoiseLib.worker.workplace import Workplace


@cache
def shared_workplace() -> Workplace:
    """The folder, made at the first call and deleted when the program ends.

    Raises:
        WorkplaceError: It cannot be made.
    """
    workplace = Workplace()
    atexit.register(workplace.close)
    return workplace

"""A repair of PySide6 6.12, without which Python 3.10 and 3.11 end in the middle of the tests."""

from __future__ import annotations

import ctypes
import sys

import PySide6

PLENTY = 1 << 40


def keep_none_alive() -> None:
    """Gives None references that PySide6 can take.

    PySide6 6.12 takes one away with each call that returns nothing, which does no harm from Python 3.12 on, where None
    does not count its references. Before, the interpreter aborts when none are left ("deallocating None").
    """
    if sys.version_info < (3, 12) and PySide6.__version_info__[:2] >= (6, 12):
        count = ctypes.c_ssize_t.from_address(id(None))
        if count.value < PLENTY:
            count.value += 2 * PLENTY

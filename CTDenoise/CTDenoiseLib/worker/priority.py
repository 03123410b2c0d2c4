"""Which processes go first when all processors are busy: those with windows, before the worker."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

_NICENESS = 10
_BELOW_NORMAL_PRIORITY_CLASS = 0x4000


def let_others_go_first() -> None:
    """Leave the processors to others who want them; without any, this process is as fast as before.

    The worker keeps all processors busy. Slicer draws a view in a hundred small steps, each of which would have to wait
    for one of them.
    """
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL_PRIORITY_CLASS)
    else:
        with suppress(OSError):
            os.nice(_NICENESS)

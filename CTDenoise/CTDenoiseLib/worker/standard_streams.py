"""The standard streams of the worker, taken away from all libraries before any of them is imported."""

from __future__ import annotations

import os
from io import BufferedReader, FileIO


def take_standard_streams() -> tuple[BufferedReader, FileIO]:
    """Standard input and output for the protocol alone.

    From then on, what anything prints goes to standard error, and standard input is empty. The latter matters on
    Windows: a library that asks what standard input is while a thread reads from it would wait for that thread.
    """
    lines_in, lines_out = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return BufferedReader(FileIO(lines_in, "rb")), FileIO(lines_out, "wb")

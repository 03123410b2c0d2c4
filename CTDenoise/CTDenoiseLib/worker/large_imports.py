"""Importing PyTorch without searching all of it for garbage, over and over."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def large_imports() -> Iterator[None]:
    """Keep Python's search for garbage off while PyTorch is imported, and off what it brought from then on.

    These are some 300,000 objects which all stay, and to search them takes a fifth of the import; later, each search
    would hold up a section for a tenth of a second. Without effect where PyTorch is there already.
    """
    if "torch" in sys.modules:
        yield
        return
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()

"""Where compiled kernels are kept from one start to the next."""

from __future__ import annotations

import logging
import os
import tempfile

import numba

from ... import __version__
from ..paces import cache_folder

_log = logging.getLogger(__name__)


def keep_kernels() -> bool:
    """Have numba keep what it compiles in the user's cache folder; whether that can be done.

    To be called before the first kernel is declared. By itself numba writes beside the source, and refuses to declare
    kernels where it finds no folder. Each version has a folder of its own, for numba tells versions apart by no more
    than the time of the source file. A folder that the environment variable NUMBA_CACHE_DIR names is left as it is.
    """
    folder = cache_folder() / "kernels" / __version__
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        _log.info("Kernels are compiled at each start, for they cannot be kept in %s: %s", folder, error)
        return False
    if not os.environ.get("NUMBA_CACHE_DIR"):
        vars(numba.config)["CACHE_DIR"] = str(folder)
    return True

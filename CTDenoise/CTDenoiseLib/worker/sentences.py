"""What the user is told about an error in the worker."""

from __future__ import annotations

import sys
import traceback

from ..atomic import OUT_OF_SPACE
from ..errors import CTDenoiseError


def sentence_for(error: Exception) -> str:
    """The sentence for the user. Where an error was not foreseen, the log says where it came from."""
    if isinstance(error, CTDenoiseError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"The Python package “{error.name}” is missing in {sys.executable}; install what CTDenoise needs."
    if isinstance(error, OSError) and error.errno in OUT_OF_SPACE:
        return "The disk is full; make room on the disk of the temporary files and run again."
    if _is_out_of_memory(error):
        return "The memory ran out; close other programs, or choose another device or a smaller model."
    _log(error)
    if is_device_fault(error):
        return "The graphics processor failed; run again, and if that does not help, choose another device."
    return f"Something unforeseen went wrong in the worker ({type(error).__name__}); its log says where."


def is_device_fault(error: Exception) -> bool:
    """Whether the graphics processor is of no more use to this process."""
    return isinstance(error, RuntimeError) and "CUDA error" in str(error)


def _is_out_of_memory(error: Exception) -> bool:
    if "torch" not in sys.modules:
        return isinstance(error, MemoryError)
    from ..inference.memory import is_out_of_memory

    return is_out_of_memory(error)


def _log(error: Exception) -> None:
    """Write where an error came from to standard error, without its text: it may hold the name of a patient's file."""
    lines = traceback.format_tb(error.__traceback__)
    print("".join(lines) + type(error).__name__, file=sys.stderr, flush=True)

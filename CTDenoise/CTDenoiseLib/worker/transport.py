"""How lines get to a worker process and back; Slicer has one by QProcess, programs without Qt one by subprocess."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

WORKER_MODULE = "CTDenoiseLib.worker"

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class Transport(Protocol):
    """A process that reads lines and writes lines.

    It calls `on_line` and `on_end` in the thread that owns it, and never from within `start`, `send` or `kill`.

    Attributes:
        on_line: Is given each whole line of the process's standard output, in order, without its line break.
        on_end: Is called once, after the last line, when the process has ended or could not be started. It is given the
            exit code (`None` if it could not be started; negative, the signal, or `None` if it was killed) and the
            last lines of standard error, or why it could not be started.
    """

    on_line: Callable[[bytes], None]
    on_end: Callable[[int | None, str], None]

    @property
    def running(self) -> bool:
        """Whether the process is there; `False` before `start`."""

    def start(self) -> None:
        """Start the process. A program that cannot be started is reported by `on_end`."""

    def send(self, line: bytes) -> None:
        """Write a line, line break included, to its standard input; without effect when it has ended."""

    def kill(self) -> None:
        """End the process at once and forcibly, and close its standard input; `on_end` follows.

        A worker that was started by a launcher notices only the latter.
        """


def worker_command(python: str, module: str = WORKER_MODULE) -> tuple[tuple[str, ...], dict[str, str]]:
    """The program with its arguments that starts a worker, and the variables to set beside those of this process.

    Args:
        python: The Python interpreter; in Slicer `sys.executable`, which is PythonSlicer.
        module: What to run. The worker finds its package where this process does, which need not be where it would look
            by itself: modules of Slicer under development lie in a folder each.
    """
    before = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    paths = dict.fromkeys((str(_PACKAGE_PARENT), *_parents_of_package(module), *before))
    environment = {
        "PYTHONPATH": os.pathsep.join(paths),
        # Without it the current folder comes before all packages, and a file “random.py” in it would be run.
        "PYTHONSAFEPATH": "1",
        "PYTHONUTF8": "1",
    }
    return (python, "-m", module), environment


def _parents_of_package(module: str) -> list[str]:
    spec = find_spec(module.partition(".")[0])
    return [] if spec is None else [str(Path(folder).parent) for folder in spec.submodule_search_locations or ()]

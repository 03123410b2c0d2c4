"""Workers that need not import torch, for tests that start many: each is a copy of one process that has."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

from CTDenoiseLib.worker.transport import WORKER_MODULE, worker_command

HERE = Path(__file__).resolve().parent
# Other systems have no sockets without files, or do not copy processes that have imported so much.
POSSIBLE = sys.platform == "linux"


class WarmWorkers:
    """Offers workers that start within milliseconds, behind a launcher as those of Slicer are.

    Whatever a worker does, it does after the copy was made, with the environment and the standard streams of its
    launcher. Only its imports are done before.

    Args:
        modules: To import before.
    """

    def __init__(self, *modules: str) -> None:
        _, environment = worker_command(sys.executable)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind("")  # the system finds a name
            listener.listen()
            self._address = listener.getsockname()[1:].decode()
            self._parent = subprocess.Popen(
                [sys.executable, str(HERE / "warm_worker_parent.py"), str(listener.fileno()), *modules],
                # A copy has no threads but one, and small layers take longer with more.
                env=os.environ | environment | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )

    def command(self, python: str, module: str = WORKER_MODULE) -> tuple[tuple[str, ...], dict[str, str]]:
        """What `worker_command` gives, for a copy."""
        _, environment = worker_command(python, module)
        return (python, "-IS", str(HERE / "warm_worker_launcher.py"), self._address, module), environment

    def close(self) -> None:
        """Offer no more."""
        self._parent.communicate()

"""Fetches a sample in a process of its own, which `python -m CTDenoisePanel.fetch_sample NAME FOLDER` starts.

A line on standard input, or its end, cancels: nothing is left behind. A failure is a sentence on standard error.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.samples import fetch


def main() -> int:
    """Fetch; 0 when the files are there, 1 when not."""
    Thread(target=_cancel_when_asked, daemon=True).start()
    try:
        fetch(sys.argv[1], Path(sys.argv[2]))
    except KeyboardInterrupt:
        return 1
    except CTDenoiseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _cancel_when_asked() -> None:
    # Not by `sys.stdin`: Python cannot shut down while a thread waits for its lock.
    os.read(0, 1)
    if os.name == "nt":
        # An interrupt does not reach a process that waits for pip there, so both are ended.
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(os.getpid())], check=False)
    else:
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())

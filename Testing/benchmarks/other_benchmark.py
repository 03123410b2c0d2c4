"""Figures of another benchmark, which is run in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from CTDenoiseLib.errors import CTDenoiseError

Result = dict[str, Any]
_FOLDER = Path(__file__).parent


class NoFiguresError(CTDenoiseError):
    """A benchmark did not end well; its last word says why."""


def figures_of(script: str, *options: object) -> Result:
    """Run a script of this folder with `--json`, and tell on the standard error that it is at work.

    Raises:
        NoFiguresError: It failed.
    """
    words = [str(option) for option in options]
    print(f"{script} {' '.join(words)}", file=sys.stderr, flush=True)
    ended = subprocess.run(
        [sys.executable, str(_FOLDER / script), *words, "--json"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if ended.returncode:
        raise NoFiguresError((ended.stderr.strip().splitlines() or ["it ended without a word"])[-1])
    found: Result = json.loads(ended.stdout.splitlines()[-1])
    return found

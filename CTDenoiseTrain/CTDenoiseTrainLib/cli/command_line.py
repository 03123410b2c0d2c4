"""Commands for the user to copy."""

from __future__ import annotations

import shlex
import subprocess
import sys


def command_line(*words: object) -> str:
    """A command of `ctdenoise` as the shell of this system takes it, whatever signs its paths hold."""
    texts = ["ctdenoise", *map(str, words)]
    return subprocess.list2cmdline(texts) if sys.platform == "win32" else shlex.join(texts)

"""Which of the processes of `torchrun` this is, known before torch is imported."""

from __future__ import annotations

import os


def is_first_process() -> bool:
    """Whether this one begins runs, prints and keeps models."""
    return os.environ.get("RANK", "0") == "0"


def is_only_process() -> bool:
    """Whether there are no others."""
    return os.environ.get("WORLD_SIZE", "1") == "1"

"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def files_below() -> Callable[[Path], set[str]]:
    """Names of all that lies below a folder, hidden or not."""
    return lambda folder: {path.relative_to(folder).as_posix() for path in folder.rglob("*")}

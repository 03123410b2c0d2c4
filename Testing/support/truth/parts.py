"""Which tables of known cases there are."""

from __future__ import annotations

import importlib
from pathlib import Path

from .row import TruthRow

PARTS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in {"parts", "row"})


def rows_of(part: str) -> tuple[TruthRow, ...]:
    """Measure the cases of one part."""
    rows: tuple[TruthRow, ...] = importlib.import_module(f"support.truth.{part}").rows()
    return rows

"""Writes the table “ours / truth / oracle” of docs/measures.md: python Testing/tools/make_truth_table.py

Each module of Testing/support/truth measures known cases; Testing/core/measure holds the same rows to their tolerance.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.truth.parts import PARTS, rows_of

TESTING = Path(__file__).resolve().parents[1]
PAGE = TESTING.parent / "docs" / "measures.md"
BEGIN, END = "<!-- truth table: begin -->\n", "<!-- truth table: end -->"


def table() -> str:
    """As Markdown, with the notes below."""
    lines = ["| measure | case | unit | ours | truth | oracle | by |", "|---|---|---|---|---|---|---|"]
    notes: list[str] = []
    for row in (row for part in PARTS for row in rows_of(part)):
        mark = ""
        if row.note:
            if row.note not in notes:
                notes.append(row.note)
            mark = f" [{notes.index(row.note) + 1}]"
        values = (_number(value) for value in (row.ours, row.truth, row.oracle))
        cells = (row.measure + mark, row.case, row.unit, *values, row.oracle_name)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"{number}. {note}" for number, note in enumerate(notes, start=1))]) + "\n"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}".replace("-", "−")


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(before + BEGIN + table() + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()

"""A table of measured values, and its text for the clipboard, a CSV file or JSON."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TypeAlias

Cell: TypeAlias = str | float | int | None


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        key: Name for programs, such as "mean"; unique in its table.
        title: Name for people.
        unit: Such as "HU"; empty for text, counts and ratios.
    """

    key: str
    title: str
    unit: str = ""

    @property
    def heading(self) -> str:
        """Title with its unit, such as "Mean [HU]"."""
        return f"{self.title} [{self.unit}]" if self.unit else self.title


@dataclass(frozen=True)
class ResultTable:
    """Measured values.

    Attributes:
        title: What the table is about.
        columns: What its columns hold.
        rows: As many cells as there are columns in each; `None` and NaN for "no value".

    Raises:
        ValueError: A row is shorter or longer than the columns, or two columns have the same key.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) < len(keys):
            raise ValueError(f"Columns of the same key: {keys}")
        for row in self.rows:
            if len(row) != len(keys):
                raise ValueError(f"A row of {len(row)} cells in a table of {len(keys)} columns: {row}")

    def csv(self) -> str:
        """Comma-separated values with a header row (RFC 4180); numbers at full precision, no value is an empty cell."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(column.heading for column in self.columns)
        writer.writerows([_text(cell) for cell in row] for row in self.rows)
        return text.getvalue()

    def tsv(self) -> str:
        """The same, separated by tabs as spreadsheets take it from the clipboard; white space in a text is a blank."""
        lines = [[column.heading for column in self.columns], *([_text(cell) for cell in row] for row in self.rows)]
        return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in lines)

    def content(self) -> dict[str, object]:
        """Ready for JSON, which knows no NaN and no infinity: they become null."""
        return {
            "title": self.title,
            "columns": [{"key": column.key, "title": column.title, "unit": column.unit} for column in self.columns],
            "rows": [
                {column.key: json_ready(cell) for column, cell in zip(self.columns, row, strict=True)}
                for row in self.rows
            ],
        }


def json_ready(value: Cell) -> Cell:
    """A value that JSON can hold: null for NaN and infinity, which it does not know."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return repr(float(cell)) if isinstance(cell, float) else str(cell)

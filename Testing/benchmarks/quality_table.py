"""The figures of a data set as a table: a row for each method, a column for each figure, and what is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.answer import markdown
from benchmarks.quality_data import Column, DataSet, Figures, Goal

LEGEND = "✓ reaches what the head of the column asks for, ✗ does not."


@dataclass(frozen=True)
class Comparison:
    """What a data set came to.

    Attributes:
        data: The data set.
        rows: Figures by name, in the order of the table: the input, references, methods.
        methods: What each method is, by name; the other rows are not judged.
        pictures: Names of files.
    """

    data: DataSet
    rows: Mapping[str, Figures]
    methods: Mapping[str, str]
    pictures: tuple[str, ...] = ()

    def page(self) -> str:
        """Table, notes and pictures in Markdown."""
        goals, columns = self.data.goals(self.rows), self.data.columns
        heads = ["", *(_head(column, goals.get(column.key)) for column in columns)]
        rows = [
            [name, *(_cell(row, column, self._goal(goals, name, column)) for column in columns)]
            for name, row in self.rows.items()
        ]
        notes = [*self.data.notes, *(f"{name}: {words}" for name, words in self.methods.items())]
        parts = [f"## {self.data.title}", markdown(heads, rows), LEGEND, "\n".join(f"- {note}" for note in notes)]
        return "\n\n".join([*parts, *(f"![{self.data.title}]({picture})" for picture in self.pictures)]) + "\n"

    def content(self) -> dict[str, Any]:
        """Ready for JSON."""
        goals = self.data.goals(self.rows)
        return {
            "title": self.data.title,
            "columns": [
                {
                    "key": column.key,
                    "title": column.title,
                    "unit": column.unit,
                    "goal": str(goals[column.key]) if column.key in goals else None,
                }
                for column in self.data.columns
            ],
            "rows": {name: dict(row) for name, row in self.rows.items()},
            "reached": {
                name: {key: goal.is_reached(self.rows[name].get(key)) for key, goal in goals.items()}
                for name in self._judged
            },
            "methods": dict(self.methods),
            "notes": list(self.data.notes),
            "pictures": list(self.pictures),
        }

    def _goal(self, goals: Mapping[str, Goal], row: str, column: Column) -> Goal | None:
        return goals.get(column.key) if row in self._judged else None

    @property
    def _judged(self) -> list[str]:
        return [name for name in self.methods if name not in self.data.rivals]


def _head(column: Column, goal: Goal | None) -> str:
    unit = f" [{column.unit}]" if column.unit else ""
    return f"{column.title}{unit}" + (f" ({goal})" if goal else "")


def _cell(row: Figures, column: Column, goal: Goal | None) -> str:
    if column.key not in row:
        return "–"
    figure = row[column.key]
    known = figure is not None and np.isfinite(figure)
    text = f"{figure:.{column.digits}f}" if known else "not measurable"
    return text if goal is None else f"{text} {'✓' if goal.is_reached(figure) else '✗'}"

"""An experiment's result as a page that people read."""

from __future__ import annotations

import math

from CTDenoiseLib.measure.result_table import Cell, ResultTable

from .experiment import Experiment, ExperimentResult, Finding, Scale

_SHOWN = {True: "shown", False: "not shown", None: "not tested"}


def result_page(experiment: Experiment, scale: Scale, result: ExperimentResult) -> str:
    """Tables, findings, figures and notes in Markdown."""
    parts = [
        f"# {experiment.title}",
        f"After {experiment.paper}. Scale: {scale.value}. Research use only.",
        *(markdown_table(table) for table in result.tables),
        "## Findings",
        "\n".join(_finding(finding) for finding in result.findings),
    ]
    if result.figures:
        parts += ["## Figures", *(f"![{words}]({file})\n\n{words}" for file, words in result.figures.items())]
    if result.notes:
        parts += ["## Notes", "\n".join(f"- {note}" for note in result.notes)]
    return "\n\n".join(parts) + "\n"


def markdown_table(table: ResultTable) -> str:
    """A table in Markdown, numbers at four significant digits."""
    lines = [
        [_escaped(column.heading) for column in table.columns],
        ["---"] * len(table.columns),
        *([_escaped(cell_text(cell)) for cell in row] for row in table.rows),
    ]
    return f"## {table.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell_text(cell: Cell) -> str:
    """A cell for reading; nothing where there is no value."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, float):
        return f"{cell:.0f}" if abs(cell) >= 1000 else f"{cell:.4g}"
    return str(cell)


def _escaped(text: str) -> str:
    """Text that ends neither its cell nor its row."""
    return " ".join(text.split()).replace("|", r"\|")


def _finding(finding: Finding) -> str:
    return f"- **{_SHOWN[finding.shown]}**: {finding.statement} {finding.evidence}"

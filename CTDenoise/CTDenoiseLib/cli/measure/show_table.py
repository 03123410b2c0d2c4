"""Tables of figures on the terminal: as many digits as mean something, values with their uncertainty in one column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape

from ...measure.result_table import Cell, Column, ResultTable
from ..console import plain_table

_NO_VALUE = "–"
_UNCERTAINTY = "_uncertainty"
# Of a value whose uncertainty is not known.
_DECIMALS: Mapping[str, int] = {"HU": 2, "mm": 2, "mm⁻¹": 3, "%": 1, "HU/mm": 1, "HU²": 1, "dB": 2, "mm³": 0, "mm²": 0}
_DECIMALS_OF_A_RATIO = 3


@dataclass(frozen=True)
class Shown:
    """What of a table the terminal shows.

    Attributes:
        table: All figures.
        keys: Of the columns to show, in this order; `None` for all. Columns without any value are left out.
        titles: Shorter titles of columns, by key.
    """

    table: ResultTable
    keys: Sequence[str] | None = None
    titles: Mapping[str, str] = field(default_factory=dict)


def print_table(console: Console, shown: Shown) -> None:
    """Print one table with its title."""
    places = {column.key: place for place, column in enumerate(shown.table.columns)}
    columns = [column for column in shown.table.columns if not column.key.endswith(_UNCERTAINTY)]
    if shown.keys is not None:
        columns = [shown.table.columns[places[key]] for key in shown.keys]
    columns = [
        column for column in columns if any(row[places[column.key]] not in (None, "") for row in shown.table.rows)
    ]
    headings = [
        Column(column.key, shown.titles.get(column.key, column.title), column.unit).heading for column in columns
    ]
    table = plain_table(*map(escape, headings))
    for heading, column in zip(table.columns, columns, strict=True):
        if not any(isinstance(row[places[column.key]], str) for row in shown.table.rows):
            heading.justify = "right"
    for row in shown.table.rows:
        cells = []
        for column in columns:
            uncertainty = places.get(column.key + _UNCERTAINTY)
            cells.append(
                in_words(row[places[column.key]], column.unit, None if uncertainty is None else row[uncertainty])
            )
        table.add_row(*map(escape, cells))
    console.print(f"[bold]{escape(shown.table.title)}[/bold]")
    console.print(table)
    console.print()


def in_words(value: Cell, unit: str = "", uncertainty: Cell = None) -> str:
    """Such as "5.02", "2.31 ± 0.05", as many digits as the uncertainty allows, or "–"."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _NO_VALUE
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ").replace("-", "−")
    if isinstance(uncertainty, float) and uncertainty > 0:
        size = math.floor(math.log10(uncertainty))
        # An uncertainty that begins with 1 has a second digit: rounding 1.4 to 1 would change it by a third.
        decimals = max(0, -size + (uncertainty / 10**size < 2))
        return f"{value:.{decimals}f} ± {uncertainty:.{decimals}f}".replace("-", "−")
    text = f"{value:.{_DECIMALS.get(unit, _DECIMALS_OF_A_RATIO)}f}"
    # Zero has no sign, however it was rounded.
    return (text if float(text) else text.lstrip("-")).replace("-", "−").replace("inf", "∞")

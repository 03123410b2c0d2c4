"""What commands print: text and tables for people, one JSON object for machines, one sentence for errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..dicom.series import LeftOut

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines, and nothing else.")]
_WIDTH_OF_A_FILE = 160


def tolerate_any_text() -> None:
    """Let no character end a command: a code page without “−”, or a file name that is no Unicode, is shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def terminal() -> Console:
    """Where results for people go; wide when it is no terminal, so that files and pipes get unbroken lines."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_WIDTH_OF_A_FILE)


def error_terminal() -> Console:
    """Where progress, warnings and errors go."""
    return Console(stderr=True, highlight=False)


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object, in ASCII, on the standard output."""
    print(json.dumps(content, indent=2, allow_nan=False))


def print_error(sentence: str, *, as_json: bool) -> None:
    """Print the sentence the user reads."""
    if as_json:
        print_json({"error": sentence})
    else:
        print(sentence, file=sys.stderr)


def plain_table(*columns: str) -> Table:
    """A table without borders, whose long cells fold."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def print_facts(console: Console, facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns; values are rich markup."""
    known = list(facts)
    width = max(len(name) for name, _ in known)
    for name, value in known:
        console.print(f"[dim]{escape(name):<{width}}[/dim]  {value}", soft_wrap=True)


def left_out_lines(left_out: Iterable[LeftOut], *, names: int = 3) -> list[str]:
    """Files that are part of no series, one line a reason with the first names."""
    by_reason: dict[str, list[str]] = {}
    for file in left_out:
        by_reason.setdefault(file.reason, []).append(file.path.name)
    lines = []
    for reason, files in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        more = f" and {len(files) - names} more" if len(files) > names else ""
        lines.append(f"{len(files)} × {reason} ({', '.join(files[:names])}{more})")
    return lines

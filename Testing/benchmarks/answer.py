"""What a benchmark says: its figures, one a line or as one JSON object, or the one sentence why there are none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from CTDenoiseLib.errors import CTDenoiseError

Figures = Mapping[str, object]


def answer(work: Callable[[], Figures], *, as_json: bool, show: Callable[[Figures], None] | None = None) -> int:
    """Do the work and print its figures.

    Args:
        work: Gives the figures.
        as_json: Whether to print them for machines.
        show: Prints them for people, in place of one a line.

    Returns:
        The exit code: 2 after an error of which the sentence was printed.
    """
    try:
        figures = work()
    except CTDenoiseError as error:
        print(error, file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        (show or print_table)(figures)
    return 0


def print_table(figures: Figures) -> None:
    """The figures for a reader, one a line."""
    for name, value in figures.items():
        if isinstance(value, Mapping):
            text = ", ".join(f"{key} {_in_words(entry)}" for key, entry in value.items())
        else:
            text = _in_words(value)
        print(f"{name.replace('_', ' '):42}{text}")


def markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _in_words(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)

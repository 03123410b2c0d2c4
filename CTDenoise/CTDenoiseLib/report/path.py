"""What a report may be called; known without drawing one, for which matplotlib would have to come first."""

from __future__ import annotations

from pathlib import Path

from ..errors import CTDenoiseError

_SUFFIXES = (".png", ".pdf")


class ReportError(CTDenoiseError):
    """The report cannot be written as asked."""


def check_report_path(path: Path) -> None:
    """See that a report can have this name.

    Raises:
        ReportError: Neither PNG nor PDF.
    """
    if path.suffix.lower() not in _SUFFIXES:
        raise ReportError(f"A report is a PNG or PDF page; name it “{path.stem}.png” or “{path.stem}.pdf”.")

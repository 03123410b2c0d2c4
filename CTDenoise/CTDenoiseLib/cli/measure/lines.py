"""Lines that the user names in mm (LPS) or takes from markups files of 3D Slicer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...measure.markups.markups_file import NamedPath, read_markups
from ...measure.profiles.path import ProfilePath
from ...measure.unique_names import unique_names
from .errors import OptionError
from .numbers import read_numbers


def lines_asked_for(*, start: str | None, end: str | None, markups: Sequence[Path] | None) -> tuple[NamedPath, ...]:
    """Read the options.

    Args:
        start: Value of `--from`.
        end: Value of `--to`.
        markups: Files of 3D Slicer.

    Raises:
        CTDenoiseError: One cannot be read, a line has no length, or there is none.
    """
    if (start is None) != (end is None):
        raise OptionError("A line needs both ends; give --from X,Y,Z and --to X,Y,Z in mm.")
    found = [line for file in markups or () for line in _markups(file)]
    if start is not None and end is not None:
        ends = [read_numbers(*option, "X,Y,Z").groups[0] for option in (("--from", start), ("--to", end))]
        found.insert(0, NamedPath("Line", ProfilePath(np.array(ends))))
    if not found:
        raise OptionError("There is no line to measure along; give --from and --to in mm, or a file with --markups.")
    names = unique_names([line.name for line in found])
    return tuple(NamedPath(name, line.path) for name, line in zip(names, found, strict=True))


def _markups(file: Path) -> tuple[NamedPath, ...]:
    paths = read_markups(file).paths
    if not paths:
        raise OptionError(f"{file} holds regions only; draw a line or a curve for a profile.")
    return paths

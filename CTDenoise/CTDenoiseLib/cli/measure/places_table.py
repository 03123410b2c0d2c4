"""Where regions lie, so that they can be measured again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid, NamedShape
from ...measure.result_table import Cell, Column, ResultTable


def places_table(shapes: Sequence[NamedShape]) -> ResultTable:
    """One row for each region, in LPS; axes are unit vectors, points those of a closed curve."""
    columns = (
        Column("roi", "ROI"),
        Column("shape", "Shape"),
        *(Column(f"centre_{axis}", f"Centre {axis}", "mm") for axis in "xyz"),
        *(Column(f"size_{number}", f"Size {number}", "mm") for number in (1, 2, 3)),
        *(Column(f"axis_{number}", f"Axis {number}") for number in (1, 2, 3)),
        Column("points", "Points", "mm"),
    )
    return ResultTable("Places of regions of interest (LPS)", columns, tuple(_row(shape) for shape in shapes))


def _row(named: NamedShape) -> tuple[Cell, ...]:
    shape = named.shape
    if isinstance(shape, ClosedCurve):
        centre = shape.points.mean(axis=0).tolist()
        return (named.name, "closed curve", *centre, *(None,) * 6, "; ".join(map(_text, shape.points)))
    assert isinstance(shape, Box | Ellipsoid | Cylinder)  # a command line knows no others
    kind = type(shape).__name__.lower()
    return (named.name, kind, *shape.centre.tolist(), *shape.size.tolist(), *map(_text, shape.axes), None)


def _text(vector: NDArray[np.float64]) -> str:
    return " ".join(f"{part + 0.0:.6g}" for part in vector.tolist())

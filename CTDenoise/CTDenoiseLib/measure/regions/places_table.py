"""Where regions lie, so that they can be measured again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..result_table import Cell, Column, ResultTable
from .shapes import Box, ClosedCurve, Cylinder, Ellipsoid, NamedShape


def places_table(shapes: Sequence[NamedShape], *, axes: str) -> ResultTable:
    """One row for each region; axes are unit vectors, points those of a closed curve.

    Args:
        shapes: Boxes, ellipsoids, cylinders and closed curves; labels have no place that fits a row.
        axes: Letters of the world's axes, such as "xyz" for LPS or "RAS" for a scene of Slicer.
    """
    world = " ".join(axes)
    columns = (
        Column("roi", "ROI"),
        Column("shape", "Shape"),
        *(Column(f"centre_{axis.lower()}", f"Centre {axis}", "mm") for axis in axes),
        *(Column(f"size_{number}", f"Size {number}", "mm") for number in (1, 2, 3)),
        *(Column(f"axis_{number}", f"Axis {number} ({world})") for number in (1, 2, 3)),
        Column("points", f"Points ({world})", "mm"),
    )
    return ResultTable("Places of regions of interest", columns, tuple(_row(shape) for shape in shapes))


def _row(named: NamedShape) -> tuple[Cell, ...]:
    shape = named.shape
    if isinstance(shape, ClosedCurve):
        centre = shape.points.mean(axis=0).tolist()
        return (named.name, "closed curve", *centre, *(None,) * 6, "; ".join(map(_text, shape.points)))
    if not isinstance(shape, Box | Ellipsoid | Cylinder):
        return (named.name, "label", *(None,) * 10)
    kind = type(shape).__name__.lower()
    return (named.name, kind, *shape.centre.tolist(), *shape.size.tolist(), *map(_text, shape.axes), None)


def _text(vector: NDArray[np.float64]) -> str:
    return " ".join(f"{part + 0.0:.6g}" for part in vector.tolist())

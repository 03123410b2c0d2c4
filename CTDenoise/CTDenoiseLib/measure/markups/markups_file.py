"""Regions and lines from a markups file of 3D Slicer (.mrk.json).

Slicer writes what is drawn into the file, and neither the parent transform of a markup nor its attributes. So harden a
transform before saving. A ROI is a box unless the description of its control point says “ellipsoid” or “cylinder”
(along the third axis of the ROI), which fills that box. Curves are smooth, as Slicer shows them after opening the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError
from ..profiles.path import ProfilePath
from ..regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid, NamedShape, Shape
from .smooth_curve import smooth_curve

_SUFFIXES = (".json", ".mrk")
_LPS_FROM = {"LPS": np.array([1.0, 1.0, 1.0]), "RAS": np.array([-1.0, -1.0, 1.0])}
# Files of Slicer 4.11 have numbers: vtkMRMLStorageNode::CoordinateSystemRAS and …LPS.
_LPS_FROM |= {"0": _LPS_FROM["RAS"], "1": _LPS_FROM["LPS"]}

_Markup = Mapping[str, Any]


class MarkupsFileError(MeasurementError):
    """A file does not hold the regions or lines that it should."""


@dataclass(frozen=True)
class NamedPath:
    """A line or curve with the name that tables and legends show."""

    name: str
    path: ProfilePath


@dataclass(frozen=True)
class Markups:
    """What a markups file holds, in LPS.

    Attributes:
        shapes: ROIs and closed curves.
        paths: Lines and open curves.
    """

    shapes: tuple[NamedShape, ...]
    paths: tuple[NamedPath, ...]


def read_markups(path: Path) -> Markups:
    """Read ROIs, closed curves, lines and curves from a Slicer markups file.

    Markups are named as Slicer names them: by the name in the file if it has one, otherwise by the file, with a number
    if there are several.

    Args:
        path: Of a .mrk.json file, in LPS or RAS and mm.

    Raises:
        MarkupsFileError: The file cannot be read, is no markups file, holds none of these, or one that encloses
            nothing.
    """
    markups = _markups(path)
    shapes: list[NamedShape] = []
    paths: list[NamedPath] = []
    for number, markup in enumerate(markups, start=1):
        name = str(markup.get("name") or _name(path) + (f" {number}" if len(markups) > 1 else ""))
        kind = str(markup.get("type"))
        try:
            if kind in _SHAPES:
                shapes.append(NamedShape(name, _SHAPES[kind](markup)))
            elif kind in _PATHS:
                paths.append(NamedPath(name, _PATHS[kind](markup)))
        except MeasurementError as problem:
            raise MarkupsFileError(f"“{name}” of {path} cannot be used. {problem}") from problem
    if not shapes and not paths:
        kinds = ", ".join(sorted({str(markup.get("type")) for markup in markups})) or "nothing"
        raise MarkupsFileError(
            f"{path} holds {kinds}, but no ROI, closed curve, line or curve; draw one in Slicer's Markups module."
        )
    return Markups(tuple(shapes), tuple(paths))


def _markups(path: Path) -> list[_Markup]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as problem:
        raise MarkupsFileError(f"{path} cannot be read: {problem.strerror}.") from problem
    except (ValueError, RecursionError) as problem:
        raise MarkupsFileError(f"{path} is no JSON file; save the markup in Slicer as .mrk.json.") from problem
    markups = content.get("markups") if isinstance(content, dict) else None
    if not isinstance(markups, list) or not all(isinstance(markup, dict) for markup in markups):
        raise MarkupsFileError(f"{path} is no markups file of Slicer; save the markup in Slicer as .mrk.json.")
    return markups


def _name(path: Path) -> str:
    name = path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


def _roi(markup: _Markup) -> Shape:
    flip = _flip(markup)
    centre = _numbers(markup, "center", 3) * flip
    axes = (_numbers(markup, "orientation", 9).reshape(3, 3) * flip[:, np.newaxis]).T
    size = _numbers(markup, "size", 3)
    described = {str(point.get("description", "")).strip().lower() for point in _control_points(markup)}
    if "ellipsoid" in described:
        return Ellipsoid(centre, axes, size)
    if "cylinder" in described:
        return Cylinder(centre, axes, (float(size[0]), float(size[1])), float(size[2]))
    return Box(centre, axes, size)


def _closed_curve(markup: _Markup) -> Shape:
    points = _points(markup)
    return ClosedCurve(smooth_curve(points, closed=True) if len(points) > 2 else points)


def _line(markup: _Markup) -> ProfilePath:
    return ProfilePath(_points(markup))


def _curve(markup: _Markup) -> ProfilePath:
    points = _points(markup)
    return ProfilePath(smooth_curve(points, closed=False) if len(points) > 1 else points)


_SHAPES: dict[str, Callable[[_Markup], Shape]] = {"ROI": _roi, "ClosedCurve": _closed_curve}
_PATHS: dict[str, Callable[[_Markup], ProfilePath]] = {"Line": _line, "Curve": _curve}


def _flip(markup: _Markup) -> NDArray[np.float64]:
    """Signs that turn the coordinates of a markup into LPS."""
    units = markup.get("coordinateUnits", "mm")
    if (units[:1] if isinstance(units, list) else [units]) != ["mm"]:
        raise MarkupsFileError(f"Its coordinates are in {units}; only mm can be read.")
    system = str(markup.get("coordinateSystem") or "LPS")
    if system not in _LPS_FROM:
        raise MarkupsFileError(f"Its coordinate system “{system}” is unknown; there are LPS and RAS.")
    return _LPS_FROM[system]


def _control_points(markup: _Markup) -> list[_Markup]:
    return [point for point in markup.get("controlPoints") or [] if isinstance(point, dict)]


def _points(markup: _Markup) -> NDArray[np.float64]:
    """Control points that have a place, in LPS, shape (n, 3)."""
    placed = [point for point in _control_points(markup) if point.get("positionStatus", "defined") == "defined"]
    found = [_numbers(point, "position", 3) for point in placed]
    return np.array(found, dtype=np.float64).reshape(-1, 3) * _flip(markup)


def _numbers(owner: _Markup, key: str, count: int) -> NDArray[np.float64]:
    try:
        numbers = np.array(owner[key], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as problem:
        raise MarkupsFileError(f"Its “{key}” is missing or holds no numbers; save it in Slicer again.") from problem
    if numbers.shape != (count,):
        raise MarkupsFileError(f"Its “{key}” should hold {count} numbers; save it in Slicer again.")
    return numbers

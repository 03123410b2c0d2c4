"""Regions that the user names in mm (LPS), takes from markups files of 3D Slicer, or asks to be found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...measure.image import MeasuredImage
from ...measure.markups.markups_file import read_markups
from ...measure.regions.shapes import Box, Cylinder, Ellipsoid, NamedShape, Shape
from ...measure.regions.uniform_places import uniform_places
from ...measure.unique_names import unique_names
from .errors import OptionError
from .numbers import read_numbers

BOX_FORM, CYLINDER_FORM = "X,Y,Z:DX,DY,DZ", "X,Y,Z:DIAMETER,HEIGHT"
_UNIFORM_MM = 15.0
_AXES = np.eye(3)


@dataclass(frozen=True)
class Regions:
    """Regions as asked for.

    Attributes:
        named: Those with a place, each of another name.
        uniform: How many squares to find, and their side in mm; `None` for none.
    """

    named: tuple[NamedShape, ...]
    uniform: tuple[int, float] | None

    @classmethod
    def asked_for(
        cls,
        *,
        boxes: Sequence[str] | None,
        ellipsoids: Sequence[str] | None = None,
        cylinders: Sequence[str] | None,
        markups: Sequence[Path] | None,
        uniform: str | None,
    ) -> Regions:
        """Read the options.

        Raises:
            CTDenoiseError: One cannot be read, encloses nothing, or there is none.
        """
        found = [
            *_shapes("--box", boxes, BOX_FORM),
            *_shapes("--ellipsoid", ellipsoids, BOX_FORM),
            *_shapes("--cylinder", cylinders, CYLINDER_FORM),
            *(shape for file in markups or () for shape in _markups(file)),
        ]
        if not found and uniform is None:
            raise OptionError(
                "There is no region to measure in; name one with --box, --cylinder or --markups, or have some found "
                "with --uniform 5."
            )
        names = unique_names([shape.name for shape in found])
        named = tuple(NamedShape(name, shape.shape) for name, shape in zip(names, found, strict=True))
        return cls(named, None if uniform is None else _uniform(uniform))

    def on(self, image: MeasuredImage) -> tuple[NamedShape, ...]:
        """All regions, those found in an image included.

        Raises:
            NoUniformPlaceError: Uniform squares were asked for, and the image has none.
        """
        if self.uniform is None:
            return self.named
        count, side = self.uniform
        found = uniform_places(image, count=count, side_mm=side)
        names = unique_names([shape.name for shape in (*self.named, *found)])
        return tuple(NamedShape(name, shape.shape) for name, shape in zip(names, (*self.named, *found), strict=True))


def _shapes(option: str, texts: Sequence[str] | None, form: str) -> Iterator[NamedShape]:
    for number, text in enumerate(texts or (), start=1):
        given = read_numbers(option, text, form)
        yield NamedShape(given.name or f"{option[2:].capitalize()} {number}", _shape(option, *given.groups))


def _shape(option: str, centre: tuple[float, ...], size: tuple[float, ...]) -> Shape:
    if option == "--cylinder":
        diameter, height = size
        return Cylinder(np.array(centre), _AXES, (diameter, diameter), height)
    kind = Box if option == "--box" else Ellipsoid
    return kind(np.array(centre), _AXES, np.array(size))


def _markups(file: Path) -> tuple[NamedShape, ...]:
    shapes = read_markups(file).shapes
    if not shapes:
        raise OptionError(f"{file} holds lines only; draw a ROI or a closed curve for a region.")
    return shapes


def _uniform(text: str) -> tuple[int, float]:
    (count,), *side = read_numbers("--uniform", text, "N", "N:SIDE").groups
    side_mm = side[0][0] if side else _UNIFORM_MM
    if count < 1 or count != int(count) or side_mm <= 0:
        raise OptionError(f"--uniform {text} asks for nothing; write a whole number such as 5, or 5:20 for 20 mm.")
    return int(count), side_mm

"""Stented vessels: thin struts of metal around a lumen with contrast medium."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .shapes import Canvas, Disc, Place, Tube


@dataclass(frozen=True)
class StentAcross:
    """A stented vessel cut across: struts on a ring.

    Attributes:
        centre: (y, x) in mm.
        diameter_mm: Of the lumen, and of the ring on which the struts lie.
        strut_mm: Diameter of a strut.
        struts: How many.
        first: Angle of the first strut against the rows in radians.
    """

    centre: Place
    diameter_mm: float
    strut_mm: float
    struts: int
    first: float = 0.0

    def paint(self, canvas: Canvas, *, lumen_hu: float, metal_hu: float) -> None:
        """Paint lumen and struts."""
        radius = self.diameter_mm / 2
        canvas.paint(Disc(self.centre, radius), lumen_hu)
        for angle in self.first + 2 * np.pi * np.arange(self.struts) / self.struts:
            place = self.centre[0] + radius * float(np.sin(angle)), self.centre[1] + radius * float(np.cos(angle))
            canvas.paint(Disc(place, self.strut_mm / 2), metal_hu)


@dataclass(frozen=True)
class StentAlong:
    """A stented vessel that runs within the section: a wall of metal on either side of the lumen.

    Attributes:
        centre: (y, x) in mm.
        diameter_mm: Between the middles of the walls.
        strut_mm: Thickness of a wall.
        length_mm: Of vessel and stent.
        angle: Against the rows in radians.
    """

    centre: Place
    diameter_mm: float
    strut_mm: float
    length_mm: float
    angle: float = 0.0

    def paint(self, canvas: Canvas, *, lumen_hu: float, metal_hu: float) -> None:
        """Paint lumen and walls."""
        canvas.paint(Tube(self.centre, self.length_mm, self.diameter_mm, self.angle), lumen_hu)
        for side in (-1, 1):
            shift = side * self.diameter_mm / 2
            place = (
                self.centre[0] + shift * float(np.cos(self.angle)),
                self.centre[1] - shift * float(np.sin(self.angle)),
            )
            canvas.paint(Tube(place, self.length_mm, self.strut_mm, self.angle), metal_hu)

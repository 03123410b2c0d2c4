"""Shapes with exact edges, painted in mm onto a fine grid: objects far sharper than the scanner that will see them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Place = tuple[float, float]
"""Position (y, x) in mm from the middle of the section."""


class Shape(Protocol):
    """A region of the plane.

    Attributes:
        centre: Somewhere in it.
        reach_mm: No part of it is further away from the centre.
    """

    @property
    def centre(self) -> Place:
        """See above."""

    @property
    def reach_mm(self) -> float:
        """See above."""

    def distance(self, y: Floats, x: Floats) -> Floats:
        """Signed distance in mm of places from its edge, negative inside."""


@dataclass(frozen=True)
class Disc:
    """A disc: a rod or a vessel cut across.

    Attributes:
        centre: (y, x) in mm.
        radius_mm: Of the disc.
    """

    centre: Place
    radius_mm: float

    @property
    def reach_mm(self) -> float:
        """Its radius."""
        return self.radius_mm

    def distance(self, y: Floats, x: Floats) -> Floats:
        """See `Shape`."""
        return np.asarray(np.hypot(y - self.centre[0], x - self.centre[1]) - self.radius_mm)


@dataclass(frozen=True)
class Ellipse:
    """An ellipse; its distance is right to first order, which is all that an edge needs.

    Attributes:
        centre: (y, x) in mm.
        radii_mm: Half axes, the first along `angle`.
        angle: Of the first half axis against the rows in radians.
    """

    centre: Place
    radii_mm: tuple[float, float]
    angle: float

    @property
    def reach_mm(self) -> float:
        """Its larger half axis."""
        return max(self.radii_mm)

    def distance(self, y: Floats, x: Floats) -> Floats:
        """See `Shape`."""
        along, across = _turned(y, x, self.centre, self.angle)
        radius = np.hypot(along / self.radii_mm[0], across / self.radii_mm[1])
        slope = np.hypot(along / self.radii_mm[0] ** 2, across / self.radii_mm[1] ** 2)
        return np.asarray((radius - 1) * radius / np.maximum(slope, 1e-6), dtype=np.float32)


@dataclass(frozen=True)
class Tube:
    """A vessel that runs within the section, straight or bent like a parabola, with flat ends.

    Attributes:
        centre: (y, x) in mm.
        length_mm: Along the straight line through its middle.
        width_mm: Across.
        angle: Of that line against the rows in radians.
        sag_mm: How far its ends bend away from the line.
    """

    centre: Place
    length_mm: float
    width_mm: float
    angle: float = 0.0
    sag_mm: float = 0.0

    @property
    def reach_mm(self) -> float:
        """From the centre to the end of its axis, plus its width."""
        return math.hypot(self.length_mm / 2, self.sag_mm) + self.width_mm

    def distance(self, y: Floats, x: Floats) -> Floats:
        """See `Shape`."""
        along, across = _turned(y, x, self.centre, self.angle)
        bend = 4 * self.sag_mm / self.length_mm**2
        # The distance from a bent line is that along the rows of the turned frame, times the cosine of its slope.
        beside = np.abs(across - np.float32(bend) * along**2) / np.hypot(1, np.float32(2 * bend) * along)
        return np.asarray(np.maximum(beside - self.width_mm / 2, np.abs(along) - self.length_mm / 2))


@dataclass(frozen=True)
class Bars:
    """A block of parallel bars and gaps of equal width; a bar lies in the middle of it.

    Attributes:
        centre: (y, x) in mm.
        frequency_per_mm: Line pairs a mm.
        side_mm: Of the square block.
        angle: Of the bars against the rows in radians.
    """

    centre: Place
    frequency_per_mm: float
    side_mm: float
    angle: float = 0.0

    @property
    def reach_mm(self) -> float:
        """Half the diagonal of the block."""
        return self.side_mm / math.sqrt(2)

    def distance(self, y: Floats, x: Floats) -> Floats:
        """See `Shape`."""
        along, across = _turned(y, x, self.centre, self.angle)
        period = 1 / self.frequency_per_mm
        nearest = np.abs((across / np.float32(period) + np.float32(0.5)) % 1 - np.float32(0.5)) * np.float32(period)
        block = np.maximum(np.abs(along), np.abs(across)) - self.side_mm / 2
        return np.asarray(np.maximum(nearest - period / 4, block))


class Canvas:
    """A section that shapes are painted onto.

    Attributes:
        hu: Shape (y, x).
        pixel_mm: Side of a pixel.
    """

    def __init__(self, side: int, pixel_mm: float, *, hu: float) -> None:
        """Begin with a section of one value."""
        self.hu = np.full((side, side), hu, dtype=np.float32)
        self.pixel_mm = pixel_mm
        self._places = ((np.arange(side) - (side - 1) / 2) * pixel_mm).astype(np.float32)

    def paint(self, shape: Shape, hu: float) -> None:
        """Fill a shape; a pixel that its edge cuts gets the share that is covered, as if the edge were straight."""
        window, distance = self._near(shape)
        self._blend(window, distance, hu)

    def add(self, shape: Shape, hu: float | Floats) -> None:
        """Add to what is inside a shape: a number, or a section of which the shape is cut out."""
        window, distance = self._near(shape)
        added = hu[window] if isinstance(hu, np.ndarray) else np.float32(hu)
        self.hu[window] += self._covered(distance) * added

    def _near(self, shape: Shape) -> tuple[tuple[slice, slice], Floats]:
        """The part of the section that the shape can reach, and distances there."""
        reach = shape.reach_mm + self.pixel_mm
        rows, columns = (
            slice(*np.searchsorted(self._places, (middle - reach, middle + reach)).tolist()) for middle in shape.centre
        )
        return (rows, columns), shape.distance(self._places[rows, None], self._places[None, columns])

    def _blend(self, window: tuple[slice, slice], distance: Floats, hu: float) -> None:
        self.hu[window] += self._covered(distance) * (np.float32(hu) - self.hu[window])

    def _covered(self, distance: Floats) -> Floats:
        return np.asarray(np.clip(0.5 - distance / np.float32(self.pixel_mm), 0, 1))


def _turned(y: Floats, x: Floats, centre: Place, angle: float) -> tuple[Floats, Floats]:
    """Places along and across a direction."""
    cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    down, right = y - np.float32(centre[0]), x - np.float32(centre[1])
    return right * cosine + down * sine, down * cosine - right * sine

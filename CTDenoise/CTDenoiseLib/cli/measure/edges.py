"""Edges to measure the transfer function at: rods across the sections, and straight edges in a box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...measure.errors import MeasurementError, OutsideImageError
from ...measure.image import MeasuredImage
from ...measure.resolution.edge_place import DiscEdge
from ...measure.resolution.ttf import TaskTransferFunction
from ...measure.resolution.ttf_disc import disc_ttf
from ...measure.resolution.ttf_edge import edge_ttf
from ...measure.sampling import evenly_spread
from ...measure.unique_names import unique_names
from .errors import OptionError
from .numbers import read_numbers
from .regions import BOX_FORM

# A rod is looked at out to twice its radius, and a little more.
_AROUND, _SPARE_PIXELS = 2.0, 3


@dataclass(frozen=True, eq=False)
class EdgePart:
    """Part of an image around an edge, and its transfer function.

    Attributes:
        hu: HU of the sections that were averaged, shape (n, y, x).
        spacing: Distance of its rows and columns (y, x) in mm.
        ttf: The transfer function.
    """

    hu: NDArray[np.float64]
    spacing: tuple[float, float]
    ttf: TaskTransferFunction


@dataclass(frozen=True)
class Rod:
    """A rod across the sections.

    Attributes:
        name: What tables call it.
        centre: LPS place in mm; `None` to look for the rod.
        diameter_mm: Of the rod.
        depth_mm: Average the sections within this height; 0 for one section.
        reach_mm: How far from the edge to look.
    """

    name: str
    centre: tuple[float, ...] | None
    diameter_mm: float
    depth_mm: float
    reach_mm: float | None

    def found_in(self, image: MeasuredImage) -> Rod:
        """The rod at the place where it stands out of the noise most, in one of the sections, evenly spread.

        Raises:
            OptionError: No section shows such a rod.
        """
        if self.centre is not None:
            return self
        best = None
        for section in evenly_spread(len(image.values)):
            hu = np.asarray(image.values[section : section + 1], dtype=np.float64)
            try:
                ttf = disc_ttf(hu, pixel_spacing=image.grid.spacing[1:], radius_mm=self.diameter_mm / 2)
            except MeasurementError:
                continue
            if isinstance(ttf.found, DiscEdge) and (best is None or ttf.cnr > best[0]):
                best = ttf.cnr, image.grid.to_world(np.array([section, *ttf.found.centre]))
        if best is None:
            raise OptionError(
                f"No rod of {self.diameter_mm:g} mm was found; name its place with --disc X,Y,Z:{self.diameter_mm:g}."
            )
        return replace(self, centre=tuple(best[1].tolist()))

    def measure(self, image: MeasuredImage) -> EdgePart:
        """The transfer function of an image there.

        Raises:
            MeasurementError: It cannot be measured.
        """
        grid = image.grid
        middle = grid.to_index(np.array(self.centre))
        reach = np.array([0, *(_AROUND * self.diameter_mm / 2 / step for step in grid.spacing[1:])])
        reach += (max(self.depth_mm / grid.spacing[0] - 1, 0) / 2, _SPARE_PIXELS, _SPARE_PIXELS)
        hu, first = _cut(image, np.rint(middle - reach), np.rint(middle + reach))
        y, x = (middle[1:] - first[1:]).tolist()
        ttf = disc_ttf(
            hu,
            pixel_spacing=grid.spacing[1:],
            radius_mm=self.diameter_mm / 2,
            centre=(y, x),
            reach_mm=self.reach_mm,
        )
        return EdgePart(hu, grid.spacing[1:], ttf)


@dataclass(frozen=True)
class EdgeBox:
    """A box that a straight edge crosses.

    Attributes:
        name: What tables call it.
        centre: LPS place in mm.
        size: Of the box in mm, along x, y and z.
        reach_mm: How far from the edge to look.
    """

    name: str
    centre: tuple[float, ...]
    size: tuple[float, ...]
    reach_mm: float | None

    def found_in(self, _: MeasuredImage) -> EdgeBox:
        """Itself: its place is known."""
        return self

    def measure(self, image: MeasuredImage) -> EdgePart:
        """The transfer function of an image there.

        Raises:
            MeasurementError: It cannot be measured.
        """
        corners = np.array(self.centre) + (np.array(list(np.ndindex(2, 2, 2))) - 0.5) * self.size
        index = image.grid.to_index(corners)
        hu, _ = _cut(image, np.rint(index.min(axis=0)), np.rint(index.max(axis=0)))
        spacing = image.grid.spacing[1:]
        return EdgePart(hu, spacing, edge_ttf(hu, pixel_spacing=spacing, reach_mm=self.reach_mm))


Edge: TypeAlias = Rod | EdgeBox


def edges_asked_for(
    *, discs: Sequence[str], boxes: Sequence[str], depth_mm: float, reach_mm: float | None
) -> tuple[Edge, ...]:
    """Read the options.

    Raises:
        OptionError: One cannot be read, has no size, or there is none.
    """
    found: list[Edge] = []
    for number, text in enumerate(discs, start=1):
        given = read_numbers("--disc", text, "X,Y,Z:DIAMETER", "DIAMETER")
        *places, (diameter,) = given.groups
        if diameter <= 0:
            raise OptionError(f"--disc {text} has no diameter; give that of the rod in mm.")
        place = places[0] if places else None
        found.append(Rod(given.name or f"Disc {number}", place, diameter, depth_mm, reach_mm))
    for number, text in enumerate(boxes, start=1):
        given = read_numbers("--edge", text, BOX_FORM)
        centre, size = given.groups
        found.append(EdgeBox(given.name or f"Edge {number}", centre, size, reach_mm))
    if not found:
        raise OptionError("There is no edge to measure at; name a rod with --disc, or a box with --edge.")
    names = unique_names([edge.name for edge in found])
    return tuple(replace(edge, name=name) for name, edge in zip(names, found, strict=True))


def _cut(
    image: MeasuredImage, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """HU of the voxels from one index to another, both included, as far as the image goes; and the first index."""
    start = np.maximum(low, 0).astype(np.intp)
    stop = np.minimum(high + 1, image.grid.shape).astype(np.intp)
    if (stop <= start).any():
        raise OutsideImageError("The edge lies outside the image; check its place.")
    hu = np.array(image.values[tuple(map(slice, start, stop))], dtype=np.float64)
    if image.padding_hu is not None:
        hu[(hu >= image.padding_hu[0]) & (hu <= image.padding_hu[1])] = np.nan
    return hu, start

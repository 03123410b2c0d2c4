"""Task transfer function (TTF) of a disc or of a rod cut across: the circular-edge method of AAPM Task Group 233."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import OutsideImageError
from .edge_checks import LEAST_REACH, CrowdedEdgeError, checked_sections, edge_reach
from .edge_fit import find_disc
from .edge_place import DiscEdge
from .ttf import TaskTransferFunction, measure_edge

# Least radius in 10–90 % edge widths. Across a smaller disc, what rings at opposite sides of its edge meets.
_LEAST_RADIUS = 3.5


def disc_ttf(
    sections: NDArray[np.floating],
    *,
    pixel_spacing: tuple[float, float],
    radius_mm: float,
    centre: tuple[float, float] | None = None,
    reach_mm: float | None = None,
) -> TaskTransferFunction:
    """Measure the transfer function at the edge of a disc.

    Centre and tilt are fitted to a hundredth of a pixel, noise apart, and so is the radius of the edge, which blur
    draws inwards. The edge is taken as straight, which lowers f50 and f10. They are right within 2 % from a radius of
    3.5 times the 10–90 % edge width on, the least that is accepted: 0.4 % too low for a Gaussian blur, 2 % where the
    kernel enhances edges, 3 % if so much that the transfer function reaches 1.2; and within 1 % from twice that radius.

    Args:
        sections: HU of adjacent sections through the rod, shape (n, y, x); they are averaged.
        pixel_spacing: Row and column spacing (y, x) in mm.
        radius_mm: Of the disc, within a quarter.
        centre: Roughly, in pixels (y, x); `None` looks for the most striking disc of this radius.
        reach_mm: How far from the edge to look on either side; by default six edge widths, but no further than the
            radius or the border of the image. Less keeps neighbours out.

    Raises:
        UnusableSectionsError: A pixel has no value, or there are no sections.
        NoEdgeError: There is no disc of about this radius.
        OutsideImageError: The border of the image cuts the disc or its surroundings off.
        CrowdedEdgeError: The disc is too small for its blur, or something else lies within reach.
        SaturatedEdgeError: The disc or its surroundings are cut off at a limit of the values.
        UnevenEdgeError: The disc is not round.

    Example:
        >>> y, x = np.mgrid[-15:15:61j, -15:15:61j]
        >>> rod = 100 / (1 + np.exp((np.hypot(y, x) - 6) / 0.25))
        >>> ttf = disc_ttf(rod[None], pixel_spacing=(0.5, 0.5), radius_mm=6)
        >>> round(ttf.contrast_hu)
        100
    """
    stack = checked_sections(sections)
    found = find_disc(stack, pixel_spacing=pixel_spacing, centre=centre, radius_mm=radius_mm)
    reach = _reach(found, stack.shape[1:], pixel_spacing, reach_mm)
    return measure_edge(stack, found, pixel_spacing=pixel_spacing, reach_mm=reach, nyquist=0.5 / max(pixel_spacing))


def _reach(found: DiscEdge, shape: tuple[int, ...], pixel_spacing: tuple[float, float], wanted: float | None) -> float:
    """How far from the edge to look in mm, with all that lies there inside the image."""
    least = _LEAST_RADIUS * found.width_mm
    if found.radius_mm < least:
        raise CrowdedEdgeError(
            f"A disc of {found.radius_mm:.1f} mm radius is too small for an edge of {found.width_mm:.1f} mm width: "
            f"the radius has to be {least:.1f} mm or more."
        )
    to_border = min(
        min(place + 0.5, size - 0.5 - place) * step
        for place, size, step in zip(found.centre, shape, pixel_spacing, strict=True)
    )
    room = to_border - found.radius_mm
    needed = LEAST_REACH * found.width_mm
    if room < needed:
        raise OutsideImageError(
            f"The border of the image cuts this disc off: {needed:.1f} mm around it are needed, and "
            f"{max(room, 0):.1f} mm are there."
        )
    return edge_reach(found.width_mm, wanted_mm=wanted, room_mm=min(room, found.radius_mm))

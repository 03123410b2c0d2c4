"""Task transfer function (TTF) of a straight, slightly slanted edge (ISO 12233; Samei et al., Med Phys 1998;25:102)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError
from .edge_checks import checked_sections, edge_reach
from .edge_fit import find_straight_edge
from .edge_spread import PARTS, largest_gap
from .ttf import TaskTransferFunction, measure_edge

# Samples of the profile may lie so far apart, as a share of a pixel: no further than its knots.
_LARGEST_GAP = 0.25


class EdgeAngleError(MeasurementError):
    """An edge lies so along the pixel grid that it is not sampled finely enough."""


def edge_ttf(
    sections: NDArray[np.floating], *, pixel_spacing: tuple[float, float], reach_mm: float | None = None
) -> TaskTransferFunction:
    """Measure the transfer function across a straight edge.

    The edge may face in any direction, with the bright side on either side; angle, place and tilt are fitted. Along the
    grid (0°, 45°, 90° and simple slopes between, seen in pixels) all rows cut the edge at the same few fractions of a
    pixel, and frequencies fold over each other; such edges are refused. Angles of 2° to 10° to rows or columns do well
    when the edge is long enough to cross a whole pixel.

    Args:
        sections: HU of adjacent sections of a region that one edge crosses, shape (n, y, x); they are averaged.
        pixel_spacing: Row and column spacing (y, x) in mm.
        reach_mm: How far from the edge to look on either side; by default six edge widths, or as far as the region
            goes. Less keeps neighbours out.

    Raises:
        UnusableSectionsError: A pixel has no value, or there are no sections.
        NoEdgeError: No straight edge crosses the middle of the region.
        EdgeAngleError: The edge lies along the grid of pixels.
        CrowdedEdgeError: There is too little room beside the edge, or something else lies within reach.
        SaturatedEdgeError: One side is cut off at a limit of the values.
        UnevenEdgeError: The edge is not straight.

    Example:
        >>> y, x = np.mgrid[:40, :40] * 0.5
        >>> edge = 100 / (1 + np.exp((10 - x - 0.1 * y) / 0.25))
        >>> ttf = edge_ttf(edge[None], pixel_spacing=(0.5, 0.5))
        >>> round(ttf.found.angle_degrees, 1)
        5.7
    """
    stack = checked_sections(sections)
    found = find_straight_edge(stack, pixel_spacing=pixel_spacing)
    distance = found.distances((1, *stack.shape[1:]), pixel_spacing)[0]
    if largest_gap(distance, within_mm=found.width_mm) > _LARGEST_GAP * min(pixel_spacing):
        raise EdgeAngleError(
            f"The edge lies at {found.angle_degrees:.1f}° to the pixel grid, where its profile is sampled too "
            "coarsely. Turn the phantom so that it lies at 2° to 10° to rows or columns, or take a longer piece of it."
        )
    part = (found.places((1, *stack.shape[1:]), pixel_spacing)[0] * PARTS).astype(np.intp)
    room = min(_median_end(distance, part), _median_end(-distance, part))
    reach = edge_reach(found.width_mm, wanted_mm=reach_mm, room_mm=room)
    y, x = (abs(part) * 2 * spacing for part, spacing in zip(found.normal, pixel_spacing, strict=True))
    return measure_edge(stack, found, pixel_spacing=pixel_spacing, reach_mm=reach, nyquist=1 / max(y, x))


def _median_end(distance: NDArray[np.float64], part: NDArray[np.intp]) -> float:
    """How far the region goes to one side of the edge, along half of it."""
    return float(np.median([distance[part == index].max() for index in range(PARTS) if np.any(part == index)]))

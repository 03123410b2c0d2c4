"""Places for ROIs without a click: uniform soft tissue or phantom, where the user sees them appear if possible."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.measure.regions.shapes import Box
from CTDenoiseLib.measure.regions.uniform_places import NoUniformPlaceError, uniform_places

from .visible_sections import visible_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from slicer import vtkMRMLSliceNode

    from CTDenoiseLib.measure.regions.shapes import NamedShape

    from .measured_volumes import MeasuredVolume

_SAME_PLACE_MM = 1.0


def free_uniform_places(
    volumes: Sequence[MeasuredVolume],
    views: Sequence[vtkMRMLSliceNode],
    *,
    count: int,
    occupied: Sequence[NDArray[np.float64]],
) -> tuple[Box, ...]:
    """Squares in one section each: on screen, else where all volumes hold data, else anywhere.

    Args:
        volumes: What is compared; the first is looked at.
        views: What is on screen.
        count: How many to look for.
        occupied: Centres (R, A, S) in mm of what is in a place already; such places are left out.

    Raises:
        NoUniformPlaceError: There is no such square.
    """
    boxes = (place.shape for place in _found(volumes, views, count) if isinstance(place.shape, Box))
    return tuple(
        box for box in boxes if all(np.linalg.norm(box.centre - centre) > _SAME_PLACE_MM for centre in occupied)
    )


def _found(volumes: Sequence[MeasuredVolume], views: Sequence[vtkMRMLSliceNode], count: int) -> tuple[NamedShape, ...]:
    first = volumes[0]
    held = set(range(first.image.grid.shape[0])).intersection(
        *(volume.image.sections for volume in volumes if volume.image.sections is not None)
    )
    for sections in (held.intersection(visible_sections(first.node, views)), held):
        if sections:
            with suppress(NoUniformPlaceError):
                return uniform_places(first.image, count=count, sections=sorted(sections))
    return uniform_places(first.image, count=count)

"""Adjacent sections averaged to thicker ones, such as 0.4/0.2 mm (thickness/increment) from 0.2/0.2 mm.

The average of an even number of sections lies between two of them: that of sections 0 and 1 half an increment above
section 0. Nothing is interpolated to undo this. The averages are a series of their own, whose origin is moved by
(count − 1) / 2 increments (`averaged_geometry`). A target with noise added to it is seen by the network at the place of
the target, so such pairs are exact. Only who compares an average with a source section has to mind the half increment;
`averaged_positions` says where each lies.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.volume import Geometry

from ..errors import DataError
from .by_section import Allocate, each_section, in_memory


def average_sections(hu: NDArray[np.generic], count: int, *, allocate: Allocate = in_memory) -> NDArray[np.float32]:
    """Moving average over `count` adjacent sections.

    Args:
        hu: HU of any real type, shape (z, y, x); may be memory-mapped.
        count: How many are averaged; 1 gives a copy.
        allocate: Makes room for the result.

    Returns:
        HU, shape (z − count + 1, y, x). Average i is that of sections i to i + count − 1.

    Raises:
        DataError: There are fewer sections than are to be averaged, or the count is below 1.

    Example:
        >>> average_sections(np.array([0, 2, 6], dtype=np.float32).reshape(3, 1, 1), 2).ravel().tolist()
        [1.0, 4.0]
    """
    sections, rows, columns = hu.shape
    _check(sections, count)
    average = allocate((sections - count + 1, rows, columns))

    def one(index: int) -> None:
        # In float64, so that averages of whole HU are exact to the last bit of float32.
        np.copyto(average[index], hu[index : index + count].mean(axis=0, dtype=np.float64), casting="same_kind")

    each_section(one, len(average))
    return average


def averaged_positions(sections: int, count: int) -> NDArray[np.float64]:
    """Where the averages lie, as indices of the source sections: 0.5, 1.5, ... for two sections.

    Args:
        sections: Sections of the source.
        count: How many are averaged.

    Raises:
        DataError: As `average_sections`.
    """
    _check(sections, count)
    return np.arange(sections - count + 1, dtype=np.float64) + (count - 1) / 2


def averaged_geometry(geometry: Geometry, count: int) -> Geometry:
    """Geometry of the averages: that of the source, with its origin moved by (count − 1) / 2 increments."""
    step = (count - 1) / 2 * geometry.spacing[0]
    x, y, z = (start + step * along for start, along in zip(geometry.origin, geometry.direction[0], strict=True))
    return replace(geometry, origin=(x, y, z))


def _check(sections: int, count: int) -> None:
    if count < 1:
        raise DataError(
            f"A target is the average of 1 section or more, not of {count}; set target_sections to 1 or more."
        )
    if sections < count:
        raise DataError(
            f"The series has {sections} sections, and {count} are to be averaged to a target; "
            "give a longer series or average fewer."
        )

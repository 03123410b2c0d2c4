"""Measure a volume by some of its sections, where all of them would take too long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..volume import Geometry

MOST_SECTIONS = 24


class MeasurableVolume(Protocol):
    """What measuring needs of a volume; `Volume` has it, and so has `SampledVolume`."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of sections, rows and columns."""

    @property
    def geometry(self) -> Geometry:
        """Where the voxels lie."""

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x)."""

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x)."""


class SampledVolume:
    """A volume of which only some sections are known; no other may be asked for.

    Args:
        values: HU of these sections, int16 or float32, shape (n, y, x).
        sections: Index of each in the volume.
        sections_in_all: Of the volume.
        geometry: Where its voxels lie.
        padding_hu: Lowest and highest HU that mark "no data", `None` without.
    """

    def __init__(
        self,
        values: NDArray[np.generic],
        sections: Sequence[int],
        *,
        sections_in_all: int,
        geometry: Geometry,
        padding_hu: tuple[float, float] | None = None,
    ) -> None:
        self._values = values
        self._places = {section: place for place, section in enumerate(sections)}
        self._padding_hu = padding_hu
        self.shape = (sections_in_all, *values.shape[1:])
        self.geometry = geometry

    def section(self, index: int) -> NDArray[np.float32]:
        """HU of one section, shape (y, x)."""
        return np.asarray(self._values[self._places[index]], dtype=np.float32)

    def padding_mask(self, section: int) -> NDArray[np.bool_]:
        """Voxels of one section that hold no data, shape (y, x)."""
        hu = self.section(section)
        if self._padding_hu is None:
            return np.zeros(hu.shape, dtype=bool)
        low, high = self._padding_hu
        return (hu >= low) & (hu <= high)


def evenly_spread(sections: int, *, most: int = MOST_SECTIONS) -> range:
    """Indices of at most `most` of so many sections, evenly spread and centred."""
    step = -(-sections // most)
    return range((sections - 1) % step // 2, sections, step)


def sampled_sections(sections: int) -> tuple[int, ...]:
    """Indices of the sections that measuring looks at: those evenly spread, and those beside them."""
    near = {index + step for index in evenly_spread(sections) for step in (-1, 0, 1)}
    return tuple(sorted(index for index in near if 0 <= index < sections))

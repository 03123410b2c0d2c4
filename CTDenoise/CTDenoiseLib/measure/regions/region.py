"""The voxels of one grid that a shape holds: found once, read from any number of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import DifferentGridError, NotDenoisedHereError, OutsideImageError, TooFewVoxelsError
from ..image import Grid, MeasuredImage
from .shapes import Shape
from .spans import OUTSIDE, Spans
from .threads import for_each


@dataclass(frozen=True, eq=False)
class Region:
    """Voxels whose centre is inside a shape.

    Attributes:
        grid: Of the voxels.
        spans: The voxels, in the order of memory.
        clipped: Voxels that the shape would have beyond the edges of the image.
    """

    grid: Grid
    spans: Spans
    clipped: int = 0

    @cached_property
    def count(self) -> int:
        """Number of voxels."""
        return self.spans.count

    @property
    def volume_mm3(self) -> float:
        """Voxels times the volume of one, in mm³."""
        return self.count * self.grid.voxel_volume

    @property
    def area_mm2(self) -> float | None:
        """Voxels times the area of one in its section, in mm²; `None` if they lie in more than one section."""
        if len(self.sections) != 1:
            return None
        rows, columns = self.grid.world_from_index[:3, 1], self.grid.world_from_index[:3, 2]
        return self.count * float(np.linalg.norm(np.cross(rows, columns)))

    @cached_property
    def sections(self) -> tuple[int, ...]:
        """Indices of the sections that hold its voxels."""
        return tuple(np.unique(self.spans.section).tolist())

    def indices(self) -> NDArray[np.intp]:
        """Indices (z, y, x) of the voxels, shape (n, 3)."""
        return self.spans.indices()

    def require(self, image: MeasuredImage) -> None:
        """Check that an image holds data in its voxels.

        Raises:
            DifferentGridError: The image has other voxels.
            NotDenoisedHereError: Some of the sections hold no data yet.
        """
        if not image.grid.is_same_as(self.grid):
            raise DifferentGridError(
                f"“{image.name}” has other voxels than the image of the region; allow resampling to measure both."
            )
        require_sections(image, self.sections)

    def values(self, image: MeasuredImage) -> NDArray[np.float64]:
        """HU of its voxels, padding included, in the same order for each image, shape (n,).

        Raises:
            DifferentGridError: The image has other voxels.
            NotDenoisedHereError: Some of the sections hold no data yet.
        """
        return self.stored_values([image])[0].astype(np.float64)

    def stored_values(self, images: Sequence[MeasuredImage]) -> list[NDArray[np.generic]]:
        """The same of several images at once, in the types that they have.

        Raises:
            DifferentGridError: An image has other voxels.
            NotDenoisedHereError: Some of the sections hold no data yet.
        """
        for image in images:
            self.require(image)
        found: list[NDArray[np.generic]] = [np.empty(self.count, dtype=image.values.dtype) for image in images]
        parts = self.spans.parts()
        ends = np.cumsum([part.count for part in parts]).tolist()

        def read(place: int) -> None:
            part, end = parts[place], ends[place]
            voxels = part.places(self.grid.shape)
            sections = slice(int(part.section[0]), int(part.section[-1]) + 1)
            for image, values in zip(images, found, strict=True):
                # Each voxel is in range by construction; "clip" spares the check, and with it a copy.
                block = np.asarray(image.values[sections]).reshape(-1)
                np.take(block, voxels, out=values[end - voxels.size : end], mode="clip")

        for_each(read, range(len(parts)), voxels=self.count)
        return found


def region_voxels(shape: Shape, grid: Grid) -> Region:
    """Find the voxels whose centre is inside a shape.

    Takes about 2 ms for a rotated box of 10⁶ voxels.

    Args:
        shape: In the same world as the grid.
        grid: Of the image.

    Raises:
        OutsideImageError: The shape lies outside the image as a whole.
        TooFewVoxelsError: The shape is so small that it holds no centre of a voxel.
    """
    everywhere = shape.spans(grid)
    inside = everywhere.inside(grid.shape)
    if not everywhere.count:
        raise TooFewVoxelsError("The region holds no voxel, as it is smaller than one; draw it larger.")
    if not inside.count:
        raise OutsideImageError(OUTSIDE)
    return Region(grid, inside, clipped=everywhere.count - inside.count)


def require_sections(image: MeasuredImage, sections: tuple[int, ...]) -> None:
    """Check that an image holds data in sections.

    Raises:
        NotDenoisedHereError: It does not in some of them.
    """
    missing = [] if image.sections is None else [section for section in sections if section not in image.sections]
    if missing:
        raise NotDenoisedHereError(
            f"“{image.name}” holds no data yet in {len(missing)} of the {len(sections)} sections of this region; "
            "denoise them, or move the region."
        )

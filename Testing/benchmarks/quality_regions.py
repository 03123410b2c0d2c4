"""Noise and mean in round regions of several sections."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_data import Image, Stack
from benchmarks.quality_noise import Noise
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.noise.nps_regions import square_regions
from CTDenoiseLib.measure.regions.roi_statistics import RoiStatistics, bias, roi_statistics
from CTDenoiseLib.measure.regions.shapes import Cylinder
from CTDenoiseLib.volume import Geometry


@dataclass(frozen=True)
class Disc:
    """A round region of uniform material in one section.

    Attributes:
        section: Index of the section.
        row: Of its centre.
        column: Of its centre.
        radius: In pixels.
    """

    section: int
    row: float
    column: float
    radius: float

    def shape(self, grid: Grid, place: int) -> Cylinder:
        """The region in a stack of sections, in which its own is at a place."""
        _, dy, dx = grid.spacing
        centre = grid.to_world(np.array([place, self.row, self.column]))
        return Cylinder(centre, np.eye(3), (2 * self.radius * dx, 2 * self.radius * dy), 0.0)


@dataclass(frozen=True, eq=False)
class Regions:
    """Discs of one material in an image.

    Attributes:
        discs: In sections that are denoised.
        sections: Those that are denoised.
        spacing: Distance of voxels (z, y, x) in mm.
    """

    discs: tuple[Disc, ...]
    sections: tuple[int, ...]
    spacing: tuple[float, float, float]

    def statistics(self, stack: Stack) -> list[RoiStatistics]:
        """Of each disc.

        Args:
            stack: The sections that are denoised, shape (n, y, x).
        """
        image = self._measured(stack)
        return [
            roi_statistics(disc.shape(image.grid, self.sections.index(disc.section)), [image])[0] for disc in self.discs
        ]

    def of_section(self, section: int) -> Regions:
        """Those in one section."""
        return replace(self, discs=tuple(disc for disc in self.discs if disc.section == section))

    def noise(self, stack: Stack) -> float:
        """Root mean square of the standard deviations in HU."""
        return math.sqrt(float(np.mean([found.sd**2 for found in self.statistics(stack)])))

    def noise_reduction(self, before: Stack, after: Stack) -> float:
        """100 · (1 − noise after / noise before), in percent."""
        return 100 * (1 - self.noise(after) / self.noise(before))

    def shifts(self, before: Stack, after: Stack) -> list[float]:
        """Change of the mean of each disc in HU."""
        both = zip(self.statistics(before), self.statistics(after), strict=True)
        return [bias(one, other) for one, other in both]

    def noise_of_sections(self, stack: Stack) -> tuple[Noise, ...]:
        """The noise of each section: spectrum of all discs, level of those in the section or in the nearest one."""
        image = self._measured(stack)
        shapes = [disc.shape(image.grid, self.sections.index(disc.section)) for disc in self.discs]
        pixels = self.spacing[1:]
        noise = Noise.of(square_regions(shapes, image).spectrum(image), pixels)
        deviations: dict[int, list[float]] = {}
        for disc, found in zip(self.discs, self.statistics(stack), strict=True):
            deviations.setdefault(disc.section, []).append(found.sd)
        nearest = [min(deviations, key=lambda known: abs(known - section)) for section in self.sections]
        return tuple(noise.of_level(math.sqrt(float(np.mean(np.square(deviations[known]))))) for known in nearest)

    def _measured(self, stack: Stack) -> MeasuredImage:
        return MeasuredImage("", stack, Grid.of(Geometry(spacing=self.spacing), stack.shape))


def image_of(hu: NDArray[np.float32], sections: Sequence[int], regions: Regions) -> Image:
    """An image whose noise is that of uniform regions."""
    return Image(hu, tuple(sections), regions.noise_of_sections(np.asarray(hu[list(sections)])))

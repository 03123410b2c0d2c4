"""Pictures of small vessels as a scanner would show them.

A vessel is a cylinder of one contrast. The image of it is the cylinder blurred by the image's own resolution, a
Gaussian, and averaged over pixels and section (partial volume). A vessel thinner than the resolution thus shows with
less than its contrast, but with all of it in sum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import scipy
from numpy.typing import NDArray

from ...volume import Vector

# Fine enough for the shape of the disc; its area is made exact.
_STEPS_A_PIXEL = 9
_STEPS_A_DIAMETER = 9
_REACH_IN_SIGMA = 3.5


class VesselDirection(Enum):
    """How a vessel runs."""

    THROUGH_PLANE = "across the sections"
    IN_PLANE = "within the section"


@dataclass(frozen=True)
class Vessel:
    """A small vessel.

    Attributes:
        diameter: In mm.
        contrast: HU above the tissue around it.
    """

    diameter: float
    contrast: float


@dataclass(frozen=True)
class VesselPainter:
    """Paints vessels as an image of given voxels and resolution shows them.

    Attributes:
        spacing: Distance of voxel centres along (z, y, x) in mm; sections are taken to be as thick as they are apart.
        blur: Standard deviation of the in-plane resolution in mm; its full width at half maximum is 2.35 times that.
        direction: How the vessels run.
    """

    spacing: Vector
    blur: float
    direction: VesselDirection = VesselDirection.THROUGH_PLANE

    def reach(self, vessel: Vessel) -> int:
        """Pixels from the centre to the rim of its picture."""
        farthest = vessel.diameter / 2 + _REACH_IN_SIGMA * self.blur
        return math.ceil(farthest / min(self.spacing[1:])) + 1

    def paint(self, vessel: Vessel, *, offset: tuple[float, float], angle: float, sections: int) -> NDArray[np.float32]:
        """Picture of one vessel, to be added to an image.

        Args:
            vessel: What to paint.
            offset: Centre of the vessel from the centre of the middle pixel (y, x), in pixels.
            angle: Direction of a vessel within the section in radians, 0 along the rows.
            sections: How many to paint, an odd number, the vessel's centre in the middle one.

        Returns:
            HU, shape (sections, 2 × reach + 1, 2 × reach + 1).
        """
        if self.direction is VesselDirection.THROUGH_PLANE:
            disc = self._disc(vessel, offset)
            return np.broadcast_to(disc, (sections, *disc.shape))
        return self._rod(vessel, offset, angle, sections)

    def _disc(self, vessel: Vessel, offset: tuple[float, float]) -> NDArray[np.float32]:
        """Cross-section, from a raster that divides pixels and diameter finely."""
        side = 2 * self.reach(vessel) + 1
        _, *pixel = self.spacing
        per_pixel = [_odd(max(_STEPS_A_PIXEL, _STEPS_A_DIAMETER * size / vessel.diameter)) for size in pixel]
        steps = [size / count for size, count in zip(pixel, per_pixel, strict=True)]
        y, x = (
            (np.arange(side * count) - (side * count - 1) / 2) * step - shift * size
            for count, step, shift, size in zip(per_pixel, steps, offset, pixel, strict=True)
        )
        inside = np.clip((vessel.diameter / 2 - np.hypot(y[:, None], x)) / max(steps) + 0.5, 0, 1)
        inside *= math.pi * vessel.diameter**2 / 4 / (inside.sum() * steps[0] * steps[1])
        image = scipy.ndimage.gaussian_filter(inside, [self.blur / step for step in steps], mode="constant")
        image = scipy.ndimage.uniform_filter(image, per_pixel, mode="constant")
        middles = tuple(slice(count // 2, None, count) for count in per_pixel)
        return np.asarray(vessel.contrast * image[middles], dtype=np.float32)

    def _rod(self, vessel: Vessel, offset: tuple[float, float], angle: float, sections: int) -> NDArray[np.float32]:
        """Straight through the picture, with ends at its rim."""
        reach = self.reach(vessel)
        thickness, *pixel = self.spacing
        y, x = ((np.arange(-reach, reach + 1) - shift) * size for shift, size in zip(offset, pixel, strict=True))
        across = np.abs(x * math.sin(angle) - y[:, None] * math.cos(angle))
        step = float(min(*pixel, vessel.diameter) / _STEPS_A_PIXEL)
        farthest = math.ceil(float(across.max()) / step) + 1
        distance = np.arange(-farthest, farthest + 1, dtype=np.float64) * step
        picture = [
            np.interp(across, distance, self._profile(vessel, distance, (section - sections // 2) * thickness))
            for section in range(sections)
        ]
        return np.asarray(vessel.contrast * np.stack(picture), dtype=np.float32)

    def _profile(self, vessel: Vessel, distance: NDArray[np.float64], height: float) -> NDArray[np.float64]:
        """Share of contrast by distance from the axis of a rod, in a section at a height above it."""
        thickness, *pixel = self.spacing
        step = distance[1] - distance[0]
        half = np.sqrt(np.maximum((vessel.diameter / 2) ** 2 - distance**2, 0.0))
        top, bottom = np.minimum(half, height + thickness / 2), np.maximum(-half, height - thickness / 2)
        share = np.maximum(top - bottom, 0.0) / thickness
        share = scipy.ndimage.gaussian_filter1d(share, self.blur / step, mode="constant")
        width = _odd(math.sqrt(pixel[0] * pixel[1]) / step)
        return np.asarray(scipy.ndimage.uniform_filter1d(share, width, mode="constant"))


def _odd(number: float) -> int:
    return 2 * round((number - 1) / 2) + 1

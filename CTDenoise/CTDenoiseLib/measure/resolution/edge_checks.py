"""What would spoil the transfer function of an edge: cut off values, neighbours, an edge neither round nor straight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError
from .edge_spread import PARTS, Profiles

Floats = NDArray[np.float64]

LEAST_REACH = 2.5
"""Room that an edge needs on either side, in its 10–90 % widths."""
GRAIN = 2.0
"""Neighbouring pixels share noise: their mean is about so much more uncertain than that of independent ones."""
# More room than this is not looked at.
_MOST_REACH = 6.0

# Values at which CT images and 16-bit files end.
_STORAGE_LIMITS_HU = (-32768.0, -2048.0, -1024.0, 3071.0, 4095.0, 32767.0)
# Share of a plateau at its very end that no noise makes.
_CLIPPED_SHARE = 0.25
# Pictures that were computed have less noise than this share of the contrast; their plateaus are equal by nature.
_NO_NOISE = 1e-3
# Something beside the edge counts from this share of the contrast, if it stands out of the noise so many times.
_NEIGHBOUR_SHARE, _SIGNIFICANT = 0.15, 6.0
_RINGS = 3
_FEWEST_PIXELS = 30
# Radii, or places along a line, that scatter by this share of the edge width (rms) lower f10 by 2 %.
_SCATTER_SHARE = 0.08


class UnusableSectionsError(MeasurementError):
    """The pixels are not such that an edge could be measured."""


class SaturatedEdgeError(MeasurementError):
    """Values on one side of an edge are cut off."""


class CrowdedEdgeError(MeasurementError):
    """Something else lies so near to an edge that it changes its profile, or there is too little room beside it."""


class UnevenEdgeError(MeasurementError):
    """An edge is not as round or as straight as it has to be."""


@dataclass(frozen=True)
class EdgePixels:
    """Pixels around an edge in the mean of the sections.

    Attributes:
        distance: From the edge in mm, shape (n,).
        part: Part of the edge that each lies at, shape (n,).
        residual: HU minus the profile at that distance, shape (n,).
        profiles: The profile.
        width_mm: 10–90 % width of the edge.
        contrast_hu: Across the edge, positive.
    """

    distance: Floats
    part: NDArray[np.intp]
    residual: Floats
    profiles: Profiles
    width_mm: float
    contrast_hu: float

    @property
    def beside(self) -> NDArray[np.bool_]:
        """Pixels on the plateaus."""
        return np.asarray(np.abs(self.distance) > self.width_mm)

    def noise_hu(self) -> float:
        """Standard deviation beside the edge."""
        knots = np.abs(self.profiles.position_mm) > self.width_mm
        freedom = max(int(self.beside.sum() - knots.sum()), 1)
        return float(np.sqrt(np.square(self.residual[self.beside]).sum() / freedom))

    def check_for_neighbours(self) -> None:
        """See whether the plateaus are alike all along the edge.

        Raises:
            CrowdedEdgeError: A piece of a plateau differs from the rest at its distance.
        """
        reach = float(self.profiles.position_mm[-1])
        ring = np.minimum((np.abs(self.distance) - self.width_mm) / (reach - self.width_mm) * _RINGS, _RINGS - 1)
        side = self.distance > 0
        cell = ((self.part * 2 + side) * _RINGS + ring.astype(np.intp))[self.beside]
        count = np.bincount(cell)
        enough = count >= 4
        mean = np.abs(np.bincount(cell, self.residual[self.beside])[enough] / count[enough])
        noise = _SIGNIFICANT * GRAIN * self.noise_of_median_part() / np.sqrt(count[enough])
        if np.any(mean > np.maximum(_NEIGHBOUR_SHARE * self.contrast_hu, noise)):
            raise CrowdedEdgeError(
                f"Something else lies within {reach:.1f} mm of this edge and would change its transfer function. "
                "Give a smaller reach, or choose an edge that stands alone."
            )

    def noise_of_median_part(self) -> float:
        """Standard deviation beside the edge in the median part of it, which a neighbour does not raise."""
        parts = [self.residual[self.beside & (self.part == part)] for part in range(PARTS)]
        return float(np.median([np.sqrt(np.mean(np.square(values))) for values in parts if values.size]))

    def check_for_evenness(self) -> None:
        """See whether all parts of the edge lie at the same distance.

        Raises:
            UnevenEdgeError: They scatter so much that f10 would be 2 % too low.
        """
        position = self.profiles.position_mm
        slope = np.interp(self.distance, position, np.gradient(self.profiles.esf_hu[0], position))
        slope[self.beside] = 0
        square = np.bincount(self.part, slope**2, minlength=PARTS)
        shift = np.bincount(self.part, self.residual * slope, minlength=PARTS) / np.maximum(square, 1e-12)
        by_noise = (GRAIN * self.noise_hu()) ** 2 / np.maximum(square, 1e-12)
        excess = float(np.mean(shift**2) - np.mean(by_noise))
        if excess > (_SCATTER_SHARE * self.width_mm) ** 2:
            raise UnevenEdgeError(
                f"This edge is not round or straight enough: its place varies by {np.sqrt(excess):.2f} mm (rms), which "
                "would lower the transfer function. Choose another one, or check the pixel spacing."
            )


def checked_sections(sections: NDArray[np.floating]) -> Floats:
    """The sections in double precision, shape (n, y, x).

    Raises:
        UnusableSectionsError: They are no stack of pictures, or hold values that are no numbers.
    """
    if sections.ndim != 3 or 0 in sections.shape or not np.isfinite(sections).all():
        raise UnusableSectionsError(
            "A transfer function needs sections (n, y, x) in which every pixel has a value in HU; leave out sections "
            "and borders without data."
        )
    return sections.astype(np.float64)


def edge_reach(width_mm: float, *, wanted_mm: float | None, room_mm: float) -> float:
    """How far from an edge to look on either side, in mm.

    Args:
        width_mm: 10–90 % width of the edge.
        wanted_mm: What the user asks for; `None` takes as much as is of use.
        room_mm: What there is.

    Raises:
        CrowdedEdgeError: It is less than 2.5 edge widths.
    """
    reach = min(wanted_mm or _MOST_REACH * width_mm, room_mm)
    if reach < LEAST_REACH * width_mm:
        raise CrowdedEdgeError(
            f"An edge of {width_mm:.1f} mm width needs {LEAST_REACH * width_mm:.1f} mm of even surroundings on either "
            f"side; it was given {max(reach, 0):.1f} mm. Take a larger region or reach."
        )
    return reach


def check_for_saturation(sides: tuple[NDArray[np.floating], NDArray[np.floating]]) -> None:
    """See whether values on one side of an edge are cut off, as where a file or a scale ends.

    Args:
        sides: HU of the two plateaus, as stored.

    Raises:
        CrowdedEdgeError: There are hardly any pixels.
        SaturatedEdgeError: A quarter of a plateau has one and the same extreme value, and either the other plateau has
            noise or CT images end at that value.
    """
    if min(side.size for side in sides) < _FEWEST_PIXELS:
        raise CrowdedEdgeError("Too few pixels lie beside this edge to measure it; take a larger region or reach.")
    contrast = abs(float(np.median(sides[0]) - np.median(sides[1])))
    for side, other in (sides, sides[::-1]):
        end = float(max((side.min(), side.max()), key=lambda value: np.mean(side == value)))
        noise = float(np.median(np.abs(other - np.median(other))))
        if np.mean(side == end) > _CLIPPED_SHARE and (noise > _NO_NOISE * contrast or end in _STORAGE_LIMITS_HU):
            raise SaturatedEdgeError(
                f"One side of this edge is cut off at {end:g} HU, so its true contrast is not in the image. "
                "Use a reconstruction with a wider range of values (extended CT scale), or another material."
            )

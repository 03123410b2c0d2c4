"""The geometry of a simulated scan: parallel rays over half a turn.

Zhang et al. (2024, Table 1) simulate a fan beam whose detector pitch is the pixel size times the magnification SDD/SOD.
Rays of such a fan are one pixel size apart at the centre of rotation, and so are the parallel rays here when
`ray_spacing_mm` is the pixel size: the sampling at the centre is the same. What a fan has beyond that is absent:
sampling that changes with the distance from the centre, a field of view given by the fan angle, and the turn of 360°.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import TrainingError


class ScanError(TrainingError):
    """A scan of these settings, or of this object, is not possible."""


@dataclass(frozen=True, kw_only=True)
class ParallelScan:
    """Views of parallel rays, evenly spread over half a turn.

    Positions are in mm from the centre of rotation, y downwards and x to the right as rows and columns of an image run.
    The ray at position s of the view at angle θ holds the points with x · cos θ + y · sin θ = s.

    Attributes:
        views: Projections over 180°, the first at 0°. π/2 times the rays sample an object that fills the field fully.
        rays: Detector elements of a view. The centre of rotation projects onto the middle one, or between the two in
            the middle if their number is even.
        ray_spacing_mm: Distance and width of the rays at the centre of rotation.

    Raises:
        ScanError: A number of views or rays, or the spacing, is not above zero.
    """

    views: int
    rays: int
    ray_spacing_mm: float

    def __post_init__(self) -> None:
        if self.views < 1 or self.rays < 2:
            raise ScanError(f"A scan of {self.views} views of {self.rays} rays is not possible: give 1 and 2 or more.")
        if not (math.isfinite(self.ray_spacing_mm) and self.ray_spacing_mm > 0):
            raise ScanError(f"Rays cannot be {self.ray_spacing_mm} mm apart: give a distance above 0 mm.")

    @property
    def field_mm(self) -> float:
        """Diameter of the disc that every view covers: no object may be wider."""
        return self.rays * self.ray_spacing_mm

    @property
    def angles(self) -> NDArray[np.float64]:
        """Angle of each view in radians, shape (views,)."""
        return np.arange(self.views, dtype=np.float64) * np.float64(math.pi / self.views)

    @property
    def nyquist_per_mm(self) -> float:
        """Highest frequency that the rays sample, in mm⁻¹."""
        return 0.5 / self.ray_spacing_mm

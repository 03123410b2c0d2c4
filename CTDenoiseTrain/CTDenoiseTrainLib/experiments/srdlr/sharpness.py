"""How sharp edges are: transfer functions of rods, profiles across vessels, overshoot."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.measured import Measured, Measurement
from CTDenoiseLib.measure.profiles.path import ProfilePath
from CTDenoiseLib.measure.profiles.profile import ProfileSettings, sample_profiles
from CTDenoiseLib.measure.profiles.profile_features import profile_features
from CTDenoiseLib.measure.resolution.ttf import TaskTransferFunction
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf

from .places import as_image, pixel_of, square_around
from .settings import Settings
from .shapes import Floats
from .unseen_phantoms import ROD_RADIUS_MM, RODS, SLANT, VESSEL_LENGTH_MM, VESSELS

# What lies beyond is plateau; the rods have so much room on either side of their edge.
_EDGE_MM, _ROOM_MM = 2.0, 4.2
# Along a vessel HU are averaged over this share of it, far from its ends.
_AVERAGED_SHARE = 0.6
_BESIDE_VESSEL_MM = 2.8


@dataclass(frozen=True)
class Transfer:
    """Sharpness of one rod.

    Attributes:
        f50: Frequency in mm⁻¹ at which its transfer function falls to 50 %; NaN where it cannot be measured.
        f50_uncertainty: Standard uncertainty.
        f10: To 10 %.
        overshoot: How far the edge goes beyond its plateaus, the larger side, in % of the contrast.
        contrast_hu: Rod minus surroundings.
    """

    f50: float
    f50_uncertainty: float
    f10: float
    overshoot: float
    contrast_hu: float


@dataclass(frozen=True)
class VesselEdge:
    """A profile across a vessel; NaN where a feature cannot be measured.

    Attributes:
        width_mm: Full width at half maximum.
        distance_mm: From 10 to 90 % of its edges.
        slope: Of its edges half-way up in HU/mm.
        contrast_hu: Height over its surroundings.
    """

    width_mm: float
    distance_mm: float
    slope: float
    contrast_hu: float


def rod_function(stack: Floats, contrast: float, settings: Settings) -> TaskTransferFunction | None:
    """Transfer function of the rod of a contrast in the mean of repeated scans (n, y, x); `None` if unmeasurable."""
    place = RODS[contrast]
    rows, columns = square_around(place, ROD_RADIUS_MM + _ROOM_MM + settings.pixel_mm, settings)
    row, column = pixel_of(place, settings)
    spacing = (settings.pixel_mm, settings.pixel_mm)
    try:
        return disc_ttf(
            stack[:, rows, columns],
            pixel_spacing=spacing,
            radius_mm=ROD_RADIUS_MM,
            centre=(row - rows.start, column - columns.start),
            reach_mm=_ROOM_MM,
        )
    except MeasurementError:
        return None


def transfer(stack: Floats, contrast: float, settings: Settings) -> Transfer:
    """Sharpness of the rod of a contrast in the mean of repeated scans, shape (n, y, x)."""
    found = rod_function(stack, contrast, settings)
    if found is None:
        return Transfer(*[math.nan] * 5)
    uncertainty = found.f50.uncertainty if isinstance(found.f50, Measured) else None
    return Transfer(
        f50=value_of(found.f50),
        f50_uncertainty=math.nan if uncertainty is None else uncertainty,
        f10=value_of(found.f10),
        overshoot=_overshoot(found),
        contrast_hu=found.contrast_hu,
    )


def _overshoot(found: TaskTransferFunction) -> float:
    position, hu = found.edge.position_mm, found.edge.esf_hu
    near = np.abs(position) < _EDGE_MM
    # The outermost knots rest on few pixels.
    plateau = ~near & (np.abs(position) < _ROOM_MM - 0.3)
    inside, outside = (float(hu[plateau & side].mean()) for side in (position < 0, position > 0))
    rise = (hu[near] - outside) / (inside - outside)
    return 100 * max(float(rise.max()) - 1, -float(rise.min()), 0.0)


def vessel_edge(section: Floats, width: float, settings: Settings) -> VesselEdge:
    """Read the profile across a vessel in the mean of repeated scans, shape (y, x)."""
    image = as_image(section, "", settings)
    y, x = VESSELS[width]
    half = width / 2 + _BESIDE_VESSEL_MM
    step_y, step_x = -half * math.sin(SLANT), half * math.cos(SLANT)
    # The vessel runs along (cos, sin) of 90° + slant, so this runs across it.
    path = ProfilePath(np.array([[x - step_x, y + step_y, 0.0], [x + step_x, y - step_y, 0.0]]))
    wide = ProfileSettings(interpolation="cubic", width_mm=_AVERAGED_SHARE * VESSEL_LENGTH_MM, step_mm=0.1)
    profiles = sample_profiles([image], path, wide)
    found = profile_features(profiles.distance_mm, profiles.hu[0])
    measured = (found.fwhm, found.edge_distance, found.edge_slope, found.peak_contrast)
    return VesselEdge(*(value_of(each) for each in measured))


def value_of(measurement: Measurement) -> float:
    """The value; NaN where there is none."""
    return measurement.value if isinstance(measurement, Measured) else math.nan

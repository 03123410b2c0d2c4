"""What a line profile found, for the record: figures at full precision, and what is needed to obtain them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from CTDenoiseLib.measure.profiles.profile_table import profile_table
from CTDenoiseLib.measure.profiles.samples_table import samples_table
from CTDenoiseLib.measure.record import MeasurementRecord

if TYPE_CHECKING:
    from CTDenoiseLib.measure.profiles.profile import Profiles
    from CTDenoiseLib.measure.record import ImageIdentity

_DEFINITIONS = (
    "FWHM is the full width of the peak at half its height over the baseline.",
    "Edge distance is the way from 10 to 90 % of the height of the strongest edge; edge slope its steepness half-way.",
    "Uncertainties are standard uncertainties (k = 1) from the noise beside the edge alone.",
    "Places are in the world coordinates of 3D Slicer (R, A, S).",
)


def profile_record(line_name: str, images: tuple[ImageIdentity, ...], profiles: Profiles) -> MeasurementRecord:
    """Put together what was measured.

    Args:
        line_name: Name of the line.
        images: What was measured, in the order of the profiles.
        profiles: HU along the line.
    """
    settings = profiles.settings
    normal = settings.plane_normal
    return MeasurementRecord(
        images=images,
        settings={
            "line": line_name,
            "interpolation": settings.interpolation,
            "width in mm": settings.width_mm,
            "plane of the width, normal (R A S)": None if normal is None else _place(normal),
            "step in mm": float(profiles.distance_mm[1] - profiles.distance_mm[0]),
        },
        tables=(profile_table(profiles), samples_table(profiles, axes="RAS")),
        notes=(*_DEFINITIONS, *remarks(profiles)),
    )


def remarks(profiles: Profiles) -> tuple[str, ...]:
    """What is missing in which image, as sentences."""
    pairs = zip(profiles.names, profiles.remarks, strict=True)
    return tuple(f"{name}: {remark}" for name, remark in pairs if remark)


def _place(vector: tuple[float, float, float]) -> str:
    return " ".join(f"{part + 0.0:.6f}" for part in vector)

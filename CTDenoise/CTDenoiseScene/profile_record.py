"""What a line profile found, for the record: figures at full precision, and what is needed to obtain them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseLib.measure.profiles.profile_table import profile_table
from CTDenoiseLib.measure.record import MeasurementRecord
from CTDenoiseLib.measure.result_table import Column, ResultTable

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
        tables=(profile_table(profiles), _values(profiles)),
        notes=(*_DEFINITIONS, *remarks(profiles)),
    )


def remarks(profiles: Profiles) -> tuple[str, ...]:
    """What is missing in which image, as sentences."""
    pairs = zip(profiles.names, profiles.remarks, strict=True)
    return tuple(f"{name}: {remark}" for name, remark in pairs if remark)


def _values(profiles: Profiles) -> ResultTable:
    """Distance and place of each sample, and HU of each image with the standard error of the mean over the width."""
    columns = [Column("distance", "Distance", "mm"), *(Column(axis.lower(), axis, "mm") for axis in "RAS")]
    parts = [profiles.distance_mm, *profiles.points.T]
    found = zip(profiles.names, profiles.hu, profiles.standard_error, strict=True)
    for number, (name, hu, standard_error) in enumerate(found, start=1):
        columns.append(Column(f"hu_{number}", name, "HU"))
        parts.append(hu)
        if standard_error is not None:
            columns.append(Column(f"standard_error_{number}", f"{name}, standard error", "HU"))
            parts.append(standard_error)
    return ResultTable("HU along the line", tuple(columns), tuple(map(tuple, np.stack(parts, axis=1).tolist())))


def _place(vector: tuple[float, float, float]) -> str:
    return " ".join(f"{part + 0.0:.6f}" for part in vector)

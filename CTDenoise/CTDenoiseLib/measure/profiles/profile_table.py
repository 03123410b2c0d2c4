"""Table of what line profiles tell of each image: sharpness, contrast, and what could not be measured."""

from __future__ import annotations

from collections.abc import Iterable

from ..measured import Measured, Measurement
from ..result_table import Cell, Column, ResultTable
from .profile import Profiles
from .profile_features import ProfileFeatures, profile_features

_FEATURES = (
    ("fwhm", "FWHM", "mm"),
    ("edge_distance", "Edge distance 10–90 %", "mm"),
    ("edge_slope", "Edge slope", "HU/mm"),
    ("peak_contrast", "Peak contrast", "HU"),
)


def profile_table(profiles: Profiles) -> ResultTable:
    """One row for each image: its features with their standard uncertainties, and remarks.

    Takes about a millisecond for each image. Definitions in `profile_features`. A feature that is not measurable has no
    value, and its reason among the remarks, as have parts of the line without HU.
    """
    columns = [Column("image", "Image")]
    for key, title, unit in _FEATURES:
        columns += [Column(key, title, unit), Column(f"{key}_uncertainty", f"± {title}", unit)]
    columns.append(Column("remarks", "Remarks"))
    rows = (
        _row(name, profile_features(profiles.distance_mm, hu), remark)
        for name, hu, remark in zip(profiles.names, profiles.hu, profiles.remarks, strict=True)
    )
    return ResultTable("Line profile", tuple(columns), tuple(rows))


def _row(name: str, features: ProfileFeatures, remark: str) -> tuple[Cell, ...]:
    measurements: list[tuple[str, Measurement]] = [(title, getattr(features, key)) for key, title, _ in _FEATURES]
    cells: list[Cell] = [name]
    for _, measurement in measurements:
        cells += [measurement.value, measurement.uncertainty] if isinstance(measurement, Measured) else [None, None]
    return (*cells, " ".join(filter(None, [remark, *_reasons(measurements)])))


def _reasons(measurements: Iterable[tuple[str, Measurement]]) -> list[str]:
    """Each reason once, with what it stands in the way of if that is not everything."""
    titles: dict[str, list[str]] = {}
    for title, measurement in measurements:
        if not isinstance(measurement, Measured):
            titles.setdefault(measurement.reason, []).append(title)
    return [
        reason if len(prevented) == len(_FEATURES) else f"{', '.join(prevented)} – {reason}"
        for reason, prevented in titles.items()
    ]

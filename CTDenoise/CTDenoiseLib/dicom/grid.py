"""Check that the sections of a series lie on a rectangular grid, and say where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..volume import Geometry
from .errors import DuplicatePositionError, GantryTiltError, MixedSectionsError, UnevenSpacingError
from .series import Series, SliceReference

# Positions are often written to 0.01 mm: a distance may be off by that much, and the median distance as well.
_ROUNDING_MM = 0.02
# Beyond rounding, one part in a hundred of the increment: table feed is more even than that, and a missing section or a
# change of increment is off by tens of parts.
_UNEVEN = 0.01
_TILT_DEGREES = 0.1
_SAME_PLACE_MM = 1e-3


def series_geometry(series: Series) -> Geometry:
    """Where the voxels of a series lie.

    The increment is the mean distance, so that first and last section keep their place; a single section gets its
    thickness for one, or 1 mm if the header does not tell.

    Raises:
        MixedSectionsError: The images are no sections of one volume.
        DuplicatePositionError: Several sections lie at the same place.
        GantryTiltError: The sections are shifted against each other.
        UnevenSpacingError: A section is missing, or the distances differ.
    """
    if series.inconsistency is not None:
        raise MixedSectionsError(series.inconsistency)
    increment = series.acquisition.section_thickness or 1.0
    if len(series.slices) > 1:
        offsets = np.array([section.position for section in series.slices]) - series.slices[0].position
        along = offsets @ np.array(series.normal)
        _check_duplicates(series, along)
        _check_tilt(series, offsets, along)
        _check_spacing(series, np.diff(along))
        increment = float(along[-1] / (len(along) - 1))
    row_direction, column_direction = series.orientation
    return Geometry(
        spacing=(increment, *series.pixel_spacing),
        origin=series.slices[0].position,
        direction=(series.normal, column_direction, row_direction),
    )


def _check_duplicates(series: Series, along: NDArray[np.float64]) -> None:
    same = np.flatnonzero(np.diff(along) < _SAME_PLACE_MM)
    if len(same):
        first, second = _names(series.slices, same[0])
        raise DuplicatePositionError(
            f"{first} and {second} lie at the same position along the scan axis (one of {len(same)} such pairs in "
            f"series {series}): several acquisitions or phases share the series; put one of them into its own folder."
        )


def _check_tilt(series: Series, offsets: NDArray[np.float64], along: NDArray[np.float64]) -> None:
    shifts = np.linalg.norm(offsets - np.outer(along, series.normal), axis=1)
    degrees = np.degrees(np.arctan2(shifts, along))
    if ((shifts > _ROUNDING_MM) & (degrees > _TILT_DEGREES)).any():
        raise GantryTiltError(
            f"The sections of series {series} are shifted against each other by up to {shifts.max():.1f} mm, as with "
            f"a gantry tilted by {degrees[np.argmax(shifts)]:.1f}°, and form no rectangular grid; a series without "
            "tilt is needed."
        )


def _check_spacing(series: Series, distances: NDArray[np.float64]) -> None:
    usual = float(np.sort(distances)[(len(distances) - 1) // 2])
    off = np.flatnonzero(np.abs(distances - usual) > max(_ROUNDING_MM, _UNEVEN * usual))
    if not len(off):
        return
    first, second = _names(series.slices, off[0])
    there = float(distances[off[0]])
    steps = round(there / usual)
    if steps > 1 and abs(there - steps * usual) <= steps * max(_ROUNDING_MM, _UNEVEN * usual):
        problem = f"{'1 section is' if steps == 2 else f'{steps - 1} sections are'} missing"
    else:
        problem = "The distance between sections changes"
    more = f", the first of {len(off)} such places" if len(off) > 1 else ""
    raise UnevenSpacingError(
        f"{problem} between {first} and {second} ({there:.2f} mm apart, {usual:.2f} mm elsewhere{more}) in series "
        f"{series}; a complete, evenly spaced series is needed."
    )


def _names(sections: Sequence[SliceReference], index: int) -> tuple[str, str]:
    """How to call a section and the next one in a message."""
    first, second = (
        section.path.name if section.frame is None else f"frame {section.frame + 1} of {section.path.name}"
        for section in sections[index : index + 2]
    )
    return first, second

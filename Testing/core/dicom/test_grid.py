"""Whether the sections of a series form a rectangular grid."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.dicom.errors import DuplicatePositionError, GantryTiltError, UnevenSpacingError
from CTDenoiseLib.dicom.grid import series_geometry
from CTDenoiseLib.dicom.series import Series, SliceReference
from CTDenoiseLib.volume import Acquisition, Vector

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def _series(positions, orientation=AXIAL, frames: bool = False) -> Series:
    slices = tuple(
        SliceReference(Path(f"{index}.dcm"), index if frames else None, "1.2", f"1.2.{index}", tuple(position), index)
        for index, position in enumerate(positions)
    )
    return Series(
        "1.2.3", "1.2.4", None, 1, Acquisition(section_thickness=5.0), (0.4, 0.3), 8, 9, orientation, slices, "1.2.5"
    )


def _along_z(*heights: float) -> Series:
    return _series([(-10.0, -20.0, height) for height in heights])


def test_geometry_of_an_axial_series():
    geometry = series_geometry(_along_z(-4.0, -2.5, -1.0, 0.5))
    assert geometry.spacing == pytest.approx((1.5, 0.4, 0.3))
    assert geometry.origin == (-10.0, -20.0, -4.0)
    assert geometry.direction == ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0), (1.0, 0.0, 0.0))


def test_a_single_section_gets_its_thickness_for_increment():
    assert series_geometry(_along_z(3.0)).spacing[0] == 5.0


@pytest.mark.parametrize("decimals", [2, 3, 6])
@pytest.mark.parametrize("increment", [0.15, 0.625, 2 / 3, 1.25])
def test_rounding_of_positions_is_no_unevenness(decimals, increment):
    heights = [round(-731.37 + index * increment, decimals) for index in range(300)]
    assert series_geometry(_along_z(*heights)).spacing[0] == pytest.approx(increment, abs=1e-4)


def test_a_missing_section_is_refused_with_its_place():
    with pytest.raises(
        UnevenSpacingError, match=r"1 section is missing between 2\.dcm and 3\.dcm \(2\.00 mm apart, 1\.00"
    ):
        series_geometry(_along_z(0, 1, 2, 4, 5, 6))


def test_a_missing_section_is_found_among_three():
    with pytest.raises(
        UnevenSpacingError, match=r"1 section is missing between 1\.dcm and 2\.dcm \(2\.00 mm apart, 1\.00"
    ):
        series_geometry(_along_z(0, 1, 3))


def test_several_missing_sections_are_counted():
    with pytest.raises(
        UnevenSpacingError, match=r"3 sections are missing between 1\.dcm and 2\.dcm .* of 2 such places"
    ):
        series_geometry(_along_z(0, 1, 5, 6, 7, 9, 10))


def test_a_change_of_the_increment_is_refused_with_its_place():
    with pytest.raises(
        UnevenSpacingError, match=r"changes between 3\.dcm and 4\.dcm \(1\.50 mm apart, 1\.00 mm elsewhere"
    ):
        series_geometry(_along_z(0, 1, 2, 3, 4.5))


def test_a_place_in_a_multi_frame_file_is_named_by_frame():
    series = _series([(0, 0, height) for height in (0, 1, 2, 4)], frames=True)
    with pytest.raises(UnevenSpacingError, match=r"frame 3 of 2\.dcm and frame 4 of 3\.dcm"):
        series_geometry(series)


def test_two_sections_at_one_position_are_refused_by_name():
    with pytest.raises(DuplicatePositionError, match=r"1\.dcm and 2\.dcm lie at the same position"):
        series_geometry(_along_z(0, 1, 1, 2))


def test_a_tilted_gantry_is_refused_with_its_angle():
    tilt = math.radians(18.5)
    tilted = ((1.0, 0.0, 0.0), (0.0, math.cos(tilt), -math.sin(tilt)))
    with pytest.raises(GantryTiltError, match=r"up to 15\.2 mm, as with a gantry tilted by 18\.5°"):
        series_geometry(_series([(0.0, 0.0, 4.0 * index) for index in range(13)], tilted))


def test_one_section_out_of_line_is_refused():
    positions = [(0.0, 0.0, float(index)) for index in range(20)]
    positions[7] = (1.5, 0.0, 7.0)
    with pytest.raises(GantryTiltError, match=r"up to 1\.5 mm"):
        series_geometry(_series(positions))


unit = st.floats(-1, 1).filter(lambda value: abs(value) > 0.05)


@given(
    a=st.tuples(unit, unit, unit), b=st.tuples(unit, unit, unit), increment=st.floats(0.1, 10), count=st.integers(2, 30)
)
def test_any_oblique_stack_along_its_own_normal_is_a_grid(a, b, increment, count):
    normal = np.cross(a, b)
    if np.linalg.norm(normal) < 0.05:
        return
    x = np.array(a) / np.linalg.norm(a)
    normal /= np.linalg.norm(normal)
    y = np.cross(normal, x)
    orientation: tuple[Vector, Vector] = (tuple(x), tuple(y))
    positions = np.array([3.0, -5.0, 7.0]) + increment * np.outer(np.arange(count), normal)
    geometry = series_geometry(_series(np.round(positions, 3), orientation))
    assert geometry.spacing[0] == pytest.approx(increment, abs=2e-3)
    assert geometry.direction[0] == pytest.approx(tuple(normal))

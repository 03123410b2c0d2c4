from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseLib.measure.small_vessels.vessels import Vessel, VesselDirection, VesselPainter

SPACING = (1.0, 0.5, 0.4)
MIDDLE = (0.0, 0.0)


def painted(diameter, *, contrast=300.0, blur=0.3, offset=MIDDLE, spacing=SPACING, sections=1):
    painter = VesselPainter(spacing, blur)
    return painter.paint(Vessel(diameter, contrast), offset=offset, angle=0.0, sections=sections)


@settings(max_examples=30)
@given(diameter=st.floats(0.1, 3), blur=st.floats(0.2, 1), y=st.floats(-0.5, 0.5), x=st.floats(-0.5, 0.5))
def test_all_of_the_contrast_is_there_however_thin_the_vessel(diameter, blur, y, x):
    picture = painted(diameter, blur=blur, offset=(y, x))[0]
    area = math.pi * diameter**2 / 4
    # The tail of the Gaussian beyond 3.5 standard deviations is cut off.
    assert picture.sum() * 0.5 * 0.4 == pytest.approx(300 * area, rel=0.005)


@settings(max_examples=30)
@given(y=st.floats(-0.5, 0.5), x=st.floats(-0.5, 0.5))
def test_the_vessel_lies_where_it_was_asked_for(y, x):
    picture = painted(0.8, offset=(y, x))[0]
    pixels = np.arange(picture.shape[0]) - picture.shape[0] // 2
    assert picture.sum(axis=1) @ pixels / picture.sum() == pytest.approx(y, abs=0.01)
    assert picture.sum(axis=0) @ pixels / picture.sum() == pytest.approx(x, abs=0.01)


@pytest.mark.parametrize("diameter", [0.3, 1.0, 2.0])
def test_the_peak_is_that_of_a_blurred_disc(diameter):
    blur = 0.4
    picture = painted(diameter, blur=blur, spacing=(1.0, 0.05, 0.05))[0]
    assert picture.max() == pytest.approx(300 * (1 - math.exp(-((diameter / 2) ** 2) / (2 * blur**2))), rel=0.01)


def test_a_wide_vessel_has_its_true_diameter_and_contrast():
    picture = painted(3.0, blur=0.1, spacing=(1.0, 0.1, 0.1))[0]
    row = picture[picture.shape[0] // 2]
    assert row.max() == pytest.approx(300, rel=1e-3)
    assert np.count_nonzero(row > 150) * 0.1 == pytest.approx(3.0, abs=0.11)


def test_a_vessel_across_the_sections_is_the_same_in_all():
    picture = painted(1.0, sections=5)
    assert picture.shape[0] == 5
    assert (picture == picture[0]).all()


@pytest.mark.parametrize("angle", [0.0, 0.6, math.pi / 2, 2.5])
@pytest.mark.parametrize("diameter", [0.4, 1.5])
def test_a_vessel_within_the_section_has_all_of_its_cross_section(angle, diameter):
    painter = VesselPainter((0.6, 0.2, 0.2), 0.3, VesselDirection.IN_PLANE)
    picture = painter.paint(Vessel(diameter, 200), offset=MIDDLE, angle=angle, sections=7)
    # Through the middle, the cut across rows or columns is as much longer as the vessel is oblique to it.
    along_columns = abs(math.cos(angle)) >= abs(math.sin(angle))
    middle = picture.shape[1] // 2
    cut = picture[:, :, middle] if along_columns else picture[:, middle]
    obliqueness = max(abs(math.cos(angle)), abs(math.sin(angle)))
    assert cut.sum() * 0.6 * 0.2 * obliqueness == pytest.approx(200 * math.pi * diameter**2 / 4, rel=0.02)


def test_a_thin_vessel_within_the_section_fills_a_part_of_the_thickness_and_no_neighbour():
    painter = VesselPainter((2.0, 0.1, 0.1), 0.1, VesselDirection.IN_PLANE)
    picture = painter.paint(Vessel(1.0, 100), offset=MIDDLE, angle=0.0, sections=3)
    assert picture[0].max() == picture[2].max() == 0
    # Seen from the side, the middle of the vessel is 1 mm of the section's 2 mm; the blur takes a little.
    assert picture[1].max() == pytest.approx(50, rel=0.06)

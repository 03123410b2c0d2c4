from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.noise.rings import Rings

SIDE = st.integers(8, 70)
SPACING = st.floats(0.1, 2.0)


@given(rows=SIDE, columns=SIDE, dy=SPACING, dx=SPACING)
def test_rings_reach_from_above_zero_to_the_nyquist_frequency_of_the_coarser_axis(rows, columns, dy, dx):
    rings = Rings.of((rows, columns), (dy, dx))
    step, nyquist = max(1 / (rows * dy), 1 / (columns * dx)), 0.5 / max(dy, dx)
    if not rings.modes.size:
        assert step > nyquist
        return
    assert rings.edges[0] == pytest.approx(step / 2)
    assert nyquist - step < rings.edges[-1] <= nyquist * (1 + 1e-12)
    assert (rings.edges[:-1] <= rings.frequency * (1 + 1e-8)).all()
    assert (rings.frequency <= rings.edges[1:] * (1 + 1e-8)).all()


@given(rows=SIDE, columns=SIDE)
def test_each_frequency_within_the_bounds_is_in_one_ring(rows, columns):
    rings = Rings.of((rows, columns), (0.5, 0.5))
    radius = np.hypot(np.fft.fftfreq(rows, 0.5)[:, np.newaxis], np.fft.fftfreq(columns, 0.5))
    within = (radius > rings.edges[0] * (1 - 1e-6)) & (radius < rings.edges[-1] * (1 + 1e-6))
    assert rings.modes.sum() == within.sum()


def test_zero_frequency_and_corners_are_in_none():
    rings = Rings.of((64, 64), (0.5, 0.5))
    plane = np.zeros((64, 64))
    plane[0, 0] = plane[32, 32] = plane[24, 24] = 1.0
    assert not rings.average(plane).any()


def test_the_average_of_a_ramp_is_the_frequency_of_the_ring():
    rings = Rings.of((48, 64), (0.8, 0.4))
    ramp = np.hypot(np.fft.fftfreq(48, 0.8)[:, np.newaxis], np.fft.fftfreq(64, 0.4))
    assert rings.average(ramp) == pytest.approx(rings.frequency)


def test_rings_of_square_regions_are_one_frequency_step_apart():
    rings = Rings.of((64, 64), (0.5, 0.5))
    assert rings.modes.size == 32
    assert np.diff(rings.edges[:-1]) == pytest.approx(1 / 32)
    assert rings.edges[-1] == pytest.approx(1.0)

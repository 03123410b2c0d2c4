from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.noise.detrend import subtract_surface, surface_terms

COEFFICIENT = st.floats(-100, 100)


@given(
    coefficients=st.lists(COEFFICIENT, min_size=6, max_size=6),
    rows=st.integers(8, 40),
    columns=st.integers(8, 40),
)
def test_a_surface_of_second_order_vanishes_whatever_the_shape_of_the_region(coefficients, rows, columns):
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    surface = sum(c * term for c, term in zip(coefficients, (1, y, x, y * y, x * y, x * x), strict=True))
    assert np.abs(subtract_surface(surface[np.newaxis])).max() < 1e-10


@pytest.mark.parametrize(("order", "terms"), [(0, 1), (1, 3), (2, 6)])
def test_white_noise_loses_one_degree_of_freedom_for_each_term(rng, order, terms):
    regions = rng.standard_normal((4000, 12, 10))
    left = np.square(subtract_surface(regions, order)).sum(axis=(1, 2)).mean()
    assert surface_terms(order) == terms
    assert left == pytest.approx(120 - terms, abs=1)  # three standard errors: √(2 · 120 / 4000) · 3


def test_a_lower_order_leaves_what_is_of_a_higher_one():
    x = np.broadcast_to(np.linspace(-1, 1, 33), (1, 33, 33))
    assert np.ptp(subtract_surface(x, 0)) == pytest.approx(2)
    assert np.ptp(subtract_surface(x, 1)) < 1e-12
    assert np.ptp(subtract_surface(x**2, 1)) == pytest.approx(1)


def test_each_region_has_its_own_surface(rng):
    y = np.linspace(-1, 1, 16)[:, np.newaxis] * np.ones(16)
    noise = rng.standard_normal((2, 16, 16))
    together = subtract_surface(noise + np.stack([50 * y, -900 + 7 * y.T]))
    assert together == pytest.approx(subtract_surface(noise), abs=1e-9)


def test_stored_integers_are_as_good_as_numbers():
    stored = np.random.default_rng(0).integers(-1024, 3072, (3, 20, 20), dtype=np.int16)
    assert np.array_equal(subtract_surface(stored), subtract_surface(stored.astype(np.float64)))

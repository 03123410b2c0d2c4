from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.noise.peak import peak_position

POSITION = np.linspace(0.03, 1.0, 32)


def parabola(top: float) -> np.ndarray:
    return np.maximum(1 - 4 * (POSITION - top) ** 2, 0.01)


@pytest.mark.parametrize("top", [0.31, 0.5, 0.648])
def test_the_top_of_a_parabola_lies_between_points(top):
    assert peak_position(POSITION, parabola(top), np.full(32, 0.01)) == pytest.approx(top, abs=1e-9)


def test_scatter_moves_the_peak_less_than_it_moves_the_highest_point(rng):
    curves = parabola(0.5) * (1 + 0.05 * rng.standard_normal((200, 32)))
    fitted = np.array([peak_position(POSITION, curve, 0.05 * curve) for curve in curves])
    highest = POSITION[curves.argmax(axis=1)]
    assert abs(fitted.mean() - 0.5) < 0.005
    assert fitted.std() < 0.5 * highest.std()


def test_a_narrow_peak_is_found_by_its_neighbours():
    coarse = np.linspace(0, 1, 9)
    assert peak_position(coarse, np.maximum(1 - (4 * (coarse - 0.52)) ** 2, 0), np.full(9, 0.01)) == pytest.approx(0.52)


def test_a_curve_that_only_falls_is_highest_at_its_first_point():
    assert peak_position(POSITION, np.exp(-8 * POSITION), np.full(32, 0.01)) == POSITION[0]


def test_a_curve_that_only_rises_is_highest_at_its_last_point():
    assert peak_position(POSITION, np.exp(8 * POSITION), np.full(32, 0.01)) == POSITION[-1]

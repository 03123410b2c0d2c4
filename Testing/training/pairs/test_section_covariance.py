"""Noise of subtracted sections with the correlation that a series has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import convolve1d

from CTDenoiseTrainLib.pairs.section_covariance import Subtraction, section_weights

OFFSETS = tuple(range(-3, 4))


def covariance_after(offsets, subtraction, true_correlation):
    """Of a window, by the covariance of the series and nothing else."""
    first, second = section_weights(offsets, subtraction)
    lags = np.abs(np.subtract.outer(offsets, offsets))

    def series(lag):
        return np.array([1.0, *true_correlation, *np.zeros(20)])[np.abs(lag)]

    apart = subtraction.apart
    of_map = series(lags) - (series(lags - apart) + series(lags + apart)) / 2
    found = first @ of_map @ first.T
    return (found if second is None else found + second @ of_map @ second.T), series(lags)


@pytest.mark.parametrize("correlation", [(), (0.42, 0.04), (0.6, 0.2, 0.1), (0.3, 0.1, 0.15)])
@pytest.mark.parametrize("apart", [2, 3, 4, 7])
def test_the_covariance_of_a_window_becomes_that_of_the_series(correlation, apart):
    found, wanted = covariance_after(OFFSETS, Subtraction(apart, correlation), correlation)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@given(st.integers(0, 5), st.integers(0, 5))
def test_so_does_that_of_a_window_cut_short_at_the_ends(before, after):
    correlation = (0.4, 0.1)
    found, wanted = covariance_after(tuple(range(-before, after + 1)), Subtraction(3, correlation), correlation)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_independent_sections_that_share_none_are_left_as_they_are():
    weights, other = section_weights(OFFSETS, Subtraction(7))
    np.testing.assert_allclose(weights, np.eye(7), atol=1e-6)
    assert other is None


def test_the_formula_is_that_of_real_differences(rng):
    series = convolve1d(rng.standard_normal((11, 200_000)), [0.5, 1.0, 0.5], axis=0)[1:-1] / np.sqrt(1.5)
    noise = (series[:-3] - series[3:]) / np.sqrt(2)
    # A second part of the map is another realisation of the same.
    other = np.roll(noise, 1000, axis=1)
    first, second = section_weights((-2, -1, 0, 1, 2, 3), Subtraction(3, (2 / 3, 1 / 6)))
    window = first @ noise + second @ other
    found = np.cov(window)
    lags = np.abs(np.subtract.outer(range(6), range(6)))
    # Standard errors are about 1/√200 000, amplified where subtraction left little.
    np.testing.assert_allclose(found, np.array([1, 2 / 3, 1 / 6, 0, 0, 0])[lags], atol=0.02)

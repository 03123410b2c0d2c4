from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.profiles.propagation import Estimate, ProfileNoise
from support.analytic_profile import kernel_noise, white_noise

WHOLE = slice(0, 400)


@pytest.mark.parametrize("noise", [white_noise, kernel_noise])
def test_the_uncertainty_of_a_mean_is_the_scatter_of_means(rng, noise):
    part = slice(100, 108)
    profiles = [noise(rng, 400, sd=20) for _ in range(300)]
    scatter = np.std([profile[part].mean() for profile in profiles])
    stated = [ProfileNoise.of(profile, [WHOLE]).uncertainty(Estimate.mean(profile, part)) for profile in profiles]
    assert np.median(stated) == pytest.approx(scatter, rel=0.15)


def test_independent_samples_propagate_as_the_root_of_the_sum_of_squares():
    estimate = Estimate(0.0, np.array([3.0, 4.0, 0.0]))
    assert ProfileNoise(np.array([2.0])).uncertainty(estimate) == pytest.approx(5 * np.sqrt(2))


def test_samples_that_always_deviate_alike_add_up():
    estimate = Estimate(0.0, np.array([1.0, 1.0]))
    assert ProfileNoise(np.array([4.0, 4.0])).uncertainty(estimate) == pytest.approx(4)


def test_estimates_add_subtract_and_scale_with_their_sensitivities():
    hu = np.array([1.0, 2.0, 6.0])
    first, second = Estimate.mean(hu, slice(0, 2)), Estimate.mean(hu, slice(2, 3))
    found = abs((first - second) * 2 + first)
    assert found.value == pytest.approx(7.5)
    np.testing.assert_allclose(found.sensitivity, [-1.5, -1.5, 2])


def test_few_samples_are_corrected_for_their_own_mean(rng):
    plateaus = [slice(0, 6), slice(20, 26)]
    found = [ProfileNoise.of(rng.standard_normal(40), plateaus).autocovariance[0] for _ in range(2000)]
    assert np.mean(found) == pytest.approx(1, rel=0.15)


def test_no_noise_means_no_uncertainty():
    hu = np.full(50, 100.0)
    noise = ProfileNoise.of(hu, [slice(0, 20), slice(30, 50)])
    assert noise.deviation == 0
    assert noise.uncertainty(Estimate.mean(hu, slice(0, 5))) == 0

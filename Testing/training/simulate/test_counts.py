from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseTrainLib.simulate.counts import noisy_line_integrals
from CTDenoiseTrainLib.simulate.scan import ScanError

RAYS = 40_000
# Five standard errors of a variance of so many rays, each √(2/40 000) = 0.7 %.
SURE = 0.035


@settings(max_examples=20)
@given(photons=st.floats(2e3, 1e6), path=st.floats(0, 2), seed=st.integers(0, 1000))
def test_variance_is_one_over_the_photons_that_arrive(photons, path, seed):
    rays = noisy_line_integrals(np.full(RAYS, path), photons=photons, rng=np.random.default_rng(seed))
    # The logarithm adds 3/(2N) of the variance, 0.6 % at the 270 photons that arrive at least.
    assert rays.var() * photons * np.exp(-path) == pytest.approx(1, abs=SURE + 0.01)


@settings(max_examples=20)
@given(electronic=st.floats(1, 60), seed=st.integers(0, 1000))
def test_electronic_noise_adds_its_variance_over_the_square_of_the_photons(electronic, seed):
    sent, path = 2e4, 1.5
    detected = sent * np.exp(-path)
    rays = noisy_line_integrals(
        np.full(RAYS, path), photons=sent, electronic_noise=electronic, rng=np.random.default_rng(seed)
    )
    assert rays.var() / (1 / detected + electronic**2 / detected**2) == pytest.approx(1, abs=SURE)


def test_mean_stays_at_the_line_integral(rng):
    rays = noisy_line_integrals(np.full(RAYS, 1.0), photons=1e5, rng=rng)
    # The logarithm raises it by 1/(2N) = 1.4e-5; the standard error is 2.6e-5.
    assert rays.mean() == pytest.approx(1.0, abs=1.5e-4)


def test_a_ray_without_photons_counts_as_one_photon(rng):
    rays = noisy_line_integrals(np.full(100, 60.0), photons=1e4, rng=rng)
    assert rays == pytest.approx(np.log(1e4))


def test_electronic_noise_alone_leaves_no_ray_without_a_value(rng):
    assert np.isfinite(noisy_line_integrals(np.full(1000, 60.0), photons=1e4, electronic_noise=30.0, rng=rng)).all()


def test_behind_a_bowtie_outer_rays_are_noisier(rng):
    photons = np.array([1e5, 1e3])
    rays = noisy_line_integrals(np.zeros((RAYS, 2)), photons=photons, rng=rng)
    assert rays.var(axis=0) * photons == pytest.approx([1, 1], abs=SURE)


@pytest.mark.parametrize("photons", [0.5, -1.0, float("nan"), float("inf")])
def test_a_number_of_photons_that_is_none_is_refused(photons, rng):
    with pytest.raises(ScanError, match="photon"):
        noisy_line_integrals(np.zeros(4), photons=photons, rng=rng)


@pytest.mark.parametrize("electronic", [-1.0, float("nan")])
def test_electronic_noise_below_zero_is_refused(electronic, rng):
    with pytest.raises(ScanError, match="Electronic noise"):
        noisy_line_integrals(np.zeros(4), photons=1e4, electronic_noise=electronic, rng=rng)

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.measured import Measured, Measurement, NotMeasurable
from CTDenoiseLib.measure.profiles.profile_features import ProfileFeatures, profile_features
from CTDenoiseLib.measure.profiles.profile_structure import find_structure
from support.analytic_profile import STEP, distances, edge, kernel_noise, peak, rod, white_noise

X = distances(60)
NOISES = (white_noise, kernel_noise)
SHARPEST = 2 * STEP


def value(measurement: Measurement) -> float:
    assert isinstance(measurement, Measured), measurement
    return measurement.value


def reason(measurement: Measurement) -> str:
    assert isinstance(measurement, NotMeasurable), measurement
    return measurement.reason


def reasons(features: ProfileFeatures) -> set[str]:
    every = (features.fwhm, features.edge_distance, features.edge_slope, features.peak_contrast)
    return {reason(measurement) for measurement in every}


@given(st.floats(SHARPEST, 3), st.floats(25, 35), st.floats(-1000, 500), st.sampled_from([-800.0, 60.0, 2000.0]))
def test_an_edge_of_known_blur(sigma, place, base, contrast):
    features = profile_features(
        X, edge(X, place, sigma=sigma, contrast=contrast, base=base), stored_limits_hu=(-9e9, 9e9)
    )
    assert value(features.edge_distance) == pytest.approx(2.5631 * sigma, rel=0.015)
    assert value(features.edge_slope) == pytest.approx(abs(contrast) / (np.sqrt(2 * np.pi) * sigma), rel=0.02)
    assert reason(features.fwhm) == reason(features.peak_contrast)
    assert reason(features.fwhm).startswith("No peak")


@given(st.floats(SHARPEST, 4), st.floats(25, 35), st.floats(-500, 500), st.sampled_from([-400.0, 60.0, 2000.0]))
def test_a_peak_of_known_width(sigma, place, base, contrast):
    features = profile_features(
        X, peak(X, place, sigma=sigma, contrast=contrast, base=base), stored_limits_hu=(-9e9, 9e9)
    )
    assert value(features.fwhm) == pytest.approx(2.3548 * sigma, rel=0.01)
    assert value(features.peak_contrast) == pytest.approx(contrast, rel=0.015)
    assert value(features.edge_distance) == pytest.approx(1.6869 * sigma, rel=0.02)
    assert value(features.edge_slope) == pytest.approx(abs(contrast) * np.sqrt(np.log(4)) / (2 * sigma), rel=0.02)


@pytest.mark.parametrize("sigma", [0.5, 0.8, 1.2])
def test_a_rod_has_its_width_its_contrast_and_the_sharpness_of_its_edges(sigma):
    features = profile_features(X, rod(X, 30, width=10.03, sigma=sigma, contrast=-300, base=100))
    assert value(features.fwhm) == pytest.approx(10.03, rel=0.002)
    assert value(features.peak_contrast) == pytest.approx(-300, rel=0.002)
    assert value(features.edge_distance) == pytest.approx(2.5631 * sigma, rel=0.01)


def test_units_are_told():
    features = profile_features(X, peak(X, 30, sigma=1, contrast=300))
    units = [
        measurement.unit
        for measurement in (features.fwhm, features.edge_distance, features.edge_slope, features.peak_contrast)
        if isinstance(measurement, Measured)
    ]
    assert units == ["mm", "mm", "HU/mm", "HU"]


def test_a_sloping_background_has_its_mean_as_baseline():
    features = profile_features(X, peak(X, 30, sigma=1, contrast=400) + edge(X, 30, sigma=1, contrast=60))
    assert value(features.peak_contrast) == pytest.approx(400, rel=0.02)
    assert value(features.fwhm) == pytest.approx(2.3548, rel=0.02)


def test_of_several_edges_the_steepest_is_taken():
    features = profile_features(X, edge(X, 20, sigma=0.8, contrast=300) + edge(X, 40, sigma=0.8, contrast=500))
    assert value(features.edge_slope) == pytest.approx(500 / (np.sqrt(2 * np.pi) * 0.8), rel=0.02)
    assert value(features.edge_distance) == pytest.approx(2.5631 * 0.8, rel=0.02)


def test_of_two_vessels_that_with_the_steeper_flanks_is_taken():
    features = profile_features(X, peak(X, 20, sigma=1, contrast=300) + peak(X, 40, sigma=1.5, contrast=300))
    assert value(features.fwhm) == pytest.approx(2.3548, rel=0.02)
    assert value(features.peak_contrast) == pytest.approx(300, rel=0.02)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize(
    ("curve", "figures"),
    [
        (lambda place: edge(X, place, sigma=0.4, contrast=500), ("edge_distance", "edge_slope")),
        (lambda place: edge(X, place, sigma=1.5, contrast=500), ("edge_distance", "edge_slope")),
        (
            lambda place: peak(X, place, sigma=0.5, contrast=400),
            ("fwhm", "peak_contrast", "edge_distance", "edge_slope"),
        ),
        (
            lambda place: peak(X, place, sigma=1.5, contrast=400),
            ("fwhm", "peak_contrast", "edge_distance", "edge_slope"),
        ),
        (lambda place: rod(X, place, width=8, sigma=0.6, contrast=400), ("fwhm", "peak_contrast", "edge_distance")),
    ],
    ids=["sharp edge", "soft edge", "narrow peak", "wide peak", "rod"],
)
def test_the_uncertainty_is_the_scatter_of_repeated_profiles(rng, noise, curve, figures):
    repeated = [profile_features(X, curve(30 + rng.random()) + noise(rng, len(X), sd=10)) for _ in range(200)]
    without = profile_features(X, curve(30.3))
    for figure in figures:
        found = [getattr(features, figure) for features in repeated]
        measured = [each for each in found if isinstance(each, Measured)]
        assert len(measured) > 190, figure
        values = np.array([each.value for each in measured])
        # Robust: a scatter of 200 is known to 6 %, its few outliers are known to nobody.
        scatter = 1.4826 * np.median(np.abs(values - np.median(values)))
        stated = np.median([each.uncertainty for each in measured])
        assert stated == pytest.approx(scatter, rel=0.3), figure
        assert np.median(values) == pytest.approx(value(getattr(without, figure)), rel=0.03), figure


@pytest.mark.parametrize("noise", NOISES)
def test_of_noise_alone_nothing_is_measured(rng, noise):
    found = [find_structure(noise(rng, len(X), sd=20)) for _ in range(300)]
    assert sum(not isinstance(structure, NotMeasurable) for structure in found) <= 0.04 * len(found)


def test_too_much_noise_to_tell_where_an_edge_begins_is_said_with_what_to_do(rng):
    found = [
        profile_features(X, edge(X, 30, sigma=0.5, contrast=500) + white_noise(rng, len(X), sd=60)) for _ in range(20)
    ]
    too_noisy = [features for features in found if not isinstance(features.edge_distance, Measured)]
    assert len(too_noisy) >= 19
    assert "average over a wider line" in reason(too_noisy[0].edge_distance)


def test_what_is_noisy_is_measured_after_averaging_over_a_width(rng):
    noise = np.mean([white_noise(rng, len(X), sd=60) for _ in range(36)], axis=0)
    features = profile_features(X, edge(X, 30, sigma=0.5, contrast=500) + noise)
    assert isinstance(features.edge_distance, Measured)
    assert abs(features.edge_distance.value - 2.5631 * 0.5) < 3 * features.edge_distance.uncertainty


def noiseless(rng: np.random.Generator) -> np.ndarray:
    return np.zeros(len(X))


def noisy(rng: np.random.Generator) -> np.ndarray:
    return kernel_noise(rng, len(X), sd=5)


WITH_AND_WITHOUT_NOISE = pytest.mark.parametrize("noise", [noiseless, noisy])
Noise = Callable[[np.random.Generator], np.ndarray]


@WITH_AND_WITHOUT_NOISE
def test_a_line_along_uniform_tissue_has_no_edge(rng, noise: Noise):
    (why,) = reasons(profile_features(X, 40 + noise(rng)))
    assert why.startswith("No edge found")


@WITH_AND_WITHOUT_NOISE
@pytest.mark.parametrize("before_the_end", [0.0, 0.5, 1.0, 2.0])
def test_an_edge_at_the_end_of_the_line_is_cut_off(rng, noise: Noise, before_the_end):
    (why,) = reasons(profile_features(X, edge(X, 60 - before_the_end, sigma=0.8, contrast=500) + noise(rng)))
    assert why.startswith("Cut off by the end of the line")


@WITH_AND_WITHOUT_NOISE
@pytest.mark.parametrize("before_the_end", [0.0, 0.5, 2.0, 2.7])
def test_a_peak_at_the_end_of_the_line_is_cut_off(rng, noise: Noise, before_the_end):
    (why,) = reasons(profile_features(X, peak(X, before_the_end, sigma=1, contrast=400) + noise(rng)))
    assert why.startswith("Cut off by the end of the line")


@WITH_AND_WITHOUT_NOISE
def test_two_vessels_that_merge_are_not_measured_as_one(rng, noise: Noise):
    two = peak(X, 30, sigma=0.7, contrast=400) + peak(X, 33, sigma=0.7, contrast=350)
    (why,) = reasons(profile_features(X, two + noise(rng)))
    assert why.startswith("Something else is too close")


@pytest.mark.parametrize(
    ("curve", "limit"),
    [
        (edge(X, 30, sigma=0.6, contrast=4000), 3071.0),
        (edge(X, 30, sigma=0.6, contrast=1500, base=-1400), -1024.0),
        (rod(X, 30, width=9, sigma=0.6, contrast=4000), 3071.0),
        (peak(X, 30, sigma=2, contrast=6000), 3071.0),
    ],
    ids=["metal", "air", "metal rod", "metal bead"],
)
@WITH_AND_WITHOUT_NOISE
def test_what_is_clipped_at_the_limits_of_stored_values_is_saturated(rng, noise: Noise, curve, limit):
    (why,) = reasons(profile_features(X, np.clip(curve + noise(rng), -1024, 3071)))
    assert why.startswith(f"Saturated: HU are clipped or filled at {limit:.0f} HU")


def test_a_plateau_without_any_noise_beside_one_with_noise_is_filled(rng):
    curve = np.where(X < 25, -2000, edge(X, 26, sigma=0.6, contrast=800) + white_noise(rng, len(X), sd=5))
    (why,) = reasons(profile_features(X, curve))
    assert "filled at -2000 HU" in why


def test_other_limits_can_be_told():
    curve = np.minimum(edge(X, 30, sigma=0.6, contrast=600), 500)
    assert isinstance(profile_features(X, curve).edge_distance, Measured)
    (why,) = reasons(profile_features(X, curve, stored_limits_hu=(-1000, 500)))
    assert "500 HU" in why


def test_gaps_are_left_out():
    curve = edge(X, 30, sigma=0.6, contrast=400)
    curve[:20] = curve[80] = curve[-10:] = np.nan
    assert value(profile_features(X, curve).edge_distance) == pytest.approx(2.5631 * 0.6, rel=0.02)


@pytest.mark.parametrize("samples", [2, 15])
def test_too_few_samples_are_too_short(samples):
    (why,) = reasons(profile_features(X[:samples], X[:samples] ** 2))
    assert why.startswith("Too short")


def test_nothing_but_gaps_is_too_short():
    (why,) = reasons(profile_features(X, np.full(len(X), np.nan)))
    assert why.startswith("Too short")


def test_a_line_just_long_enough_is_measured():
    short = distances(4)
    features = profile_features(short, edge(short, 2, sigma=0.4, contrast=400))
    assert value(features.edge_distance) == pytest.approx(2.5631 * 0.4, rel=0.02)


@given(st.lists(st.one_of(st.floats(-3000, 3000), st.just(np.nan)), min_size=2, max_size=120))
def test_whatever_the_profile_there_is_a_value_or_a_sentence(hu):
    features = profile_features(np.arange(len(hu)) * 0.3, np.array(hu))
    for measurement in (features.fwhm, features.edge_distance, features.edge_slope, features.peak_contrast):
        if isinstance(measurement, Measured):
            assert np.isfinite(measurement.value)
            assert measurement.uncertainty is None or np.isfinite(measurement.uncertainty)
        else:
            assert measurement.reason.endswith(".")

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseLib.measure.noise.nps import UnusableRegionsError, difference_nps, noise_power_spectrum
from CTDenoiseLib.measure.noise.rings import Rings
from support.noise_phantom import (
    KnownSpectrum,
    blotchy,
    cut_regions,
    filtered_back_projection,
    noise_sections,
    seen_through_regions,
)

SPACING = (0.5, 0.5)
SHARP = filtered_back_projection(20, peak_frequency=0.3)
COARSE = blotchy(20, width=0.2)


def regions_of(rng, spectrum: KnownSpectrum, *, side: int = 64, pixel_spacing=SPACING, sections: int = 4) -> np.ndarray:
    return cut_regions(noise_sections(rng, spectrum, pixel_spacing=pixel_spacing, shape=(sections, 512, 512)), side)


def integral(spectrum) -> float:
    dfy, dfx = (frequency[1] - frequency[0] for frequency in (spectrum.frequency_y, spectrum.frequency_x))
    return float(spectrum.power_2d.sum() * dfy * dfx)


@given(
    shape=st.tuples(st.integers(1, 3), st.integers(8, 33), st.integers(8, 33)),
    pixel_spacing=st.tuples(st.floats(0.4, 1), st.floats(0.4, 1)),
    order=st.integers(0, 2),
    seed=st.integers(0, 1000),
)
def test_integral_over_all_frequencies_is_the_variance_of_the_detrended_regions(shape, pixel_spacing, order, seed):
    regions = np.random.default_rng(seed).normal(40, 20, shape)
    spectrum = noise_power_spectrum(regions, pixel_spacing=pixel_spacing, detrend=order)
    assert integral(spectrum) == pytest.approx(spectrum.variance, rel=1e-9)


def test_the_mean_alone_leaves_the_population_variance(rng):
    regions = rng.normal(40, 20, (5, 31, 24))
    spectrum = noise_power_spectrum(regions, pixel_spacing=SPACING, detrend=0)
    assert spectrum.variance == pytest.approx(regions.var(axis=(1, 2)).mean(), rel=1e-12)
    assert spectrum.noise**2 == pytest.approx(spectrum.variance)


def test_the_plane_is_that_of_a_plain_fourier_transform_of_each_region(rng):
    regions = rng.standard_normal((6, 15, 12))
    dy, dx = 0.7, 0.4
    spectrum = noise_power_spectrum(regions, pixel_spacing=(dy, dx), detrend=0)
    plain = np.mean([np.abs(np.fft.fft2(region - region.mean())) ** 2 for region in regions], axis=0)
    assert spectrum.power_2d == pytest.approx(np.fft.fftshift(plain) * dy * dx / (15 * 12), abs=1e-12)
    assert spectrum.frequency_y == pytest.approx(np.fft.fftshift(np.fft.fftfreq(15, dy)))
    assert spectrum.frequency_x == pytest.approx(np.fft.fftshift(np.fft.fftfreq(12, dx)))


@pytest.mark.parametrize("side", [64, 63, 33, 16])
@pytest.mark.parametrize("pixel_spacing", [(0.5, 0.5), (0.8, 0.4), (0.35, 0.9)])
@pytest.mark.parametrize("known", [SHARP, COARSE], ids=["sharp", "blotchy"])
def test_the_curve_is_the_known_one_seen_through_the_region_within_its_uncertainty(rng, side, pixel_spacing, known):
    regions = regions_of(rng, known, side=side, pixel_spacing=pixel_spacing)
    found = noise_power_spectrum(regions, pixel_spacing=pixel_spacing, detrend=0)
    rings = Rings.of((side, side), pixel_spacing)
    truth = rings.average(seen_through_regions(known, pixel_spacing=pixel_spacing, side=side))
    # Where there is no noise but what leaks from strong frequencies, all frequencies share its scatter.
    own = known.power(found.frequency) > 0.5 * truth
    deviations = ((found.power - truth) / found.uncertainty)[own]
    assert own.sum() > 2
    assert np.sqrt(np.mean(deviations**2)) < 1.5
    assert np.abs(deviations).max() < 4.5


@pytest.mark.parametrize("known", [SHARP, COARSE], ids=["sharp", "blotchy"])
def test_a_surface_of_second_order_takes_from_the_lowest_frequencies_only(rng, known):
    regions = regions_of(rng, known)
    without = noise_power_spectrum(regions, pixel_spacing=SPACING, detrend=0)
    found = noise_power_spectrum(regions, pixel_spacing=SPACING)
    ratio = found.power / without.power
    assert 0.45 < ratio[0] < 0.95
    assert ratio[1:] == pytest.approx(1, abs=0.1)
    strong = without.power > 0.1 * without.power.max()
    assert ratio[3:][strong[3:]] == pytest.approx(1, abs=0.01)


def test_the_uncertainty_is_the_scatter_of_estimates(rng):
    estimates = [
        noise_power_spectrum(regions_of(rng, SHARP, sections=1)[:12], pixel_spacing=SPACING) for _ in range(40)
    ]
    scatter = np.std([estimate.power for estimate in estimates], axis=0, ddof=1)
    stated = np.mean([estimate.uncertainty for estimate in estimates], axis=0)
    inside = slice(2, 24)  # beyond, there is no noise but what leaks from strong frequencies, of which all have a part
    assert np.mean(scatter[inside] / stated[inside]) == pytest.approx(1, abs=0.15)


def test_mean_and_peak_frequency_are_those_of_the_formula(rng):
    found = noise_power_spectrum(regions_of(rng, SHARP), pixel_spacing=SPACING)
    assert found.mean_frequency == pytest.approx(SHARP.mean_frequency, rel=0.02)
    assert found.peak_frequency == pytest.approx(SHARP.peak_frequency, rel=0.05)


@pytest.mark.parametrize("side", [64, 63, 32])
def test_mean_frequency_of_white_noise_is_half_the_nyquist_frequency(rng, side):
    regions = rng.standard_normal((200, side, side))
    found = noise_power_spectrum(regions, pixel_spacing=SPACING, detrend=0)
    assert found.mean_frequency == pytest.approx(0.5, rel=0.01)
    assert found.frequency[-1] <= 1.0


def test_mean_frequency_falls_when_noise_is_coarser(rng):
    means = [
        noise_power_spectrum(
            regions_of(rng, filtered_back_projection(20, peak_frequency=peak)), pixel_spacing=SPACING
        ).mean_frequency
        for peak in (0.45, 0.3, 0.15)
    ]
    assert means == sorted(means, reverse=True)


def test_an_oblong_pixel_does_not_make_noise_coarser(rng):
    square = noise_power_spectrum(regions_of(rng, SHARP), pixel_spacing=SPACING)
    oblong = noise_power_spectrum(regions_of(rng, SHARP, pixel_spacing=(0.6, 0.3)), pixel_spacing=(0.6, 0.3))
    at = np.linspace(0.1, 0.7, 7)
    powers = (np.interp(at, spectrum.frequency, spectrum.power) for spectrum in (square, oblong))
    assert next(powers) == pytest.approx(next(powers), rel=0.07)  # two standard deviations of a ring
    assert oblong.frequency[-1] <= 0.5 / 0.6


def test_cupping_is_no_noise(rng):
    regions = regions_of(rng, SHARP)
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    cupped = noise_power_spectrum(regions + 200 * (x**2 + y**2), pixel_spacing=SPACING)
    assert cupped.power == pytest.approx(noise_power_spectrum(regions, pixel_spacing=SPACING).power)


def test_the_difference_of_repeats_takes_the_phantom_away_and_keeps_low_frequencies(rng):
    y, x = np.mgrid[-1:1:64j, -1:1:64j]
    phantom = 100 * (np.hypot(x, y) < 0.6) + 30 * x**4
    first, second = (regions_of(rng, COARSE) + phantom for _ in range(2))
    found = difference_nps(first, second, pixel_spacing=SPACING)
    rings = Rings.of((64, 64), SPACING)
    truth = rings.average(seen_through_regions(COARSE, pixel_spacing=SPACING, side=64))
    assert found.warnings == ()
    assert found.power[:10] == pytest.approx(truth[:10], rel=0.12)  # the first ring is known within 3.5 %
    assert found.noise == pytest.approx(20, rel=0.02)


def test_fewer_independent_regions_are_less_certain(rng):
    regions = rng.standard_normal((20, 32, 32))
    all_of_them = noise_power_spectrum(regions, pixel_spacing=SPACING)
    overlapping = noise_power_spectrum(regions, pixel_spacing=SPACING, independent_regions=5)
    assert overlapping.uncertainty == pytest.approx(2 * all_of_them.uncertainty)
    assert np.array_equal(overlapping.power, all_of_them.power)


def test_few_regions_and_small_ones_are_warned_of(rng):
    few, small = noise_power_spectrum(rng.standard_normal((4, 16, 20)), pixel_spacing=SPACING).warnings
    assert few.startswith("The spectrum is the mean of only 4 regions")
    assert small.startswith("Regions of 20 × 16 pixels are small: they tell frequencies 0.12 mm⁻¹ apart, and lose")


def test_an_edge_inside_a_region_is_warned_of(rng):
    regions = rng.standard_normal((12, 64, 64))
    regions[2, :, 32:] += 85
    (warning,) = noise_power_spectrum(regions, pixel_spacing=SPACING).warnings
    assert warning.startswith("Region 3 is not uniform")


def test_many_uniform_regions_raise_no_warning(rng):
    assert noise_power_spectrum(regions_of(rng, SHARP), pixel_spacing=SPACING).warnings == ()


@pytest.mark.parametrize(
    ("regions", "reason"),
    [
        (np.empty((0, 64, 64)), "at least one region"),
        ([np.zeros((64, 64)), np.zeros((64, 63))], "same size"),
        (np.zeros((64, 64)), r"shape \(64, 64\)"),
        (np.zeros((3, 64, 7)), "8 pixels along each side; there are 3 of 7 × 64 pixels"),
        (np.full((3, 64, 64), -1024), "no noise"),
        (np.stack([np.eye(16), np.where(np.eye(16), np.nan, 0)]), "Region 2 holds values that are no numbers"),
        (np.stack([np.where(np.eye(16), np.inf, 0), np.eye(16)]), "Region 1 holds values that are no numbers"),
    ],
)
def test_regions_without_a_spectrum_are_refused_with_the_reason(regions, reason):
    with pytest.raises(UnusableRegionsError, match=reason) as caught:
        noise_power_spectrum(regions, pixel_spacing=SPACING)
    assert isinstance(caught.value, MeasurementError)


def test_a_strip_too_narrow_for_its_oblong_pixels_is_refused(rng):
    with pytest.raises(UnusableRegionsError, match=r"16\.0 × 0\.8 mm are too narrow for pixels of 2 × 0\.1 mm"):
        noise_power_spectrum(rng.random((12, 8, 8)), pixel_spacing=(0.1, 2.0))


def test_repeats_of_other_regions_are_refused(rng):
    with pytest.raises(UnusableRegionsError, match="2 of 16 × 16 pixels and 3 of 16 × 16 pixels"):
        difference_nps(rng.random((2, 16, 16)), rng.random((3, 16, 16)), pixel_spacing=SPACING)


def test_stored_integers_are_as_good_as_numbers(rng):
    stored = np.rint(regions_of(rng, SHARP, sections=1)).astype(np.int16)
    one = noise_power_spectrum(stored, pixel_spacing=SPACING)
    other = noise_power_spectrum(stored.astype(np.float64), pixel_spacing=SPACING)
    assert one.power == pytest.approx(other.power, rel=1e-12)
    assert difference_nps(stored, stored[::-1], pixel_spacing=SPACING).noise == pytest.approx(20, rel=0.05)


def test_a_region_of_the_whole_range_of_16_bits_is_not_taken_for_an_empty_one():
    whole_range = np.where(np.eye(16), 32767, -32768).astype(np.int16)
    spectrum = noise_power_spectrum(np.stack([np.zeros_like(whole_range), whole_range]), pixel_spacing=SPACING)
    assert spectrum.noise > 0

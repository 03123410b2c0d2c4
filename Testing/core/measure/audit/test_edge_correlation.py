from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.edge_correlation import EdgeCorrelationMeter, edge_correlation
from support.thorax_phantom import scanner_noise, thorax


@pytest.fixture(scope="module")
def anatomy():
    return thorax()


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, -0.2])
def test_the_share_of_detail_that_was_taken_is_found(anatomy, share):
    # Smoothed by one pixel, this residual is share/(1 − share) of the difference of the output smoothed by one and two.
    residual = share / (1 - share) * (anatomy - gaussian_filter(anatomy, 3**0.5))
    found = edge_correlation(anatomy, residual)
    assert found.detail_taken == pytest.approx(share, rel=0.01)
    assert found.value == pytest.approx(np.sign(share), abs=0.001)


@pytest.mark.parametrize("seed", range(8))
def test_pure_noise_lies_within_the_range_of_noise(anatomy, seed):
    noise = scanner_noise(np.random.default_rng(seed), uneven=True)[0]
    found = edge_correlation(anatomy, noise)
    low, high = found.noise_range
    assert low < found.value < high
    assert abs(found.detail_taken) < 4 * found.detail_error


def test_the_error_is_the_scatter_over_repeated_noise(anatomy):
    noise = scanner_noise(np.random.default_rng(0), sections=40)
    found = [edge_correlation(anatomy, section) for section in noise]
    # 40 repeats tell their scatter within 11 %; an error that is a little too large errs on the safe side.
    for errors, values in (
        ([one.error for one in found], [one.value for one in found]),
        ([one.detail_error for one in found], [one.detail_taken for one in found]),
    ):
        assert 0.8 < np.mean(errors) / np.std(values) < 1.5


@pytest.mark.parametrize("sd", [30.0, 200.0])
@pytest.mark.parametrize("left", ["half", "coarse"])
def test_noise_left_in_the_output_is_not_taken_for_detail(anatomy, sd, left):
    noise = scanner_noise(np.random.default_rng(1), sections=6, sd=sd, uneven=True)
    remains = noise / 2 if left == "half" else gaussian_filter(noise, (0, 1.2, 1.2))
    found = edge_correlation(anatomy + remains, noise - remains)
    low, high = found.noise_range
    assert low < found.value < high
    assert abs(found.detail_taken) < 0.02


@pytest.mark.parametrize(("blur", "least", "most"), [(0.5, 0.05, 0.15), (0.7, 0.13, 0.25), (2.0, 0.5, 0.85)])
def test_a_blur_is_found_out_through_noise(anatomy, rng, blur, least, most):
    noisy = anatomy + scanner_noise(rng)[0]
    blurred = gaussian_filter(noisy, blur)
    found = edge_correlation(blurred, noisy - blurred)
    assert found.value > 10 * found.noise_range[1]
    assert least < found.detail_taken < most


def test_sharpening_has_a_negative_correlation(anatomy, rng):
    noisy = anatomy + scanner_noise(rng)[0]
    sharpened = 2 * anatomy - gaussian_filter(anatomy, 0.7)
    found = edge_correlation(sharpened, noisy - sharpened)
    assert found.value < found.noise_range[0]
    assert found.detail_taken < -0.05


def test_an_offset_follows_no_edges(anatomy, rng):
    noise = scanner_noise(rng)[0]
    without, with_offset = (edge_correlation(anatomy, noise + offset) for offset in (0, 20))
    assert with_offset.value == pytest.approx(without.value, abs=1e-4)
    assert with_offset.detail_taken == pytest.approx(without.detail_taken, abs=1e-4)


def test_detail_taken_is_in_proportion_to_strength(anatomy):
    lost = anatomy - gaussian_filter(anatomy, 0.7)
    half, full = (edge_correlation(anatomy - strength * lost, strength * lost) for strength in (0.5, 1.0))
    # The detail it is held against is that of the output, which is a little finer after half of the blur.
    assert half.detail_taken == pytest.approx(full.detail_taken / 2, rel=0.06)


def test_a_section_without_a_body_counts_for_nothing(anatomy, rng):
    air = np.full_like(anatomy, -1000)
    noise = scanner_noise(rng)[0]
    meter = EdgeCorrelationMeter()
    meter.add(0, air, noise)
    assert meter.result() is None
    assert meter.worst_section is None
    meter.add(1, anatomy, noise)
    assert meter.result() == edge_correlation(anatomy, noise)


def test_the_worst_section_is_the_one_that_was_blurred(anatomy, rng):
    noise = scanner_noise(rng, sections=3)
    meter = EdgeCorrelationMeter()
    for index, section in enumerate(noise):
        meter.add(10 + index, anatomy, section + (anatomy - gaussian_filter(anatomy, 1)) * (index == 1))
    assert meter.worst_section == 11


def test_an_untouched_section_has_no_correlation(anatomy):
    assert edge_correlation(anatomy, np.zeros_like(anatomy)) is None

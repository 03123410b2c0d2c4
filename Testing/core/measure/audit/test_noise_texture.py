from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.noise_texture import NoiseTextureMeter
from support.thorax_phantom import PIXEL_MM, scanner_noise, thorax

SPACING = (PIXEL_MM, PIXEL_MM)


def texture(anatomy, noise, after):
    meter = NoiseTextureMeter(SPACING)
    for section, result in zip(noise, after, strict=True):
        before = (anatomy + section).astype(np.float32)
        nowhere = np.zeros(before.shape, bool)
        meter.add(before, result.astype(np.float32), beside=anatomy, without_data=nowhere)
    return meter.result()


@pytest.fixture(scope="module")
def water():
    return np.zeros((256, 256), np.float32)


def test_half_of_the_noise_taken_leaves_half_of_the_same_texture(water, rng):
    noise = scanner_noise(rng, sections=2)
    found = texture(water, noise, noise / 2)
    assert found.noise_left == pytest.approx(0.5, rel=1e-3)
    assert found.shift == pytest.approx(0, abs=1e-3)


def test_a_blur_shifts_the_mean_frequency_as_its_transfer_function_says(water, rng):
    noise = scanner_noise(rng, sections=4)
    sigma = 0.8
    found = texture(water, noise, gaussian_filter(noise, (0, sigma, sigma)))
    f = np.linspace(0, 0.5 / PIXEL_MM, 2000)
    spectrum = f * np.exp(-(f**2) / (2 * 0.25**2))
    transfer = np.exp(-2 * (math.pi * sigma * PIXEL_MM * f) ** 2)
    before, after = (np.average(f, weights=power) for power in (spectrum, spectrum * transfer**2))
    assert found.before.mean_frequency == pytest.approx(before, rel=0.03)
    # Squares of 15 mm miss the coarsest part of the noise, which is a greater part of it after the blur.
    assert found.shift == pytest.approx(after / before - 1, abs=0.07)
    assert found.shift == pytest.approx(found.picture_shift, abs=0.05)


def test_structure_of_the_tissue_is_not_taken_for_coarse_noise(rng):
    coarse = gaussian_filter(rng.standard_normal((256, 256)), 4)
    tissue = (5 / coarse.std() * coarse).astype(np.float32)
    noise = scanner_noise(rng, sections=4)
    found = texture(tissue, noise, tissue + 0.1 * noise)
    assert found.picture_shift < -0.2
    assert found.shift == pytest.approx(0, abs=0.05)
    assert found.noise_left == pytest.approx(0.1, abs=0.01)


def test_nothing_is_left_when_all_noise_was_taken(rng):
    coarse = gaussian_filter(rng.standard_normal((256, 256)), 4)
    tissue = (5 / coarse.std() * coarse).astype(np.float32)
    noise = scanner_noise(rng, sections=2)
    assert texture(tissue, noise, np.broadcast_to(tissue, noise.shape)).noise_left < 0.03


def test_the_error_is_the_scatter_over_repeated_noise(water, rng):
    def one():
        noise = scanner_noise(rng)
        return texture(water, noise, 0.5 * noise + 0.5 * gaussian_filter(noise, (0, 1, 1)))

    found = [one() for _ in range(25)]
    # 25 repeats tell their scatter within 14 %, and eight groups an error within a quarter.
    assert np.mean([each.shift_error for each in found]) == pytest.approx(
        np.std([each.shift for each in found]), rel=0.4
    )


def test_squares_lie_in_uniform_tissue_alone(rng):
    anatomy, noise = thorax(), scanner_noise(rng, sections=4)
    found = texture(anatomy, noise, anatomy + noise / 2)
    assert found.before.noise == pytest.approx(30, rel=0.06)


def test_air_has_no_texture_to_measure(rng):
    noise = scanner_noise(rng)
    air = np.full((256, 256), -1000, np.float32)
    assert texture(air, noise, air[np.newaxis]) is None


def test_an_untouched_image_has_no_texture_to_compare(water, rng):
    noise = scanner_noise(rng)
    assert texture(water, noise, noise) is None


def test_sections_smaller_than_a_square_are_passed_over(rng):
    meter = NoiseTextureMeter(SPACING)
    small = rng.standard_normal((12, 12)).astype(np.float32)
    meter.add(small, small / 2, beside=small, without_data=np.zeros((12, 12), bool))
    assert meter.result() is None

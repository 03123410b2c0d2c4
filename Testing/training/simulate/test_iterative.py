"""The stand-in for a scanner's iterative reconstruction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.resolution.ttf_disc import disc_ttf
from CTDenoiseTrainLib.simulate.iterative import NoiseOfImages, iterative_reconstruction
from CTDenoiseTrainLib.simulate.kernels import SHARP_QUANTITATIVE
from CTDenoiseTrainLib.simulate.spine import filtered

PIXEL = 0.15
SHAPE = (12, 128, 128)
NOISE = NoiseOfImages(kernel=SHARP_QUANTITATIVE, pixel_mm=PIXEL, noise_hu=150.0)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """As filtered back-projection makes it: white noise through the ramp and the kernel."""
    white = np.random.default_rng(1).standard_normal(SHAPE)
    frequency = np.hypot(np.fft.fftfreq(SHAPE[1], PIXEL)[:, None], np.fft.rfftfreq(SHAPE[2], PIXEL)[None])
    spectrum = np.fft.rfft2(white) * np.sqrt(frequency) * SHARP_QUANTITATIVE.gain(frequency)
    noise = np.fft.irfft2(spectrum, s=SHAPE[1:]).astype(np.float32)
    return noise * np.float32(NOISE.noise_hu) / noise.std()


@pytest.fixture(scope="module")
def rod() -> np.ndarray:
    """Of 900 HU and 4 mm radius in muscle, as the kernel shows it."""
    y, x = (np.mgrid[: SHAPE[1] * 5, : SHAPE[2] * 5] + 0.5) / 5 * PIXEL - SHAPE[1] * PIXEL / 2
    disc = (np.hypot(y, x) < 4).reshape(SHAPE[1], 5, SHAPE[2], 5).mean(axis=(1, 3))
    section = filtered(np.float32(50 + 900 * disc)[None], SHARP_QUANTITATIVE, pixel_mm=PIXEL)
    return np.repeat(section, SHAPE[0], axis=0)


def test_a_good_half_of_the_noise_goes_in_flat_tissue(noise: np.ndarray) -> None:
    left = iterative_reconstruction(50 + noise, NOISE)
    assert 0.3 < left.std() / noise.std() < 0.5
    assert left.mean() == pytest.approx(50, abs=1)


def test_what_goes_is_noise(noise: np.ndarray) -> None:
    taken = 50 + noise - iterative_reconstruction(50 + noise, NOISE)
    assert np.corrcoef(taken.ravel(), noise.ravel())[0, 1] > 0.95


def test_resolution_at_a_strong_edge_stays_within_five_percent(noise: np.ndarray, rod: np.ndarray) -> None:
    output = iterative_reconstruction(rod + noise, NOISE)
    before, after = (disc_ttf(images, pixel_spacing=(PIXEL,) * 2, radius_mm=4.0).f50 for images in (rod, output))
    assert isinstance(before, Measured)
    assert isinstance(after, Measured)
    assert after.value == pytest.approx(before.value, rel=0.05)


def test_images_without_noise_stay_as_they_are(rod: np.ndarray) -> None:
    """But for what looks like noise of the stated level: the faint ringing beside the edge."""
    output = iterative_reconstruction(rod, replace(NOISE, noise_hu=5.0))
    assert np.abs(output - rod).max() < 15


def test_no_strength_changes_nothing(noise: np.ndarray) -> None:
    assert iterative_reconstruction(noise, NOISE, strength=0) == pytest.approx(noise, abs=0.1)


def test_more_strength_leaves_less_noise(noise: np.ndarray) -> None:
    left = [iterative_reconstruction(noise, NOISE, strength=strength).std() for strength in (0.1, 0.3, 1.0)]
    assert left == sorted(left, reverse=True)


def test_the_power_spectrum_has_a_mean_of_one_and_the_shape_of_ramp_and_kernel() -> None:
    power = replace(NOISE, section_correlation=0.2).power((8, 64, 64))
    # rfftn leaves out the mirror image of all columns but the first and the last.
    whole = np.concatenate([power, power[..., 1:-1]], axis=-1)
    assert whole.mean() == pytest.approx(1, abs=0.01)
    one, two = (np.fft.rfftfreq(64, PIXEL)[index] for index in (4, 8))
    ratio = two / one * (SHARP_QUANTITATIVE.gain(two) / SHARP_QUANTITATIVE.gain(one)) ** 2
    assert power[0, 0, 8] / power[0, 0, 4] == pytest.approx(ratio, rel=1e-4)
    assert power[0, 0, 4] / power[4, 0, 4] == pytest.approx(1.4 / 0.6, rel=1e-4)

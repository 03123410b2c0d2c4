"""Noise of filtered back-projection against its theory for parallel rays.

White noise of variance v in rays of spacing a, seen in n views, becomes noise with the power spectrum π·v·a/n · f·G(f)²
(Riederer, Pelc and Chesler, Phys Med Biol 1978;23:446), of variance π²·v/(12·n·a²) for the ramp alone.
"""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.noise.nps import noise_power_spectrum
from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM
from CTDenoiseTrainLib.simulate.counts import noisy_line_integrals
from CTDenoiseTrainLib.simulate.filtered_back_projection import reconstruct
from CTDenoiseTrainLib.simulate.kernels import RAM_LAK, RollOff, apodised
from CTDenoiseTrainLib.simulate.scan import ParallelScan

SCAN = ParallelScan(views=240, rays=144, ray_spacing_mm=0.8)
PIXEL = 0.6
SECTIONS = 10
PHOTONS = 1e5


@pytest.fixture(scope="module")
def open_beam():
    """Line integrals of air with noise: its variance is one over the photons everywhere."""
    return ray_noise(0.0, photons=PHOTONS, rng=np.random.default_rng(1))


def ray_noise(path: float, **scanner):
    """Noise of rays that all cross the same path, without the path, which is no disc's and would show in the image."""
    rays = np.full((SECTIONS, SCAN.views, SCAN.rays), path)
    return noisy_line_integrals(rays, **scanner) - path


def noise(lines, kernel, *, pixel: float = PIXEL, matrix: int = 64):
    return reconstruct(lines, scan=SCAN, kernel=kernel, matrix=matrix, pixel_mm=pixel)


def theory(frequency, kernel):
    """Power spectrum in mm⁻²·mm² of the noise of attenuation."""
    passed = np.where(frequency < SCAN.nyquist_per_mm, kernel.gain(frequency), 0)
    return np.pi * SCAN.ray_spacing_mm / SCAN.views / PHOTONS * frequency * passed**2


@pytest.mark.parametrize("pixel", [0.3, 0.6, 0.8, 1.6])
def test_variance_of_the_ramp_alone_is_as_in_theory_at_any_pixel_size(open_beam, pixel):
    expected = np.pi**2 / (12 * SCAN.views * SCAN.ray_spacing_mm**2 * PHOTONS)
    # The smallest image holds 150 independent spots in each of 10 sections: a standard error of 4 %, the others 1 %.
    assert noise(open_beam, RAM_LAK, pixel=pixel, matrix=40).var() == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("factor", [10, 100])
def test_variance_falls_as_photons_grow(factor):
    water = 60 * WATER_ATTENUATION_PER_MM
    few, many = (
        noise(ray_noise(water, photons=1e4 * times, rng=np.random.default_rng(times)), RAM_LAK).var()
        for times in (1, factor)
    )
    assert few / many == pytest.approx(factor, rel=0.06)


def test_power_of_the_ramp_rises_linearly_with_frequency_and_ends_at_the_nyquist_frequency(open_beam):
    spectrum = noise_power_spectrum(noise(open_beam, RAM_LAK), pixel_spacing=(PIXEL, PIXEL), detrend=0)
    rising = (spectrum.frequency > 0.08) & (spectrum.frequency < 0.57)
    # Through zero: a straight line with the slope of theory. Rings scatter by 3 to 10 %.
    slope = np.pi * SCAN.ray_spacing_mm / SCAN.views / PHOTONS
    fit = np.polyfit(spectrum.frequency[rising], spectrum.power[rising], 1)
    assert fit[0] == pytest.approx(slope, rel=0.06)
    assert fit[1] == pytest.approx(0, abs=0.03 * slope * SCAN.nyquist_per_mm)
    assert spectrum.power[spectrum.frequency > 0.7].max() < 0.05 * spectrum.power.max()


@pytest.mark.parametrize(
    "kernel",
    [
        apodised("hann", 0.625),
        apodised("shepp-logan", 0.625),
        RollOff("soft", half_per_mm=0.3, steepness=2.35),
        RollOff("bone", half_per_mm=0.4, steepness=3, boost=0.6, centre_per_mm=0.25, width_per_mm=0.1),
    ],
    ids=lambda kernel: kernel.name,
)
def test_a_kernel_shapes_the_noise_by_the_square_of_its_gain(open_beam, kernel):
    spectrum = noise_power_spectrum(noise(open_beam, kernel), pixel_spacing=(PIXEL, PIXEL), detrend=0)
    expected = theory(spectrum.frequency, kernel)
    # Each ring within four of its uncertainties; what a region of 38 mm blurs from ring to ring is 3 % of the peak,
    # and more only where a window ends abruptly.
    allowed = 4 * spectrum.uncertainty + 0.03 * expected.max()
    steady = np.abs(spectrum.frequency - SCAN.nyquist_per_mm) > 0.03
    assert (np.abs(spectrum.power - expected) < allowed)[steady].all()


def test_electronic_noise_adds_as_much_variance_to_the_image_as_to_the_rays(rng):
    path, sent, electronic = 3.0, 2e4, 40.0
    detected = sent * np.exp(-path)
    without, added = (
        noise(ray_noise(path, photons=sent, electronic_noise=sigma, rng=rng), RAM_LAK).var()
        for sigma in (0.0, electronic)
    )
    assert added / without == pytest.approx(1 + electronic**2 / detected, rel=0.06)


def test_noise_has_the_same_level_all_over_the_field(open_beam):
    image = reconstruct(open_beam, scan=SCAN, kernel=apodised("hann", 0.5), matrix=140, pixel_mm=0.8)
    distance = np.hypot(*(np.indices(image.shape[1:]) - 69.5)) * 0.8
    middle, outer = (image[:, (distance > low) & (distance < high)].var() for low, high in ((0, 25), (35, 50)))
    assert outer / middle == pytest.approx(1, abs=0.06)

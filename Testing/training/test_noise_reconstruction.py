from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.noise_reconstruction import (
    WATER_ATTENUATION_PER_MM,
    Scan,
    noise_scale,
    ray_noise,
    reconstruct_noise,
)

BARE = Scan(matrix=128, views=180, bowtie=0, electronic_noise=0)


def water(radii: tuple[float, float], side: int = 128) -> np.ndarray:
    """An ellipse of water in air; radii are shares of half the side along (y, x)."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return np.where(np.hypot(y / radii[0], x / radii[1]) < 1, 0.0, -1000.0)


def test_ray_through_the_middle_of_water_follows_beer_and_lambert():
    sd = ray_noise(water((0.5, 0.5)), width_mm=400, scan=BARE)
    # 200 mm of water; variance is one over the photons that arrive. A pixelated disc has its diameter within 2 pixels.
    path = np.log(sd[64] ** 2)
    assert path == pytest.approx(WATER_ATTENUATION_PER_MM * 200, rel=2 / 64)
    assert path.mean() == pytest.approx(WATER_ATTENUATION_PER_MM * 200, rel=0.015)


def test_ray_past_the_body_has_the_noise_of_the_open_beam():
    assert ray_noise(water((0.5, 0.5)), width_mm=400, scan=BARE)[4] == pytest.approx(1, abs=1e-6)


def test_electronic_noise_counts_most_where_photons_are_few():
    electronic = Scan(matrix=128, views=180, bowtie=0, electronic_noise=0.01)
    gain = ray_noise(water((0.5, 0.5)), width_mm=400, scan=electronic) / ray_noise(
        water((0.5, 0.5)), width_mm=400, scan=BARE
    )
    assert gain[4].max() < 1.01
    assert gain[64].min() > 1.2


def test_bowtie_evens_out_the_noise_across_the_detector():
    def unevenness(bowtie: float) -> float:
        sd = ray_noise(water((0.6, 0.6)), width_mm=400, scan=Scan(128, 180, bowtie, 0))
        return float(sd[64].mean() / sd[20].mean())

    assert unevenness(0.8) < 0.7 * unevenness(0)


def test_noise_has_unit_scale_and_independent_sections(rng):
    noise = reconstruct_noise(np.ones((128, 180)), sections=8, rng=rng)
    assert noise_scale(noise) == pytest.approx(1, rel=1e-5)
    centre = noise[:, 40:88, 40:88]
    correlation = (centre[:-1] * centre[1:]).mean() / np.square(centre).mean()
    assert abs(correlation) < 0.02


def test_noise_power_rises_with_frequency_as_the_ramp_does(rng):
    noise = reconstruct_noise(np.ones((128, 360)), sections=24, rng=rng)[:, 32:96, 32:96]
    power = np.square(np.abs(np.fft.fft2(noise))).mean(axis=0)
    frequency = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)[None])
    low, middle = (power[(frequency > f - 0.02) & (frequency < f + 0.02)].mean() for f in (0.08, 0.16))
    # Linear interpolation in the back-projection takes some power away at the higher frequency.
    assert middle / low == pytest.approx(2, rel=0.15)


def test_a_wide_body_streaks_along_its_long_axis(rng):
    noise = reconstruct_noise(ray_noise(water((0.3, 0.9)), width_mm=450, scan=BARE), sections=6, rng=rng)[
        :, 48:80, 48:80
    ]
    along_x = (noise[:, :, 1:] * noise[:, :, :-1]).mean()
    along_y = (noise[:, 1:] * noise[:, :-1]).mean()
    assert along_x > along_y + 0.3

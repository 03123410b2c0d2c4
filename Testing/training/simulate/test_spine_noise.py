"""Noise of rays through the whole trunk."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM
from CTDenoiseTrainLib.simulate.scan import ParallelScan
from CTDenoiseTrainLib.simulate.spine_noise import Trunk, field_scan, ray_noise, trunk_line_integrals

SCAN = ParallelScan(views=2, rays=101, ray_spacing_mm=0.5)
"""The first view looks along the columns, from front to back; the second along the rows, from side to side."""


def test_rays_through_the_spine_have_the_chords_of_an_ellipse_around_it() -> None:
    """The spine lies on the middle line, 62 mm from the back: side to side, an ellipse is narrower there."""
    paths = Trunk((125.0, 175.0)).paths_mm(SCAN)
    assert paths[0, 50] == pytest.approx(250)
    assert paths[1, 50] == pytest.approx(350 * np.sqrt(1 - (63 / 125) ** 2))


def test_the_anatomy_of_the_field_counts_on_top_of_water() -> None:
    field = np.zeros((160, 160), np.float32)
    scan = field_scan(160, 0.3)
    trunk = Trunk((125.0, 175.0))
    water = trunk_line_integrals(field, pixel_mm=0.3, trunk=trunk, scan=scan)
    assert water == pytest.approx(WATER_ATTENUATION_PER_MM * trunk.paths_mm(scan))
    field[60:100, 60:100] = 1000.0
    bone = trunk_line_integrals(field, pixel_mm=0.3, trunk=trunk, scan=scan)
    middle = scan.rays // 2
    # Twelve millimetres of twice the attenuation of water.
    assert bone[0, middle] - water[0, middle] == pytest.approx(12 * WATER_ATTENUATION_PER_MM, rel=0.02)


def test_ray_noise_is_that_of_the_photons_that_get_through(rng: np.random.Generator) -> None:
    lines = np.repeat([[2.0, 4.0]], 2000, axis=0)
    noise = ray_noise(lines, sections=3, photons=1e5, section_correlation=0.0, rng=rng)
    # 6000 draws tell an SD within 1 %; the logarithm of few counts adds another.
    assert noise.std(axis=(0, 1)) == pytest.approx(np.exp([1.0, 2.0]) / np.sqrt(1e5), rel=0.04)


@pytest.mark.parametrize("correlation", [0.0, 0.2, 0.5])
def test_noise_of_adjacent_sections_is_correlated_as_asked_and_that_of_others_is_not(
    correlation: float, rng: np.random.Generator
) -> None:
    noise = ray_noise(np.full((100, 100), 3.0), sections=4, photons=1e5, section_correlation=correlation, rng=rng)
    found = np.corrcoef(noise.reshape(4, -1))
    # Of 10,000 rays each, by chance 0.01.
    assert np.diag(found, 1) == pytest.approx(correlation, abs=0.04)
    assert np.diag(found, 2) == pytest.approx(0, abs=0.04)
    assert noise.std() == pytest.approx(np.exp(1.5) / np.sqrt(1e5), rel=0.03)

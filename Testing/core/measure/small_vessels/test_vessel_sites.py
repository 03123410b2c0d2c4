from __future__ import annotations

import itertools

import numpy as np
import pytest

from CTDenoiseLib.measure.small_vessels.vessel_sites import find_vessel_sites
from CTDenoiseLib.volume import Volume
from support.thorax_phantom import PIXEL_MM, as_volume, scanner_noise, thorax


@pytest.fixture(scope="module")
def volume():
    return as_volume(thorax() + scanner_noise(np.random.default_rng(0), sections=3))


def test_places_are_soft_tissue_without_an_edge_and_apart(volume):
    sites = find_vessel_sites(volume, section=1)
    assert len(sites.centres) > 20
    anatomy, half = thorax(), int(4 / PIXEL_MM)
    for row, column in sites.centres:
        around = anatomy[row - half : row + half + 1, column - half : column + half + 1]
        assert np.ptp(around) < 60
        assert around.mean() == pytest.approx(50, abs=20)
    for one, other in itertools.combinations(sites.centres, 2):
        assert np.abs(np.subtract(one, other)).max() * PIXEL_MM >= 8


def test_places_may_be_asked_to_lie_further_apart(volume):
    assert len(find_vessel_sites(volume, apart=16.0).centres) < 0.5 * len(find_vessel_sites(volume).centres)


def test_the_section_with_most_places_is_taken():
    air = np.full((256, 256), -1000, np.float32)
    sections = np.stack([air, air, thorax(), thorax(), thorax(), air])
    assert find_vessel_sites(as_volume(sections)).section == 3


def test_noise_of_the_section_is_reported(volume):
    assert find_vessel_sites(volume).noise_hu == pytest.approx(30, rel=0.15)


def test_no_vessel_is_put_where_there_is_no_data():
    filled = Volume(np.full((1, 96, 96), 40, np.float32), padding=np.array([[40, 40]], np.float32))
    assert find_vessel_sites(filled).centres == ()
    assert find_vessel_sites(as_volume(filled.hu)).centres

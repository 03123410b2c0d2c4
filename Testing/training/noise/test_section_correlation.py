from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseTrainLib.noise.noise_map import NoiseMap
from CTDenoiseTrainLib.noise.section_correlation import SectionCorrelation, section_correlation, series_correlation
from support.thorax_phantom import thorax


@pytest.fixture
def overlapping_noise(rng) -> np.ndarray:
    """White noise averaged over three neighbouring sections: correlated by 2/3, 1/3 and 0."""
    white = 30 * rng.standard_normal((14, 256, 256))
    return ((white[2:] + white[1:-1] + white[:-2]) / np.sqrt(3)).astype(np.float32)


def test_correlation_of_a_map_is_that_of_its_sections(overlapping_noise):
    noise = NoiseMap(noise=overlapping_noise, weight=np.ones_like(overlapping_noise))
    found = section_correlation(noise, most_apart=4)
    # 65536 independent pixels a pair, several pairs: 0.4 %.
    assert found.values == pytest.approx((2 / 3, 1 / 3, 0, 0), abs=0.02)
    assert found.independent_from == 3


def test_with_the_anatomy_given_what_leaks_at_edges_does_not_count(overlapping_noise):
    leaking = overlapping_noise + 0.2 * thorax()
    noise = NoiseMap(noise=leaking, weight=np.ones_like(leaking))
    everywhere = section_correlation(noise, most_apart=3)
    in_flat_tissue = section_correlation(noise, anatomy=np.broadcast_to(thorax(), leaking.shape), most_apart=3)
    assert everywhere.values[2] > 0.8
    # Fat and muscle differ still: a bias of the level in flat tissue.
    assert in_flat_tissue.values[2] < 0.25


def test_correlation_of_a_series_is_found_beside_its_anatomy(overlapping_noise):
    found = series_correlation(thorax() + overlapping_noise, most_apart=4)
    # Structure of the drawn tissue runs through all sections and adds a little.
    assert found.values == pytest.approx((2 / 3, 1 / 3, 0, 0), abs=0.04)


def test_a_distance_that_is_too_small_is_named_with_the_one_that_is_enough():
    correlation = SectionCorrelation((0.4, 0.03, 0.0))
    assert "sections_apart to 2" in correlation.too_near(1)
    assert correlation.too_near(2) is None
    assert correlation.too_near(7) is None
    assert str(correlation) == "0.40, 0.03, 0.00"


def test_noise_that_never_becomes_independent_is_said_so():
    assert SectionCorrelation((0.5, 0.4)).independent_from is None
    assert "another source" in SectionCorrelation((0.5, 0.4)).too_near(5)


def test_a_single_section_has_no_correlation(overlapping_noise):
    assert series_correlation(overlapping_noise[:1]) is None


def test_without_soft_tissue_there_is_none(rng):
    air = (-1000 + 10 * rng.standard_normal((4, 64, 64))).astype(np.float32)
    assert series_correlation(air) is None


def test_of_the_nlst_chest_only_adjacent_sections_share_noise(real_data):
    series = find_series(real_data("nlst_chest_low_dose_fc51")).series[0]
    volume = read_series(replace(series, slices=series.slices[60:75]))
    found = series_correlation(volume.hu, most_apart=3)
    assert 0.3 < found.values[0] < 0.55
    assert found.independent_from == 2

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, gaussian_filter

from CTDenoiseLib.measure.audit.edge_correlation import detail
from CTDenoiseLib.measure.audit.residual_map import LARGEST_SCORE, residual_map
from support.thorax_phantom import scanner_noise, thorax


@pytest.fixture(scope="module")
def anatomy():
    return thorax()


@pytest.mark.parametrize("sd", [10.0, 30.0])
@pytest.mark.parametrize("left", [0.1, 0.5])
def test_scores_of_pure_noise_are_standard_where_there_is_detail(anatomy, sd, left):
    noise = scanner_noise(np.random.default_rng(0), sections=6, sd=sd, uneven=True)
    scores = np.stack([residual_map(anatomy + section, anatomy + left * section) for section in noise])
    there = scores[:, np.abs(detail(anatomy)) > 20]
    assert there.mean() == pytest.approx(0, abs=0.2)
    assert there.std() == pytest.approx(1, abs=0.2)
    assert np.mean(np.abs(there) > 3) < 0.015
    assert np.abs(scores).max() < 6


def test_detail_that_was_taken_at_one_place_shows_there_and_nowhere_else(anatomy):
    noise = scanner_noise(np.random.default_rng(1))[0]
    right = np.arange(256) > 140
    blurred = np.where(right, gaussian_filter(anatomy, 0.8), anatomy)
    score = residual_map(anatomy + noise, blurred + noise / 3)
    edges = np.abs(detail(anatomy)) > 50
    assert np.median(score[edges & right]) > 5
    assert np.abs(np.median(score[edges & ~right])) < 0.5


def test_sharpening_shows_with_the_other_sign(anatomy):
    noise = scanner_noise(np.random.default_rng(1))[0]
    score = residual_map(anatomy + noise, 2 * anatomy - gaussian_filter(anatomy, 0.8))
    assert np.median(score[np.abs(detail(anatomy)) > 50]) < -5


def test_scores_are_bounded_and_fade_where_there_is_nothing_to_see(anatomy):
    noise = scanner_noise(np.random.default_rng(1))[0]
    score = residual_map(anatomy + noise, gaussian_filter(anatomy + noise, 2))
    assert score.shape == anatomy.shape
    assert score.dtype == np.float32
    assert np.abs(score).max() <= LARGEST_SCORE
    far_from_detail = ~binary_dilation(np.abs(detail(anatomy)) > 5, iterations=20)
    assert far_from_detail.any()
    assert np.abs(score[far_from_detail]).max() < 0.2


def test_there_is_no_map_without_a_body_or_a_residual(anatomy, rng):
    noise = scanner_noise(rng)[0]
    air = np.full_like(anatomy, -1000)
    assert residual_map(air + noise, air) is None
    assert residual_map(anatomy, anatomy) is None

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.resolution.edge_spread import PARTS, edge_profiles, largest_gap
from support.edge_phantom import Kernel


def samples(rng, count=4000):
    distance = rng.uniform(-4, 4, count)
    return distance, rng.integers(0, PARTS, count)


def test_the_profile_of_scattered_samples_is_the_edge_spread_function(rng):
    kernel = Kernel(0.4, enhancement=1.5)
    distance, part = samples(rng)
    profiles = edge_profiles(distance, 100 * kernel.edge(distance), part, reach_mm=3.0, step=0.125)
    np.testing.assert_allclose(profiles.esf_hu[0], 100 * kernel.edge(profiles.position_mm), atol=0.6)
    assert profiles.position_mm[0] == -profiles.position_mm[-1] == -3.0


def test_straight_lines_are_kept_exactly_even_over_a_gap(rng):
    distance, part = samples(rng, 1500)
    kept = np.abs(distance - 1.0) > 0.3
    profiles = edge_profiles(distance[kept], 5.0 * distance[kept] + 7, part[kept], reach_mm=3.0, step=0.125)
    np.testing.assert_allclose(profiles.esf_hu[0], 5.0 * profiles.position_mm + 7, atol=1e-6)


def test_leaving_a_part_out_leaves_its_pixels_out(rng):
    distance, part = samples(rng)
    values = np.where(part == 3, 50.0, 0.0)
    profiles = edge_profiles(distance, values, part, reach_mm=3.0, step=0.25)
    np.testing.assert_allclose(profiles.esf_hu[1 + 3], 0, atol=1e-9)
    assert profiles.esf_hu[0].mean() == pytest.approx(50 / PARTS, rel=0.1)
    assert profiles.esf_hu[1].mean() == pytest.approx(50 / (PARTS - 1), rel=0.1)


def test_every_pixel_within_reach_is_counted_once(rng):
    distance, part = samples(rng)
    profiles = edge_profiles(distance, distance, part, reach_mm=3.0, step=0.25)
    assert profiles.count.sum() == pytest.approx(np.sum(np.abs(distance) < 3.0))


def test_the_largest_gap_between_samples_counts_the_ends_too():
    assert largest_gap(np.array([-0.9, -0.2, 0.1, 0.4]), within_mm=1.0) == pytest.approx(0.7)
    assert largest_gap(np.array([-0.2, 0.1, 0.2, 5.0]), within_mm=1.0) == pytest.approx(0.8)
    assert largest_gap(np.array([5.0]), within_mm=1.0) == pytest.approx(2.0)

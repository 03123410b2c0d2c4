from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.profiles.profile_structure import Structure, find_structure
from support.analytic_profile import STEP, distances, edge, peak, rod, white_noise

X = distances(60)


def found(hu: np.ndarray) -> Structure:
    structure = find_structure(hu)
    assert isinstance(structure, Structure), structure
    return structure


@pytest.mark.parametrize("contrast", [400.0, -400.0])
def test_an_edge_has_a_flank_and_a_plateau_on_either_side(contrast):
    structure = found(edge(X, 30, sigma=1, contrast=contrast, base=100))
    assert structure.opposite is None
    assert structure.flank.middle * STEP == pytest.approx(30, abs=0.05)
    left, right = sorted(structure.plateaus, key=lambda plateau: plateau.start)
    assert (left.stop - 1) * STEP < 30 - 2.2
    assert right.start * STEP > 30 + 2.2


@pytest.mark.parametrize("contrast", [400.0, -400.0])
def test_a_rod_and_a_gap_have_two_flanks(contrast):
    structure = found(rod(X, 30, width=8, sigma=0.6, contrast=contrast))
    assert structure.opposite is not None
    middles = sorted([structure.flank.middle * STEP, structure.opposite.middle * STEP])
    assert middles == pytest.approx([26, 34], abs=0.05)
    assert (structure.top.start * STEP, structure.top.stop * STEP) == pytest.approx((28, 32), abs=0.3)


@pytest.mark.parametrize(("apart", "width"), [(18, 6), (28, 12)], ids=["gap", "rod"])
def test_of_a_rod_and_the_gap_beside_it_the_narrower_counts(apart, width):
    first, second = (rod(X, place, width=12, sigma=0.6, contrast=400) for place in (30 - apart / 2, 30 + apart / 2))
    structure = found(first + second)
    assert abs(structure.flank.middle - structure.opposite.middle) * STEP == pytest.approx(width, abs=0.05)


def test_overshoot_of_a_sharp_kernel_makes_no_peak_of_an_edge():
    ringing = peak(X, 31.5, sigma=0.5, contrast=60) - peak(X, 28.5, sigma=0.5, contrast=60)
    assert found(edge(X, 30, sigma=0.6, contrast=400) + ringing).opposite is None


def test_a_plateau_ends_before_the_next_structure():
    structure = found(edge(X, 20, sigma=0.6, contrast=500) + peak(X, 26, sigma=0.6, contrast=250))
    right = max(structure.plateaus, key=lambda plateau: plateau.start)
    assert right.stop * STEP < 25


def test_it_is_smoothed_only_as_much_as_noise_demands(rng):
    curve = edge(X, 30, sigma=2, contrast=400)
    assert found(curve).smoothing == 1
    assert found(curve + white_noise(rng, len(X), sd=60)).smoothing > 1

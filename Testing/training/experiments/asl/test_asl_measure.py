from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.asl.cohort_images import CohortImages
from CTDenoiseTrainLib.experiments.asl.measure import Comparison, squared_errors, subjects_of


@pytest.fixture
def images(rng):
    """Two subjects of one section: all within the skull but the first row; only the second has a changed region."""
    inside = np.ones((2, 1, 8, 8), dtype=bool)
    inside[:, :, 0] = False
    changed, edges = np.zeros_like(inside), np.zeros_like(inside)
    changed[1, 0, 2:4, 2:4] = True
    edges[:, :, :, 5] = True
    perfusion = rng.normal(40, 10, (2, 1, 8, 8)).astype(np.float32)
    noise = rng.normal(0, 10, (2, 1, 6, 8, 8)).astype(np.float32)
    return CohortImages(perfusion[:, :, None] + noise, perfusion, inside, changed, edges)


def test_errors_are_of_each_subject_and_where_they_are_said_to_be(images):
    estimate = images.perfusion.copy()
    estimate[0, 0, 0] += 1000
    estimate[1, 0, 2:4, 2:4] += 3
    estimate[1, 0, :, 5] -= 2
    found = squared_errors(images, estimate)
    assert found["truth"] == pytest.approx([0, (4 * 9 + 7 * 4) / 56])
    assert found["edges"] == pytest.approx([1000**2 / 8, 4])
    assert np.isnan(found["changed"][0])
    at_all = squared_errors(images, images.mean_of_all + 5)
    assert at_all["all"] == pytest.approx([25, 25], rel=1e-5)
    assert at_all["changed"][1] == pytest.approx(25, rel=1e-5)


def test_some_subjects_are_measured_as_among_all(images):
    own = subjects_of(images, np.array([1]))
    estimate = images.subtractions[:, :, 0]
    assert squared_errors(own, estimate[1:])["truth"] == squared_errors(images, estimate)["truth"][1:]


def test_a_lower_error_of_every_subject_is_shown(rng):
    averaging = rng.uniform(100, 300, 20)
    found = Comparison.of(averaging, 0.6 * averaging)
    assert found.shown
    assert found.lower_by == pytest.approx(40)
    assert str(found) == f"{averaging.mean():.0f} → {0.6 * averaging.mean():.0f} (−40 %, p < 0.001, n = 20)"


@pytest.mark.parametrize("factor", [1.0, 1.2])
def test_an_equal_or_higher_error_is_not_shown(rng, factor):
    averaging = rng.uniform(100, 300, 20)
    assert not Comparison.of(averaging, factor * averaging).shown


def test_few_subjects_or_chance_show_nothing(rng):
    averaging = rng.uniform(100, 300, 30)
    assert not Comparison.of(averaging[:4], 0.6 * averaging[:4]).shown
    assert not Comparison.of(averaging, averaging + rng.normal(-1, 60, 30)).shown


def test_subjects_without_such_a_region_are_left_out():
    found = Comparison.of([None, 100.0, float("nan"), 300.0], [5.0, 50.0, 5.0, 150.0])
    assert (found.averaging, found.network, found.subjects) == (200, 100, 2)
    assert Comparison.of([None], [None]).subjects == 0
    assert not Comparison.of([None], [None]).shown

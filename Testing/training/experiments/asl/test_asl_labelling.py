from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_gradient_magnitude

from CTDenoiseTrainLib.experiments.asl.cohort_images import CohortImages, draw_cohort
from CTDenoiseTrainLib.experiments.asl.labelling import (
    PERFUSION_OF_FULL_SIGNAL,
    ScanConditions,
    draw_subtractions,
    static_signal,
)
from CTDenoiseTrainLib.experiments.asl.settings import QUICK, Labelling
from CTDenoiseTrainLib.experiments.asl.subject import draw_subject

STEADY = Labelling(sections=1, pairs=40, static_fluctuation=0.0, perfusion_fluctuation=0.0)
STILL = ScanConditions(noise=0.0, motion_mm=0.0, outlier_share=0.0)


@pytest.fixture(scope="module")
def section():
    return draw_subject(QUICK.patients, STEADY, np.random.default_rng(0))[0]


def subtractions(section, rng, *, labelling=STEADY, **conditions):
    static = static_signal(section.brain, labelling)
    return draw_subtractions(
        static, section.perfusion, labelling=labelling, conditions=replace(STILL, **conditions), rng=rng
    )


def test_sixty_units_of_perfusion_are_less_than_a_hundredth_of_the_signal():
    # Alsop et al. (2015): about 1 % at 3 T.
    assert 0.005 < 60 / PERFUSION_OF_FULL_SIGNAL < 0.01


def test_without_noise_and_motion_every_subtraction_is_the_perfusion(section, rng):
    # In float32, a spline read at its own knots.
    np.testing.assert_allclose(subtractions(section, rng), np.broadcast_to(section.perfusion, (40, 80, 80)), atol=1e-2)


def test_thermal_noise_has_its_deviation_and_no_mean(section, rng):
    noise = subtractions(section, rng, noise=20.0) - section.perfusion
    # 256 000 pixels: 0.14 % and 0.04.
    assert noise.std() == pytest.approx(20, rel=0.01)
    assert noise.mean() == pytest.approx(0, abs=0.2)


def test_fluctuations_make_noise_where_there_is_tissue_only(section, rng):
    labelling = replace(STEADY, static_fluctuation=0.01, perfusion_fluctuation=0.08)
    noise = (subtractions(section, rng, labelling=labelling) - section.perfusion).std(axis=0)
    inside = section.brain.white == 1
    expected = np.hypot(0.01 * np.sqrt(2) * static_signal(section.brain, labelling), 0.08 * section.perfusion)
    assert noise[inside].mean() == pytest.approx(expected[inside].mean(), rel=0.15)
    # A spline swings a little beyond its edges.
    assert noise[:5].max() < 0.01


def test_motion_leaves_its_marks_at_the_edges_of_the_static_signal(section, rng):
    errors = np.square(subtractions(section, rng, motion_mm=0.4) - section.perfusion).mean(axis=0)
    slope = gaussian_gradient_magnitude(static_signal(section.brain, STEADY).astype(np.float64), 1.0)
    steep = slope > np.quantile(slope, 0.9)
    assert errors[steep].mean() > 20 * errors[~steep].mean()


def test_spoilt_pairs_are_far_off(section, rng):
    errors = np.square(subtractions(section, rng, motion_mm=0.2, outlier_share=0.3) - section.perfusion)
    inside = section.brain.inside
    of_pairs = np.sort(errors[:, inside].mean(axis=1))
    assert of_pairs[-1] > 10 * np.median(of_pairs)
    assert 4 <= (of_pairs > 5 * np.median(of_pairs)).sum() <= 20


def test_a_subject_is_the_same_in_a_cohort_of_any_size():
    labelling = Labelling(sections=2, pairs=3)
    told = []
    three = draw_cohort(replace(QUICK.strokes, subjects=3), labelling, count=lambda *far: told.append(far))
    one = draw_cohort(replace(QUICK.strokes, subjects=1), labelling)
    assert told == [(1, 3), (2, 3), (3, 3)]
    for name, values in one.items():
        np.testing.assert_array_equal(three[name][:1], values)
    images = CohortImages.of(three)
    assert images.subtractions.shape == (3, 2, 3, 80, 80)
    assert images.mean_of_all.shape == images.perfusion.shape == images.inside.shape == (3, 2, 80, 80)
    assert (images.edges <= images.inside).all()
    assert images.edges.sum() == pytest.approx(0.15 * images.inside.sum(), rel=0.05)

from __future__ import annotations

import math

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.asl.brain import Head, draw_brain
from CTDenoiseTrainLib.experiments.asl.settings import QUICK, Labelling
from CTDenoiseTrainLib.experiments.asl.subject import draw_subject

HEAD = Head(half_width_mm=66.0, half_length_mm=84.0, ventricles=1.0)
LABELLING = Labelling(sections=3)


def brain(head=HEAD, height=0.0, seed=0):
    return draw_brain(head, height, matrix=80, pixel_mm=2.4, rng=np.random.default_rng(seed))


def test_tissues_fill_the_skull_and_nothing_beside_it():
    tissues = brain()
    total = tissues.grey + tissues.white + tissues.fluid
    assert total.min() == 0
    assert total.max() == 1
    # The area of the ellipse, known to the ragged edge of its pixels.
    assert total.sum() * 2.4**2 == pytest.approx(math.pi * 66 * 84, rel=0.01)


def test_the_mixture_is_that_of_an_adult():
    shares = np.mean([[part.sum() for part in (b.grey, b.white, b.fluid)] for b in map(brain_of, range(6))], axis=0)
    grey, white, fluid = shares / shares.sum()
    # About as much grey as white matter in whole brains; sections above the ventricles have more white.
    assert 0.25 < grey < 0.6
    assert 0.25 < white < 0.6
    assert 0.08 < fluid < 0.25


def brain_of(seed):
    return brain(seed=seed)


def test_larger_ventricles_hold_more_fluid_in_the_middle():
    middle = slice(28, 52), slice(30, 50)
    small, large = (brain(Head(66.0, 84.0, size)).fluid[middle].sum() for size in (0.8, 1.6))
    assert large > 1.5 * small
    assert brain(height=0.6).fluid[middle].sum() < small


def subjects(cohort, count=12):
    return [draw_subject(cohort, LABELLING, np.random.default_rng([1, number])) for number in range(count)]


def test_grey_matter_has_the_perfusion_of_its_cohort_where_nothing_changes_it():
    low, high = QUICK.patients.grey_perfusion
    for sections in subjects(QUICK.patients):
        pure = [s.perfusion[(s.brain.grey == 1) & ~s.changed].mean() for s in sections]
        # Regions differ by 8 %, over a section by less.
        assert 0.9 * low < min(pure)
        assert max(pure) < 1.1 * high


def test_every_stroke_reduces_perfusion_and_few_patients_have_a_change():
    for sections in subjects(QUICK.strokes):
        changed = [s for s in sections if s.changed.sum() > 50]
        assert changed
        for section in changed:
            white = section.brain.white == 1
            inside, outside = section.perfusion[white & section.changed], section.perfusion[white & ~section.changed]
            assert not inside.size or inside.mean() < 0.8 * outside.mean()
    healthy = sum(not any(s.changed.any() for s in sections) for sections in subjects(QUICK.patients, 40))
    assert 10 <= healthy <= 26


def test_fluid_is_not_perfused():
    for section in subjects(QUICK.patients, 1)[0]:
        assert section.perfusion[section.brain.fluid == 1].max() == 0

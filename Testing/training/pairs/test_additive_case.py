"""Noise added to anatomy."""

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseTrainLib.pairs.additive_case import AdditiveCase
from CTDenoiseTrainLib.pairs.noise_windows import NoiseWindows
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.pair_sources import AS_THEY_ARE, complete, description, stored

SHAPE = (7, 48, 40)


@pytest.fixture(scope="module")
def anatomy() -> np.ndarray:
    return np.random.default_rng(1).integers(-1000, 1000, SHAPE).astype(np.float32)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    # Multiples of 1/4 HU are kept exactly.
    return np.rint(80 * np.random.default_rng(2).standard_normal(SHAPE)).astype(np.float32) / 4


def case_of(anatomy, *noises, options=AS_THEY_ARE, averaged=2) -> AdditiveCase:
    windows = [
        NoiseWindows(complete(one), sections=len(anatomy) - averaged + 1, shift=options.shift_pixels) for one in noises
    ]
    return AdditiveCase(description(), anatomy=stored(anatomy), averaged=averaged, noise=windows, options=options)


@pytest.mark.parametrize("averaged", [1, 2, 3])
def test_targets_are_averages_of_adjacent_sections(anatomy, noise, averaged):
    case = case_of(anatomy, noise, averaged=averaged)
    assert case.shape == (SHAPE[0] - averaged + 1, *SHAPE[1:])
    np.testing.assert_allclose(case.anatomy(2), anatomy[2 : 2 + averaged].mean(axis=0), rtol=1e-6)


def test_the_input_is_the_target_and_the_noise_of_the_map(anatomy, noise, rng):
    targets = (anatomy[:-1] + anatomy[1:]) / 2
    pair = case_of(anatomy, noise).patch(Place(2, 4, 8), side=16, context=1, rng=rng)
    np.testing.assert_array_equal(pair.noise, noise[2, 4:20, 8:24])
    np.testing.assert_array_equal(pair.sections, (targets[1:4] + noise[1:4])[:, 4:20, 8:24])


def test_at_the_ends_targets_and_noise_are_repeated_alike(anatomy, noise, rng):
    targets = (anatomy[:-1] + anatomy[1:]) / 2
    case = case_of(anatomy, noise)
    first = case.patch(Place(0, 0, 0), side=16, context=2, rng=rng)
    last = case.patch(Place(5, 0, 0), side=16, context=2, rng=rng)
    np.testing.assert_array_equal(first.sections, (targets + noise[:-1])[[0, 0, 0, 1, 2], :16, :16])
    np.testing.assert_array_equal(last.sections, (targets + noise[1:])[[3, 4, 5, 5, 5], :16, :16])


def test_noise_is_scaled_uniformly_over_its_range(anatomy, noise, rng):
    case = case_of(anatomy, noise, options=replace(AS_THEY_ARE, noise_scale=(0.5, 1.5)))
    true = noise[2, 4:20, 8:24]
    drawn = [case.patch(Place(2, 4, 8), side=16, context=0, rng=rng).noise for _ in range(300)]
    scales = [float((one * true).sum() / (true * true).sum()) for one in drawn]
    assert min(scales) >= 0.5
    assert max(scales) <= 1.5
    # Standard errors of mean and SD of 300 uniform numbers are 0.017 and 0.008; four times that.
    assert np.mean(scales) == pytest.approx(1, abs=0.07)
    assert np.std(scales) == pytest.approx(1 / np.sqrt(12), abs=0.035)


def test_anatomy_and_noise_are_turned_apart(anatomy, noise, rng):
    case = case_of(anatomy, noise, options=replace(AS_THEY_ARE, flips=True, rotations=True))
    pairs = [case.patch(Place(2, 4, 8), side=16, context=0, rng=rng) for _ in range(400)]
    targets = {(pair.sections[0] - pair.noise).tobytes() for pair in pairs}
    noises = {pair.noise.tobytes() for pair in pairs}
    both = {(pair.sections.tobytes(), pair.noise.tobytes()) for pair in pairs}
    assert (len(targets), len(noises), len(both)) == (8, 8, 64)


def test_patches_are_the_same_for_the_same_seed(anatomy, noise):
    case = case_of(anatomy, noise, options=PatchOptions(shift_pixels=5))
    one, other = (case.patch(Place(2, 4, 8), side=16, context=2, rng=np.random.default_rng([0, 5])) for _ in range(2))
    np.testing.assert_array_equal(one.sections, other.sections)
    np.testing.assert_array_equal(one.noise, other.noise)


def test_several_maps_are_drawn_from_equally(anatomy, noise, rng):
    case = case_of(anatomy, noise, 2 * noise)
    drawn = [case.patch(Place(2, 4, 8), side=16, context=0, rng=rng).noise.std() for _ in range(200)]
    assert 70 < sum(np.array(drawn) > 1.5 * min(drawn)) < 130


def test_a_whole_section_is_always_the_same_and_knows_its_target(anatomy, noise):
    case = case_of(anatomy, noise, options=PatchOptions(shift_pixels=15))
    one, other = case.whole(2, context=1), case.whole(2, context=1)
    np.testing.assert_array_equal(one.sections, other.sections)
    np.testing.assert_allclose(one.target, case.anatomy(2), atol=1e-3)
    assert (one.sections[1] - one.target).std() == pytest.approx(20, rel=0.1)
    np.testing.assert_allclose(case.noise(2), one.sections[1] - one.target, atol=1e-3)

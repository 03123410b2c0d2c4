"""Pairs of two images."""

import numpy as np
import pytest

from CTDenoiseTrainLib.pairs.direct_case import DirectCase
from CTDenoiseTrainLib.pairs.pair_case import Place
from CTDenoiseTrainLib.recipe.content import PatchOptions
from support.pair_sources import AS_THEY_ARE, description, stored


@pytest.fixture
def images(rng):
    clean = rng.integers(-1000, 1000, (5, 40, 32)).astype(np.float32)
    return clean + rng.integers(-50, 50, clean.shape), clean


def case_of(images, options=AS_THEY_ARE) -> DirectCase:
    return DirectCase(description(), noisy=stored(images[0]), clean=stored(images[1]), options=options)


def test_noise_is_what_the_clean_image_has_not(images, rng):
    pair = case_of(images).patch(Place(2, 3, 4), side=16, context=1, rng=rng)
    window = np.s_[3:19, 4:20]
    np.testing.assert_array_equal(pair.sections, images[0][1:4, 3:19, 4:20])
    np.testing.assert_array_equal(pair.noise, (images[0] - images[1])[2][window])


def test_both_images_are_flipped_and_turned_together(images, rng):
    case = case_of(images, PatchOptions())
    clean = images[1][2, 3:19, 4:20]
    ways = {np.rot90(way, turn).tobytes() for way in (clean, clean[::-1]) for turn in range(4)}
    drawn = set()
    for _ in range(60):
        pair = case.patch(Place(2, 3, 4), side=16, context=1, rng=rng)
        drawn.add((pair.sections[1] - pair.noise).tobytes())
    assert drawn == ways


def test_a_whole_section_is_given_with_its_target_and_repeated_neighbours(images):
    whole = case_of(images).whole(4, context=2)
    np.testing.assert_array_equal(whole.sections, images[0][[2, 3, 4, 4, 4]])
    np.testing.assert_array_equal(whole.target, images[1][4])


def test_anatomy_is_the_clean_image_and_noise_the_difference(images):
    case = case_of(images)
    np.testing.assert_array_equal(case.anatomy(1), images[1][1])
    np.testing.assert_array_equal(case.noise(1), images[0][1] - images[1][1])
    assert case.shape == (5, 40, 32)
    assert case.spacing == (1.0, 0.5, 0.5)

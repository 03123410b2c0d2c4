"""Pairs of repeats."""

from itertools import permutations

import numpy as np
import pytest

from CTDenoiseTrainLib.pairs.averages_case import AveragesCase
from CTDenoiseTrainLib.pairs.pair_case import Place
from support.pair_sources import AS_THEY_ARE, description, stored

PLACE = Place(1, 0, 0)


def case_of(repeats, averaged=1) -> AveragesCase:
    return AveragesCase(description(), repeats=[stored(one) for one in repeats], averaged=averaged, options=AS_THEY_ARE)


def test_two_repeats_are_drawn_in_both_directions(rng):
    repeats = rng.standard_normal((2, 3, 16, 16)).astype(np.float32)
    case = case_of(repeats)
    pairs = [case.patch(PLACE, side=16, context=1, rng=rng) for _ in range(40)]
    inputs = [next(i for i in (0, 1) if np.array_equal(pair.sections, repeats[i])) for pair in pairs]
    assert 10 < sum(inputs) < 30
    for pair, index in zip(pairs, inputs, strict=True):
        np.testing.assert_array_equal(pair.noise, repeats[index][1] - repeats[1 - index][1])


def test_the_target_is_the_mean_of_the_repeats_that_are_not_in_the_input(rng):
    repeats = rng.standard_normal((4, 3, 16, 16)).astype(np.float32)
    case = case_of(repeats, averaged=2)
    possible = [
        (repeats[[a, b]].mean(axis=0), repeats[[a, b], 1].mean(axis=0) - repeats[[c, d], 1].mean(axis=0))
        for a, b, c, d in permutations(range(4))
    ]
    for _ in range(20):
        pair = case.patch(PLACE, side=16, context=1, rng=rng)
        assert any(
            np.allclose(pair.sections, sections, atol=1e-6) and np.allclose(pair.noise, noise, atol=1e-6)
            for sections, noise in possible
        )


def test_input_and_target_share_no_noise_so_the_whole_noise_is_learned(rng):
    repeats = 20 * rng.standard_normal((5, 6, 64, 64))
    case = case_of(repeats, averaged=2)
    pairs = [case.patch(Place(s, 0, 0), side=64, context=0, rng=rng) for s in range(6) for _ in range(4)]
    noisy = np.concatenate([pair.sections[0] for pair in pairs]).ravel()
    noise = np.concatenate([pair.noise for pair in pairs]).ravel()
    # The best linear estimate of the noise from the input; 1 if target and input are independent. Standard error 0.01.
    assert (noisy @ noise) / (noisy @ noisy) == pytest.approx(1, abs=0.04)


def test_a_whole_section_takes_the_first_repeats_for_input(rng):
    repeats = rng.standard_normal((3, 4, 16, 16)).astype(np.float32)
    whole = case_of(repeats).whole(3, context=1)
    np.testing.assert_array_equal(whole.sections, repeats[0][[2, 3, 3]])
    np.testing.assert_allclose(whole.target, repeats[1:, 3].mean(axis=0), atol=1e-6)


def test_anatomy_is_the_mean_of_all(rng):
    repeats = rng.standard_normal((3, 4, 16, 16)).astype(np.float32)
    np.testing.assert_allclose(case_of(repeats).anatomy(2), repeats[:, 2].mean(axis=0), atol=1e-6)

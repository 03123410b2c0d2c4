from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseTrainLib.experiments.asl.pairs import FewOfAll, channels, context_of


@pytest.fixture(scope="module")
def subtractions():
    return np.random.default_rng(0).normal(30, 20, (3, 2, 6, 24, 24)).astype(np.float32)


def test_the_mean_lies_in_the_middle_and_each_subtraction_beside_it(rng):
    a, b, c = pictures = rng.standard_normal((3, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(channels(pictures[:2]), [a, (a + b) / 2, b], rtol=1e-6)
    np.testing.assert_allclose(channels(pictures), [a, b, (a + b + c) / 3, c, pictures.std(axis=0)], rtol=1e-5)


@pytest.mark.parametrize("averaged", [2, 3, 4, 5])
def test_there_are_as_many_channels_as_the_network_takes(averaged, rng):
    assert len(channels(rng.standard_normal((averaged, 4, 4)).astype(np.float32))) == 2 * context_of(averaged) + 1


@pytest.mark.parametrize("averaged", [2, 3])
def test_the_middle_channel_less_the_noise_is_the_mean_of_all(subtractions, averaged):
    batch = FewOfAll(subtractions, averaged=averaged, side=24, seed=0).draw(range(8))
    middle = context_of(averaged)
    assert batch.sections.shape == (8, 2 * middle + 1, 24, 24)
    target = (batch.sections[:, middle : middle + 1] - batch.noise).numpy()
    means = subtractions.mean(axis=2).reshape(-1, 24, 24)
    possible = np.stack([np.rot90(m, k, (-2, -1)) for m in (means, means[:, ::-1]) for k in range(4)])
    for patch in target[:, 0]:
        assert np.abs(possible - patch).max(axis=(-2, -1)).min() < 1e-3
    # Two or three of six: their noise less that of all has this share of the variance of one.
    expected = 20 * np.sqrt(1 / averaged - 1 / 6)
    assert float(batch.noise_hu.mean()) == pytest.approx(expected, rel=0.1)


def test_a_pair_is_the_same_in_whatever_batch_it_is_drawn(subtractions):
    source = FewOfAll(subtractions, averaged=2, side=16, seed=4)
    together, alone = source.draw([5, 9, 2]), source.draw([9])
    assert torch.equal(together.sections[1], alone.sections[0])
    assert torch.equal(together.noise[1], alone.noise[0])
    assert not torch.equal(together.noise[0], together.noise[1])
    assert not torch.equal(FewOfAll(subtractions, averaged=2, side=16, seed=5).draw([9]).noise, alone.noise)

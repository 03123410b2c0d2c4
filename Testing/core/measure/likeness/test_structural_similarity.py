from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import metrics

from CTDenoiseLib.measure.likeness.structural_similarity import structural_similarity


@given(
    shape=st.tuples(st.integers(11, 30), st.integers(11, 30)),
    scale=st.sampled_from([1.0, 400.0, 4096.0]),
    noise=st.floats(0.001, 0.5),
    seed=st.integers(0, 100),
)
def test_it_is_what_scikit_image_computes(shape, scale, noise, seed):
    rng = np.random.default_rng(seed)
    reference = scale * rng.random(shape)
    other = reference + noise * scale * rng.standard_normal(shape)
    ours = structural_similarity(reference, other, data_range=scale).mean()
    theirs = metrics.structural_similarity(
        reference, other, data_range=scale, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_equal_pictures_are_alike_everywhere(rng):
    picture = rng.random((20, 30))
    index = structural_similarity(picture, picture, data_range=1.0)
    assert index.size == 10 * 20
    assert index == pytest.approx(1)


def test_pixels_beside_invalid_ones_do_not_count(rng):
    picture, other = rng.random((2, 40, 40))
    valid = np.ones((40, 40), dtype=bool)
    valid[20, 20] = False
    other[20, 20] = 1e6
    index = structural_similarity(picture, other, data_range=1.0, valid=valid)
    assert index.size == 30 * 30 - 11 * 11
    assert np.abs(index).max() <= 1


def test_a_picture_smaller_than_the_window_has_no_index():
    assert structural_similarity(np.zeros((10, 50)), np.zeros((10, 50)), data_range=1.0).size == 0

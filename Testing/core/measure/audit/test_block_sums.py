from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.measure.audit.block_sums import block_sums, mean_with_error, standard_error


def test_every_pixel_of_the_mask_is_counted_once(rng):
    mask, values = rng.random((70, 45)) < 0.3, rng.standard_normal((70, 45))
    sums = block_sums(mask, values, values**2)
    assert sums.shape == (3 * 2, 3)
    assert sums.sum(axis=0) == pytest.approx([mask.sum(), values[mask].sum(), (values[mask] ** 2).sum()])


def test_squares_without_pixels_of_the_mask_are_left_out():
    mask = np.zeros((64, 64), bool)
    mask[40, 5] = True
    assert block_sums(mask, np.full((64, 64), 7.0)).tolist() == [[1, 7]]


@pytest.mark.parametrize("coarseness", [0.0, 2.0])
def test_the_error_is_the_scatter_of_means_of_repeated_noise_fine_or_coarse(rng, coarseness):
    noise = rng.standard_normal((60, 192, 192))
    noise = gaussian_filter(noise, (0, coarseness, coarseness))
    mask = np.ones((192, 192), bool)
    means, errors = np.transpose([mean_with_error(*block_sums(mask, section).T) for section in noise])
    # The scatter of 60 means is known within 9 %.
    assert np.mean(errors) == pytest.approx(means.std(), rel=0.25)


def test_too_few_squares_have_no_error():
    assert math.isnan(standard_error(np.ones(4)))

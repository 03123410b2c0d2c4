"""The transforms against the definition: four results of three taps, whatever the numbers."""

from __future__ import annotations

import numpy as np
import torch

from CTDenoiseLib.inference.processor import winograd


def test_an_input_transform_exists_that_makes_every_filter_exact(to_results, input_transform, shifts):
    assert np.linalg.matrix_rank(to_results) == winograd.FACTORS
    # The transform of the kernel is handed out in float32, of 24 bits.
    np.testing.assert_allclose(to_results @ input_transform, shifts, atol=4 * 2.0**-24)


def test_the_bias_of_its_factor_enters_each_result_once(output_transform):
    assert output_transform[:, winograd.BIAS_FACTOR].tolist() == [1, 1, 1, 1]


def test_columns_filters_and_channels_are_transformed_each_on_its_own(numbers, kernel_transform):
    kernel = numbers(5, 4, 3, 3)
    factors = winograd.transform_kernel(kernel, torch.float32)
    assert (factors.shape, factors.dtype) == ((6, 5, 4, 1, 3), torch.float32)
    expected = kernel_transform @ kernel[2, 1].double().numpy()
    np.testing.assert_allclose(factors[:, 2, 1, 0], expected, rtol=1e-6, atol=1e-6)

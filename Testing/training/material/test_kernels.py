from __future__ import annotations

import numpy as np
import pytest
import torch

from CTDenoiseTrainLib.material.kernels import KernelFamily, apply_kernel


@pytest.mark.parametrize("seed", range(5))
def test_kernels_keep_the_hu_values_of_large_areas(seed):
    kernels = KernelFamily().draw(8, 64, np.random.default_rng(seed))
    flat = torch.full((8, 7, 64, 64), 40.0)
    torch.testing.assert_close(apply_kernel(flat, kernels), flat, rtol=0, atol=1e-3)


def test_half_frequency_halves_the_contrast_of_a_wave():
    family = KernelFamily(half=(0.25, 0.25), steepness=(3, 3), boost=(0, 0))
    wave = torch.cos(2 * torch.pi * 0.25 * torch.arange(64.0)).expand(1, 1, 64, 64)
    filtered = apply_kernel(wave, family.draw(1, 64, np.random.default_rng(0)))
    torch.testing.assert_close(filtered, wave / 2, rtol=0, atol=1e-5)


def test_edge_enhancement_overshoots_and_roll_off_alone_does_not(rng):
    edge = torch.zeros(16, 1, 64, 64)
    edge[..., 16:48] = 100.0
    plain = KernelFamily(half=(0.2, 0.2), steepness=(1.5, 1.5), boost=(0, 0)).draw(16, 64, rng)
    sharp = KernelFamily(half=(0.4, 0.4), steepness=(2, 2), boost=(0.8, 0.8), centre=(0.2, 0.2)).draw(16, 64, rng)
    assert apply_kernel(edge, plain).max() < 105
    # Half of the kernels of a family that can enhance edges do so.
    overshoot = apply_kernel(edge, sharp).amax((1, 2, 3))
    assert (overshoot > 112).any()

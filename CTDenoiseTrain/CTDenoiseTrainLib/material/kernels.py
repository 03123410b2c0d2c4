"""A random family of reconstruction kernels, as isotropic transfer functions in the image.

The noise of `simulate.noise_reconstruction` and anatomy that is sharp for each pixel both pass through the same kernel,
as they would in a scanner, so that a network cannot tell one from the other by sharpness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class KernelFamily:
    """Ranges from which kernels are drawn; frequencies in cycles per pixel.

    A kernel is `exp(−ln 2 · (f / half)^steepness) · (1 + boost · bump(f))`, with a bump at `centre` of the given
    `width` that vanishes at zero frequency, so that HU values of large areas are kept. The boost gives the overshoot of
    lung and bone kernels.

    Attributes:
        half: Frequency at which the roll-off reaches one half.
        steepness: Exponent of the roll-off.
        boost: Gain of the edge enhancement; half of the kernels have none.
        centre: Frequency of the edge enhancement.
        width: Width of the edge enhancement.
    """

    half: tuple[float, float] = (0.16, 0.55)
    steepness: tuple[float, float] = (1.5, 6.0)
    boost: tuple[float, float] = (0.0, 0.9)
    centre: tuple[float, float] = (0.1, 0.32)
    width: tuple[float, float] = (0.05, 0.15)

    def draw(self, count: int, side: int, rng: np.random.Generator) -> Tensor:
        """Draw transfer functions for `torch.fft.rfft2` of square patches, shape (count, 1, side, side // 2 + 1)."""
        f = torch.from_numpy(np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]).astype(np.float32))

        def uniform(limits: tuple[float, float]) -> Tensor:
            return torch.from_numpy(rng.uniform(*limits, (count, 1, 1, 1)).astype(np.float32))

        half, steepness, centre, width = (uniform(r) for r in (self.half, self.steepness, self.centre, self.width))
        boost = uniform(self.boost) * torch.from_numpy(rng.integers(0, 2, (count, 1, 1, 1)).astype(np.float32))
        bump = torch.exp(-(((f - centre) / width) ** 2)) - torch.exp(-((centre / width) ** 2)) * (f == 0)
        kernel: Tensor = torch.exp(-math.log(2) * (f / half) ** steepness) * (1 + boost * bump)
        return kernel


def apply_kernel(sections: Tensor, kernel: Tensor) -> Tensor:
    """Filter patches of shape (n, sections, side, side); the margin is periodic and must be cut off by the caller."""
    filtered: Tensor = torch.fft.irfft2(torch.fft.rfft2(sections) * kernel, s=sections.shape[-2:])
    return filtered

"""What a linear filter leaves of a vessel, from formulas of Fourier space alone."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import j1


def retained_by_a_gaussian(diameter: float, *, blur: float, pixel: float, filter_sigma: float) -> float:
    """Share of a disc that a Gaussian filter leaves, projected on the disc as the image shows it.

    ∫|V|²H / ∫|V|²: V is the disc's transform 2J₁(πdf)/(πdf), times that of the blur and of the pixel, H the filter's.

    Args:
        diameter: Of the disc in mm.
        blur: Standard deviation of the image's resolution in mm.
        pixel: Side of a pixel in mm.
        filter_sigma: Standard deviation of the filter in mm.
    """
    axis = np.linspace(-4, 4, 1601)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    f = np.hypot(y, x)
    argument = np.maximum(math.pi * diameter * f, 1e-9)
    disc = 2 * j1(argument) / argument
    vessel = disc * np.exp(-2 * (math.pi * blur * f) ** 2) * np.sinc(pixel * y) * np.sinc(pixel * x)
    power = vessel**2
    return float((power * np.exp(-2 * (math.pi * filter_sigma * f) ** 2)).sum() / power.sum())

"""Discs and straight edges of known blur: pictures whose transfer function is a formula.

A pixel holds the value at its centre, or the mean over its area, which multiplies the transfer function by
sinc(fy·dy)·sinc(fx·dx). Blurs are isotropic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import i0e, i1e, ndtr, roots_legendre

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Kernel:
    """A blur: a Gaussian, with its edges enhanced on request.

    The transfer function is (1 + 2·π²·enhancement·sigma²·f²)·exp(−2·π²·sigma²·f²). With an enhancement above 1 it
    exceeds 1 and the edge rings once on either side, as with a sharp convolution kernel.

    Attributes:
        sigma: In mm.
        enhancement: 0 for the pure Gaussian.
    """

    sigma: float
    enhancement: float = 0.0

    def transfer(self, frequency: Floats | float) -> Floats:
        """Transfer function at frequencies in mm⁻¹."""
        square = 2 * np.pi**2 * self.sigma**2 * np.square(frequency)
        return np.asarray((1 + self.enhancement * square) * np.exp(-square))

    def frequency_at(self, value: float, *, aperture: Callable[[float], float] = lambda _: 1.0) -> float:
        """Frequency in mm⁻¹ where the transfer function, times that of the pixel, falls to a value."""
        above = np.linspace(1e-6, 2 / self.sigma, 4000)
        curve = np.array([float(self.transfer(f)) * aperture(f) for f in above])
        first = int(np.argmax(curve < value))
        return float(brentq(lambda f: float(self.transfer(f)) * aperture(f) - value, above[first - 1], above[first]))

    def edge(self, distance: Floats) -> Floats:
        """Edge spread function: 0 far below, 1 far above, at distances in mm from a straight edge."""
        scaled = distance / self.sigma
        slope = np.exp(-(scaled**2) / 2) / np.sqrt(2 * np.pi)
        # −f² is the second derivative over 4π²; that of the edge is the slope of the Gaussian.
        return np.asarray(ndtr(scaled) + self.enhancement / 2 * scaled * slope)

    def disc(self, distance: Floats, radius: float) -> Floats:
        """A disc of value 1 after the blur, at distances in mm from its centre."""
        fine = np.linspace(max(0.0, radius - 9 * self.sigma), radius + 9 * self.sigma, 4001)
        profile = _gaussian_disc(fine, radius, self.sigma)
        if self.enhancement:
            profile = profile - self.enhancement / 2 * self.sigma**2 * _laplacian_of_disc(fine, radius, self.sigma)
        return np.asarray(np.interp(distance, fine, profile))


def _gaussian_disc(distance: Floats, radius: float, sigma: float) -> Floats:
    """∫₀ᴿ ρ/σ² exp(−(r² + ρ²)/2σ²) I₀(rρ/σ²) dρ, by Gauss–Legendre where the integrand lives."""
    nodes, weights = roots_legendre(80)
    low = np.clip(distance - 9 * sigma, 0, radius)
    high = np.clip(distance + 9 * sigma, 0, radius)
    half = (high - low)[:, None] / 2
    rho = (high + low)[:, None] / 2 + half * nodes
    r = distance[:, None]
    integrand = rho / sigma**2 * np.exp(-((r - rho) ** 2) / (2 * sigma**2)) * i0e(r * rho / sigma**2)
    return np.asarray((integrand * half) @ weights)


def _laplacian_of_disc(distance: Floats, radius: float, sigma: float) -> Floats:
    """Laplacian of the blurred disc: twice its derivative by σ², which is known in closed form."""
    argument = distance * radius / sigma**2
    envelope = np.exp(-((distance - radius) ** 2) / (2 * sigma**2))
    return np.asarray(radius / sigma**4 * envelope * (distance * i1e(argument) - radius * i0e(argument)))


def disc_picture(
    shape: tuple[int, int],
    *,
    pixel_spacing: tuple[float, float],
    centre: tuple[float, float],
    radius_mm: float,
    kernel: Kernel,
    contrast_hu: float = 100.0,
    background_hu: float = 0.0,
    supersampling: int = 1,
) -> Floats:
    """A blurred disc in HU, shape (y, x).

    Args:
        shape: Rows and columns.
        pixel_spacing: Row and column spacing (y, x) in mm.
        centre: In pixels (y, x), fractions included.
        radius_mm: Of the disc.
        kernel: The blur.
        contrast_hu: Disc minus background, of either sign.
        background_hu: Around it.
        supersampling: Points along a side of each pixel that are averaged; 1 takes the value at its centre.
    """

    def value(y: Floats, x: Floats) -> Floats:
        return kernel.disc(np.hypot(y - centre[0] * pixel_spacing[0], x - centre[1] * pixel_spacing[1]), radius_mm)

    return background_hu + contrast_hu * _picture(value, shape, pixel_spacing, supersampling)


def edge_picture(
    shape: tuple[int, int],
    *,
    pixel_spacing: tuple[float, float],
    normal_degrees: float,
    kernel: Kernel,
    offset_mm: float = 0.0,
    low_hu: float = 0.0,
    high_hu: float = 100.0,
    supersampling: int = 1,
) -> Floats:
    """A blurred straight edge through the middle of the picture, in HU, shape (y, x).

    Args:
        shape: Rows and columns.
        pixel_spacing: Row and column spacing (y, x) in mm.
        normal_degrees: Direction from low to high, 0 along the columns' index, 90 along the rows' index, in mm space.
        kernel: The blur.
        offset_mm: Of the edge from the middle, along the normal.
        low_hu: On the one side.
        high_hu: On the other.
        supersampling: Points along a side of each pixel that are averaged; 1 takes the value at its centre.
    """
    normal = np.sin(np.radians(normal_degrees)), np.cos(np.radians(normal_degrees))
    middle = [(size - 1) / 2 * step for size, step in zip(shape, pixel_spacing, strict=True)]

    def value(y: Floats, x: Floats) -> Floats:
        return kernel.edge((y - middle[0]) * normal[0] + (x - middle[1]) * normal[1] - offset_mm)

    return low_hu + (high_hu - low_hu) * _picture(value, shape, pixel_spacing, supersampling)


def _picture(
    value: Callable[[Floats, Floats], Floats], shape: tuple[int, int], spacing: tuple[float, float], points: int
) -> Floats:
    offsets = (np.arange(points) + 0.5) / points - 0.5
    rows = ((np.arange(shape[0])[:, None] + offsets) * spacing[0]).reshape(-1)
    columns = ((np.arange(shape[1])[:, None] + offsets) * spacing[1]).reshape(-1)
    fine = value(rows[:, None], columns[None, :])
    return np.asarray(fine.reshape(shape[0], points, shape[1], points).mean(axis=(1, 3)))

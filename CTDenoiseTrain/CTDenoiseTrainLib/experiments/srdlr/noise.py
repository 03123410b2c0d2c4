"""Noise, as repeated scans of the same phantom tell it: what differs between them, whatever the structure below."""

from __future__ import annotations

import numpy as np

from CTDenoiseLib.measure.noise.nps import NoisePowerSpectrum, noise_power_spectrum

from .places import distances, square_around
from .settings import Settings
from .shapes import Floats
from .unseen_phantoms import ROD_RADIUS_MM, RODS

# The even middle between the rods.
MIDDLE_HALF_MM = 5.5
_EDGE_ROD_HU, _EDGE_MM = 400.0, 0.7


def middle_spectrum(stack: Floats, settings: Settings) -> NoisePowerSpectrum:
    """Noise power spectrum in the even middle of repeated scans of the rods, shape (n, y, x)."""
    rows, columns = square_around((0.0, 0.0), MIDDLE_HALF_MM, settings)
    regions = _noise(stack)[:, rows, columns]
    return noise_power_spectrum(regions, pixel_spacing=(settings.pixel_mm, settings.pixel_mm), detrend=0)


def noise_at_edge(stack: Floats, settings: Settings) -> float:
    """Noise in HU along the edge of the rod of 400 HU, where networks that keep edges leave more of it."""
    edge = np.abs(distances(RODS[_EDGE_ROD_HU], settings) - ROD_RADIUS_MM) < _EDGE_MM
    return float(np.sqrt(np.mean(np.square(_noise(stack)[:, edge]))))


def _noise(stack: Floats) -> Floats:
    """Repeated scans without their mean, scaled up for what the mean takes of the noise."""
    count = len(stack)
    return np.asarray((stack - stack.mean(axis=0)) * np.float32(np.sqrt(count / (count - 1))))

"""Noise taken from real series by subtracting sections a few increments apart.

Soft tissue hardly changes over a few millimetres, so the difference of two sections is noise, with the streaks and the
texture of the real scanner and kernel, wherever anatomy is flat in both. Elsewhere it holds anatomy and must not be
used: a weight says where.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ..smoothing import weighted_mean
from .noise_map import NoiseMap


def adjacent_section_noise(
    hu: NDArray[np.float32], *, apart: int = 3, smoothing: float = 2.5, flat_hu: float = 25.0
) -> NoiseMap:
    """Subtract sections `apart` increments from each other.

    Two sections of independent noise have a difference of twice the variance, hence the division by √2. `apart` must be
    large enough for the noise of the two to be independent: adjacent sections of a helical scan share projections.

    Args:
        hu: HU values, shape (z, y, x).
        apart: Distance in sections.
        smoothing: SD in pixels of the Gaussian before flatness is judged, so that noise does not count as anatomy.
        flat_hu: Smoothed differences, and smoothed changes over three pixels, up to this are taken as flat.

    Returns:
        A map of `z − apart` sections.
    """
    difference = (hu[:-apart] - hu[apart:]) / np.float32(np.sqrt(2))
    smooth = gaussian_filter(hu, (0, smoothing, smoothing))
    change = np.abs(smooth[:-apart] - smooth[apart:])
    slope = 3 * np.hypot(*np.gradient(smooth, axis=(1, 2)))
    slope = np.maximum(slope[:-apart], slope[apart:])
    tissue = (np.abs(smooth - 20) < 220).astype(np.float32)
    flat = ((change < flat_hu) & (slope < flat_hu)) * tissue[:-apart] * tissue[apart:]
    # Holes that noise tears into the mask are closed, and its borders made soft, by one more smoothing.
    weight = np.clip(2.5 * gaussian_filter(flat.astype(np.float32), (0, smoothing, smoothing)) - 1.0, 0, 1)
    # Tissue changes slowly between the two sections; the change is taken from flat places only, lest anatomy spread.
    noise = difference - weighted_mean(difference, weight, (0, 6 * smoothing, 6 * smoothing))
    return NoiseMap(noise=noise.astype(np.float32), weight=weight.astype(np.float32))

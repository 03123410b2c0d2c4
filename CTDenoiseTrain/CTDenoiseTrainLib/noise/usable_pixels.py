"""Where a section holds values that a scanner measured: no padding, and not clipped to the range of stored values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.volume import Volume

# The range of 12-bit CT; noise below and above it is cut off by most scanners.
LOWEST_HU, HIGHEST_HU = -1024.0, 3071.0
_REACH_PIXELS = 2.0
_LEAST_SHARE = 0.8


def usable_weight(volume: Volume, section: int) -> NDArray[np.float32]:
    """1 where a section holds measured values, falling to 0 where a fifth of those around are padding or clipped.

    Noise that is cut off on one side has another mean and SD, also in the pixels that were not cut.

    Args:
        volume: The series.
        section: Index along z.
    """
    hu = volume.section(section)
    # Whatever the range is, values that were clipped lie at its ends.
    low, high = max(LOWEST_HU, float(hu.min())), min(HIGHEST_HU, float(hu.max()))
    measured = (hu > low) & (hu < high) & ~volume.padding_mask(section)
    share = gaussian_filter(measured.astype(np.float32), _REACH_PIXELS)
    return np.asarray(np.clip((share - _LEAST_SHARE) / (1 - _LEAST_SHARE), 0, 1) * measured, dtype=np.float32)

"""Noise taken from real series by subtracting sections a few increments apart.

Soft tissue hardly changes over a few millimetres, so the difference of two sections is noise, with the streaks and the
texture of the real scanner and kernel, wherever anatomy is flat in both. Elsewhere it holds anatomy and must not be
used: a weight says where.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ..errors import DataError
from ..smoothing import weighted_mean
from .by_section import Allocate, each_section, in_memory
from .noise_map import NoiseMap

SMOOTHING_PIXELS = 2.5
FLAT_HU = 25.0

_TISSUE_CENTRE_HU, _TISSUE_HALF_WIDTH_HU = 20.0, 220.0


def adjacent_section_noise(
    hu: NDArray[np.generic],
    *,
    apart: int = 3,
    smoothing: float = SMOOTHING_PIXELS,
    flat_hu: float = FLAT_HU,
    allocate: Allocate = in_memory,
) -> NoiseMap:
    """Subtract sections `apart` increments from each other.

    Two sections of independent noise have a difference of twice the variance, hence the division by √2. `apart` must be
    large enough for the noise of the two to be independent: adjacent sections of a helical scan share projections.

    Args:
        hu: HU values of any real type, shape (z, y, x); may be memory-mapped.
        apart: Distance in sections.
        smoothing: SD in pixels of the Gaussian before flatness is judged, so that noise does not count as anatomy.
        flat_hu: Smoothed differences, and smoothed changes over three pixels, up to this are taken as flat.
        allocate: Makes room for noise and for weight.

    Returns:
        A map of `z − apart` sections.

    Raises:
        DataError: There are not more than `apart` sections, or `apart` is below 1.
    """
    if apart < 1:
        raise DataError(f"Sections {apart} apart cannot be subtracted; set sections_apart to 1 or more.")
    sections, rows, columns = hu.shape
    if sections <= apart:
        raise DataError(
            f"The series has {sections} sections, and noise is the difference of sections {apart} apart; "
            "give a longer series."
        )
    noise, weight = (allocate((sections - apart, rows, columns)) for _ in range(2))

    def one(index: int) -> None:
        pair = [np.asarray(hu[place], dtype=np.float32) for place in (index, index + apart)]
        weight[index] = flat_in_both(pair, smoothing=smoothing, flat_hu=flat_hu)
        difference = (pair[0] - pair[1]) / np.float32(np.sqrt(2))
        # Tissue changes slowly between the two; the change is taken from flat places only, lest anatomy spread.
        change = weighted_mean(difference, weight[index], 6 * smoothing)
        np.subtract(difference, change, out=noise[index])

    each_section(one, len(noise))
    return NoiseMap(noise=noise, weight=weight)


def flat_in_both(
    pair: Sequence[NDArray[np.float32]], *, smoothing: float = SMOOTHING_PIXELS, flat_hu: float = FLAT_HU
) -> NDArray[np.float32]:
    """1 where soft tissue is flat in both sections and does not change between them, falling to 0 elsewhere.

    Args:
        pair: HU of two sections, each of shape (y, x).
        smoothing: As for `adjacent_section_noise`.
        flat_hu: Likewise.
    """
    smooth = [gaussian_filter(section, smoothing) for section in pair]
    flat = np.abs(smooth[0] - smooth[1]) < flat_hu
    for section in smooth:
        flat &= 3 * np.hypot(*np.gradient(section)) < flat_hu
        flat &= np.abs(section - _TISSUE_CENTRE_HU) < _TISSUE_HALF_WIDTH_HU
    # Holes that noise tears into the mask are closed, and its borders made soft, by one more smoothing.
    return np.asarray(np.clip(2.5 * gaussian_filter(flat.astype(np.float32), smoothing) - 1.0, 0, 1), dtype=np.float32)

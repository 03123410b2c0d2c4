"""Noise maps without holes, and how strong their noise is where.

A noise map tells of each pixel whether it is noise alone. Where it is not, anatomy would be learned as noise, so such
holes are filled with noise of the same map and section from places where it is pure, at the level of the hole. All
sections are filled from the same places, so that noise of adjacent sections stays correlated.

The level is the local SD where the map is pure. In holes it is judged from the finest detail, the second difference
along rows of that along columns, in which straight edges vanish (Immerkær, Comput Vis Image Underst 1996;64:300): its
median magnitude in blocks, of these a low one of the neighbourhood, times the ratio of SD and this in pure noise. Among
the vessels and ribs of a simulated thorax it is 0.98 to 1.12 times the truth in nine of ten blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d, gaussian_filter, percentile_filter, zoom

from ..errors import DataError
from ..noise.by_section import Allocate, each_section
from ..noise.noise_map import NoiseMap
from .section_covariance import Subtraction
from .volume_cache import StoredVolume, VolumeCache

BLOCK = 8
"""Rows and columns of the blocks of `CompleteNoise.level`."""

_LEVEL_SMOOTHING_BLOCKS = 1.5
_CALM_SHARE = 0.1
_NEIGHBOURHOOD_BLOCKS = 5
_KNOWN_SHARE = 0.25  # of a neighbourhood that must be pure noise for its own SD to count
_HIGHEST_LEVEL = 1.5  # in holes, as a multiple of nearly the highest level of pure noise
_MOST_PLACES = 60
_FULL = 0.9999
_SECTIONS_LOOKED_AT = 16


@dataclass(frozen=True)
class CompleteNoise:
    """Noise of a series.

    Attributes:
        noise: In HU, shape (z, y, x).
        level: Its local SD in HU, one value for each block of 8 × 8 pixels, shape (z, y / 8, x / 8), rounded up.
        typical_hu: Range of its SD: the 10th and 90th percentile where the map is pure noise.
        subtraction: How sections of a series were subtracted; `None` if it was made otherwise.
        filled_share: Share of the voxels that were filled.
    """

    noise: StoredVolume
    level: NDArray[np.float32]
    typical_hu: tuple[float, float]
    subtraction: Subtraction | None
    filled_share: float


def complete_noise(
    noise_map: NoiseMap, *, cache: VolumeCache, allocate: Allocate, subtraction: Subtraction | None, name: str
) -> CompleteNoise:
    """Fill the holes of a noise map and measure its level.

    Args:
        noise_map: The map.
        cache: Keeps the result.
        allocate: Makes room for a volume that is needed meanwhile.
        subtraction: See `CompleteNoise`.
        name: Of the case, for messages.

    Raises:
        DataError: Hardly anything of the map is pure noise.
        WriteFailedError: The disk is full.
    """
    noise, weight = noise_map.noise, noise_map.weight
    looked_at = np.unique(np.linspace(0, len(noise) - 1, _SECTIONS_LOOKED_AT).round().astype(int)).tolist()
    pure = float(np.mean([weight[section].mean() for section in looked_at]))
    sd, detail = np.concatenate([_pure_blocks(noise[section], weight[section]) for section in looked_at], axis=1)
    if not sd.size:
        raise DataError(
            f"Hardly anything of the noise map of {name} is pure noise ({100 * pure:.1f} %); give images with more "
            "soft tissue, or make noise maps in another way."
        )
    ratio = float(np.median(sd / detail))
    low, high = np.percentile(sd, (10, 90)).tolist()
    weights = np.stack([_block_means(weight[section]) for section in looked_at])
    places = _places_to_fill_from(weights)
    level = np.empty((len(noise), *weights.shape[1:]), np.float32)
    filled = allocate((noise.shape[0], noise.shape[1], noise.shape[2]))

    def one(section: int) -> None:
        level[section] = _level(noise[section], weight[section], ratio)
        _fill(noise[section], weight[section], level[section], places, out=filled[section])

    each_section(one, len(noise))
    return CompleteNoise(cache.keep_noise(filled), level, (low, high), subtraction, 1 - pure)


def _pure_blocks(noise: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """SD and finest detail of the blocks of pure noise, shape (2, n)."""
    sd, known = _local_sd(noise, weight)
    detail = _detail(noise)
    counts = (known > _KNOWN_SHARE) & (detail > 0)
    return np.stack([sd[counts], detail[counts]])


def _level(noise: NDArray[np.float32], weight: NDArray[np.float32], ratio: float) -> NDArray[np.float32]:
    """Local SD in each block, shape (y / 8, x / 8)."""
    sd, known = _local_sd(noise, weight)
    judged = ratio * _detail(noise)
    certain = known > _KNOWN_SHARE
    if certain.any():
        judged = np.minimum(judged, _HIGHEST_LEVEL * np.percentile(sd[certain], 95))
    trust = np.clip(2 * known / _KNOWN_SHARE - 1, 0, 1)
    return np.asarray(trust * sd + (1 - trust) * judged, dtype=np.float32)


def _local_sd(
    noise: NDArray[np.float32], weight: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """SD of pure noise around each block, and the share of the neighbourhood that is pure."""
    known = gaussian_filter(_block_means(weight), _LEVEL_SMOOTHING_BLOCKS)
    power = gaussian_filter(_block_means(weight * noise * noise), _LEVEL_SMOOTHING_BLOCKS)
    return np.sqrt(power / np.maximum(known, 1e-3)), known


def _detail(noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Magnitude of the finest detail around each block, where there is least of it."""
    finest = np.abs(convolve1d(convolve1d(noise, (1, -2, 1), axis=0), (1, -2, 1), axis=1))
    medians = np.median(_blocks(finest), axis=(1, 3))
    calm = percentile_filter(medians, 100 * _CALM_SHARE, size=_NEIGHBOURHOOD_BLOCKS)
    return np.asarray(gaussian_filter(calm, _LEVEL_SMOOTHING_BLOCKS), dtype=np.float32)


def _block_means(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(_blocks(picture).mean(axis=(1, 3)), dtype=np.float32)


def _blocks(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Shape (y / 8, 8, x / 8, 8); the last rows and columns are repeated to fill the last blocks."""
    missing = [(0, -side % BLOCK) for side in picture.shape]
    padded = np.pad(picture, missing, mode="edge")
    return padded.reshape(padded.shape[0] // BLOCK, BLOCK, padded.shape[1] // BLOCK, BLOCK)


def _places_to_fill_from(weights: NDArray[np.float32]) -> list[tuple[int, int]]:
    """By how many rows and columns the map is moved to fill its holes, the most useful first.

    Args:
        weights: Weight of each block of some sections, shape (n, y / 8, x / 8). Holes are counted section by section:
            where one has hardly any pure noise, others may have no hole.
    """
    seen = np.conj(np.fft.rfft2(weights))
    taken = np.zeros(weights.shape[1:], dtype=bool)
    taken[0, 0] = True
    hole, places = 1 - weights, []
    for _ in range(min(_MOST_PLACES, taken.size - 1)):
        if hole.mean() < 1 - _FULL:
            break
        covered = np.fft.irfft2((np.fft.rfft2(hole) * seen).sum(axis=0), s=weights.shape[1:])
        # Noise from the same place a second time would not be independent of that of the first.
        covered[taken] = -np.inf
        row, column = (int(index) for index in np.unravel_index(int(covered.argmax()), covered.shape))
        taken[row, column] = True
        places.append((BLOCK * row, BLOCK * column))
        hole = hole * (1 - np.roll(weights, (row, column), axis=(1, 2)))
    return places


def _fill(
    noise: NDArray[np.float32],
    weight: NDArray[np.float32],
    level: NDArray[np.float32],
    places: Sequence[tuple[int, int]],
    *,
    out: NDArray[np.float32],
) -> None:
    """Fill the holes of one section.

    Independent noises add in variance, so each pixel's shares are those of a rotation: their squares add up to 1.
    """
    if weight.min() == 1:
        out[:] = noise
        return
    fine_level = _upsampled(level, noise.shape)
    unit = noise / np.maximum(fine_level, 1e-3)
    missing = np.sqrt(np.maximum(1 - weight * weight, 0))
    np.multiply(weight, noise, out=out)
    for place in places:
        moved_weight = np.roll(weight, place, axis=(0, 1))
        out += missing * moved_weight * np.roll(unit, place, axis=(0, 1)) * fine_level
        missing *= np.sqrt(np.maximum(1 - moved_weight * moved_weight, 0))
    out /= np.sqrt(np.maximum(1 - missing * missing, 0.25))


def _upsampled(level: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    fine = zoom(level, BLOCK, order=1, mode="nearest", grid_mode=True)
    return np.asarray(fine[: shape[0], : shape[1]], dtype=np.float32)

"""Sections of a body with round bones whose contrast, size and place are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.volume import Geometry, Volume

PIXEL_MM = 1.2
TISSUE_HU, BONE_HU, BONE_RADIUS = 40.0, 800.0, 3.0
# Rows and columns, in pixels from the middle.
BONES = ((-36, 0), (36, -14), (0, 44))
_NOISE_HU = 2.0


def bone_sections(*, sections: int = 3, side: int = 128, seed: int = 0) -> NDArray[np.float32]:
    """HU of sections, shape (sections, side, side), with edges as wide as a pixel and a little noise of their own.

    Args:
        sections: How many; bones are a little further out from one to the next.
        side: Rows and columns.
        seed: Of the noise.
    """
    place = np.arange(side) - (side - 1) / 2
    y, x = np.meshgrid(place, place, indexing="ij")
    pictures = []
    for number in range(sections):
        picture = np.where(np.hypot(y / 50, x / 58) < 1, TISSUE_HU, -1000.0)
        for row, column in BONES:
            scale = 1 + 0.02 * number
            picture[np.hypot(y - scale * row, x - scale * column) < BONE_RADIUS] = BONE_HU
        pictures.append(gaussian_filter(picture, 0.6))
    noise = _NOISE_HU * np.random.default_rng(seed).standard_normal((sections, side, side))
    return (np.stack(pictures) + noise).astype(np.float32)


def bone_volume(*, sections: int = 3, seed: int = 0) -> Volume:
    """The same as a volume."""
    return Volume(bone_sections(sections=sections, seed=seed), Geometry(spacing=(5.0, PIXEL_MM, PIXEL_MM)))

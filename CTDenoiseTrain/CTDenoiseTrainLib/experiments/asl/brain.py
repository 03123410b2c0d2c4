"""A simple brain: where grey matter, white matter and fluid lie in a section through the head."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

_FINER = 2
"""Sections are drawn with pixels finer by this, and averaged: so there are pixels of several tissues."""
_CORTEX_MM, _RIM_MM, _GAP_MM = 3.5, 2.5, 1.2
_FOLD_MM, _FOLD_DEPTH_MM = 5.0, 20.0


@dataclass(frozen=True)
class Head:
    """Sizes of one head.

    Attributes:
        half_width_mm: Of the space within the skull at its widest.
        half_length_mm: From its middle to the forehead.
        ventricles: Size of the ventricles over that of a young adult.
    """

    half_width_mm: float
    half_length_mm: float
    ventricles: float

    @classmethod
    def draw(cls, rng: np.random.Generator, *, ventricles: tuple[float, float]) -> Head:
        """One of an adult."""
        return cls(rng.uniform(62, 72), rng.uniform(78, 90), rng.uniform(*ventricles))


@dataclass(frozen=True)
class Brain:
    """Shares of each pixel of a section, shape (y, x); what is left lies outside the skull.

    Attributes:
        grey: Grey matter: cortex with its folds, and the nuclei around the ventricles.
        white: White matter.
        fluid: Cerebrospinal fluid around the brain, between its folds and in the ventricles.
    """

    grey: Floats
    white: Floats
    fluid: Floats

    @property
    def inside(self) -> Mask:
        """Pixels within the skull."""
        return np.asarray(self.grey + self.white + self.fluid > 0.5)


def draw_brain(head: Head, height: float, *, matrix: int, pixel_mm: float, rng: np.random.Generator) -> Brain:
    """Draw a section.

    Args:
        head: Sizes.
        height: Of the section, 0 through the ventricles and 1 at the vertex.
        matrix: Rows and columns.
        pixel_mm: Side of a pixel.
        rng: Of the folds.
    """
    y, x = millimetres(matrix * _FINER, pixel_mm / _FINER)
    shrunk = math.sqrt(1 - (0.8 * height) ** 2)
    half_width, half_length = head.half_width_mm * shrunk, head.half_length_mm * shrunk
    depth = (1 - np.hypot(x / half_width, y / half_length)) * half_width - _RIM_MM
    from_sulcus = _distance_from_sulci(depth.shape, pixel_mm / _FINER, rng)
    folded = depth < _FOLD_DEPTH_MM
    between_halves = np.abs(y) > 0.35 * half_length
    grey = (depth < _CORTEX_MM) | (folded & (from_sulcus < _CORTEX_MM))
    grey |= between_halves & (np.abs(x) < _GAP_MM + _CORTEX_MM)
    fluid = (folded & (from_sulcus < _GAP_MM / 2)) | (between_halves & (np.abs(x) < _GAP_MM))
    for nucleus in _nuclei(x, y, height):
        grey |= nucleus
    for ventricle in _ventricles(x, y, height, head.ventricles):
        fluid |= ventricle
    fluid |= depth < 0
    inside = depth > -_RIM_MM
    shares = (inside & grey & ~fluid, inside & ~grey & ~fluid, inside & fluid)
    return Brain(*(_averaged(share) for share in shares))


def millimetres(matrix: int, pixel_mm: float) -> tuple[Floats, Floats]:
    """Places (y, x) of pixels from the middle in mm, each of shape (matrix, matrix); the forehead has negative y."""
    places = ((np.arange(matrix) - (matrix - 1) / 2) * pixel_mm).astype(np.float32)
    y, x = np.meshgrid(places, places, indexing="ij")
    return y, x


def smooth_field(shape: tuple[int, int], sigma_pixels: float, rng: np.random.Generator) -> Floats:
    """A random field of unit SD, smooth over so many pixels."""
    field = gaussian_filter(rng.standard_normal(shape), sigma_pixels, mode="wrap")
    return np.asarray(field / field.std(), dtype=np.float32)


def _distance_from_sulci(shape: tuple[int, int], pixel_mm: float, rng: np.random.Generator) -> Floats:
    """About the distance in mm from winding lines, those where a random field is zero."""
    field = smooth_field(shape, _FOLD_MM / pixel_mm, rng)
    # Of a field as smooth as this the slope has this SD.
    return np.asarray(np.abs(field) * (_FOLD_MM * math.sqrt(2)))


def _nuclei(x: Floats, y: Floats, height: float) -> list[Mask]:
    """Caudate nucleus and thalamus of both sides; they end below the upper part of the brain."""
    size = math.sqrt(max(0.0, 1 - (height / 0.45) ** 2))
    places = ((-15.0, 6.0, 9.0), (9.0, 8.0, 11.0))
    return [
        np.hypot((np.abs(x) - 15) / (across * size), (y - middle) / (along * size)) < 1
        for middle, across, along in places
        if size > 0
    ]


def _ventricles(x: Floats, y: Floats, height: float, size: float) -> list[Mask]:
    """The lateral ventricles, lower than the upper part of the brain."""
    size *= math.sqrt(max(0.0, 1 - (height / 0.6) ** 2))
    if size <= 0:
        return []
    bent = np.abs(x) - 5 * size - 0.06 * np.abs(y)
    return [np.hypot(bent / (3.5 * size), y / (26 * min(1.2, size))) < 1]


def _averaged(share: Mask) -> Floats:
    side = share.shape[0] // _FINER
    return np.asarray(share.reshape(side, _FINER, side, _FINER).mean(axis=(1, 3)), dtype=np.float32)

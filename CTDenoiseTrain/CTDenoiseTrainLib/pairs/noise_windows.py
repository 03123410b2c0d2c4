"""Noise for the sections of a network's window, drawn from a noise map.

All sections of a window are moved alike, so that noise of adjacent sections stays correlated as in the scanner's
images.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .complete_noise import BLOCK, CompleteNoise
from .pair_case import Place
from .section_covariance import section_weights
from .source_case import window_sections

INDEPENDENT_PIXELS = 8
"""Noise so many rows or columns apart counts as independent; that of CT kernels is correlated over a few pixels."""

_FARTHER_PIXELS = 16
_MOST_RATIO = 2.0
_LEAST_LEVEL = np.float32(1e-3)


class NoiseWindows:
    """Draws windows of noise. Thread-safe."""

    def __init__(self, noise: CompleteNoise, *, sections: int | None, shift: int, least_shift: int = 0) -> None:
        """Say how noise is moved.

        Args:
            noise: The map.
            sections: How many the images have that it lies on. Their first half belongs to the first sections of the
                map, their second half to its last, since a map may have fewer. `None` if the map does not lie on the
                images: windows are then taken from anywhere in it.
            shift: It is moved by up to so many pixels along rows and columns ...
            least_shift: ... and by no less than so many along one of them, at most `shift`.
        """
        self._noise = noise
        self._sections = sections
        self._shift = shift
        self._least_shift = least_shift

    def draw(
        self,
        place: Place,
        *,
        size: tuple[int, int],
        context: int,
        rng: np.random.Generator,
        level_of_place: bool = False,
    ) -> NDArray[np.float32]:
        """A window of noise in HU.

        Args:
            place: Where the window lies in the images.
            size: Rows and columns.
            context: Adjacent sections on each side.
            rng: Decides how the map is moved.
            level_of_place: Whether noise is scaled from the level where it comes from to that where the window lies.

        Returns:
            Shape (2 · context + 1, rows, columns); sections beyond the ends repeat the outer ones.
        """
        place = self._in_the_map(place, size, rng)
        window = window_sections(place.section, context=context, sections=self._noise.noise.shape[0])
        sections = range(window[0], window[-1] + 1)

        def part(displacement: tuple[int, int]) -> NDArray[np.float32]:
            moved = self._moved(place, displacement, size, sections)
            return moved * self._level_ratio(place, displacement, size) if level_of_place else moved

        first = self._displacement(rng)
        if self._noise.subtraction is None:
            noise = part(first)
        else:
            offsets = tuple(section - place.section for section in sections)
            weights, other_weights = section_weights(offsets, self._noise.subtraction)
            noise = np.tensordot(weights, part(first), axes=1)
            if other_weights is not None:
                noise += np.tensordot(other_weights, part(self._second_displacement(first, rng)), axes=1)
        return noise if len(sections) == len(window) else noise[np.array(window) - window[0]]

    def _displacement(self, rng: np.random.Generator) -> tuple[int, int]:
        while True:
            rows, columns = rng.integers(-self._shift, self._shift, size=2, endpoint=True).tolist()
            if max(abs(rows), abs(columns)) >= min(self._least_shift, self._shift):
                return rows, columns

    def _second_displacement(self, first: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
        """One from which, and from whose origin, noise is independent of that at the first."""
        farthest = self._shift + _FARTHER_PIXELS
        while True:
            rows, columns = rng.integers(-farthest, farthest, size=2, endpoint=True).tolist()
            apart = max(abs(rows - first[0]), abs(columns - first[1])), max(abs(rows), abs(columns))
            if min(apart) >= INDEPENDENT_PIXELS:
                return rows, columns

    def _in_the_map(self, place: Place, size: tuple[int, int], rng: np.random.Generator) -> Place:
        """The place in the map that belongs to a place in the images."""
        if self._sections is not None:
            from_the_end = self._noise.noise.shape[0] - self._sections
            return replace(place, section=place.section + (from_the_end if 2 * place.section >= self._sections else 0))
        sections, *sides = self._noise.noise.shape
        row, column = (int(rng.integers(max(1, side - wanted + 1))) for side, wanted in zip(sides, size, strict=True))
        return Place(int(rng.integers(sections)), row, column)

    def _moved(
        self, place: Place, displacement: tuple[int, int], size: tuple[int, int], sections: range
    ) -> NDArray[np.float32]:
        stored = self._noise.noise
        row, column = place.row + displacement[0], place.column + displacement[1]
        if 0 <= row <= stored.shape[1] - size[0] and 0 <= column <= stored.shape[2] - size[1]:
            return stored.window(sections, slice(row, row + size[0]), slice(column, column + size[1]))
        return stored.mirrored_window(sections, row + np.arange(size[0]), column + np.arange(size[1]))

    def _level_ratio(self, place: Place, displacement: tuple[int, int], size: tuple[int, int]) -> NDArray[np.float32]:
        """Level of the place over that from which noise is taken, of the centre section, shape (rows, columns)."""
        there = Place(place.section, place.row + displacement[0], place.column + displacement[1])
        ratio = self._levels(place, size) / np.maximum(self._levels(there, size), _LEAST_LEVEL)
        return np.asarray(np.minimum(ratio, _MOST_RATIO))

    def _levels(self, place: Place, size: tuple[int, int]) -> NDArray[np.float32]:
        """Level of the pixels from a place on."""
        level = self._noise.level[place.section]
        rows, columns = (
            np.minimum(np.maximum((start + np.arange(count)) // BLOCK, 0), blocks - 1)
            for start, count, blocks in zip((place.row, place.column), size, level.shape, strict=True)
        )
        return np.asarray(level[rows][:, columns])

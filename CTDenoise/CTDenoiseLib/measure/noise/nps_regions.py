"""Squares to take a noise power spectrum from: as many as fit in regions of interest, the same on all images.

Squares are taken along rows and columns of sections and overlap by half, as in AAPM Report 233 (TG-233): pixels that
a square's spectrum makes little use of, near its border, are in the middle of the next. Squares that overlap are not
independent; `NpsRegions.independent` says how many independent ones they are worth.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..errors import DifferentGridError, TooFewVoxelsError
from ..image import Grid, MeasuredImage
from ..regions.region import Region, region_voxels, require_sections
from ..regions.shapes import Shape
from ..regions.spans import Spans, joined_ranges
from ..sampling import evenly_spread
from .nps import LEAST_SIDE_PIXELS, NoisePowerSpectrum, UnusableRegionsError, noise_power_spectrum

SIDES_PIXELS = (64, 48, 32, 24, 16)
WANTED_SQUARES = 5
MOST_SECTIONS = 64
MOST_SQUARES = 200


@dataclass(frozen=True, eq=False)
class NpsRegions:
    """Squares of pixels.

    Attributes:
        grid: Of the pixels.
        corners: Section, row and column of the first pixel of each square, shape (n, 3).
        side: Pixels along each side.
        independent: How many squares that do not overlap would make a spectrum as steady.
        warnings: Why the squares are not what one would wish, one sentence a cause.
    """

    grid: Grid
    corners: NDArray[np.intp]
    side: int
    independent: float
    warnings: tuple[str, ...] = ()

    @property
    def pixel_spacing(self) -> tuple[float, float]:
        """Distance of rows and of columns (y, x) in mm."""
        return self.grid.spacing[1:]

    @property
    def sections(self) -> tuple[int, ...]:
        """Indices of the sections that squares lie in."""
        return tuple(np.unique(self.corners[:, 0]).tolist())

    def values(self, image: MeasuredImage) -> NDArray[np.generic]:
        """HU of the squares in the image's own type, shape (n, side, side).

        Raises:
            DifferentGridError: The image has other voxels.
            NotDenoisedHereError: Some of the sections hold no data yet.
            UnusableRegionsError: Some of the squares hold padding of this image, or values that are no numbers.
        """
        if not image.grid.is_same_as(self.grid):
            raise DifferentGridError(
                f"“{image.name}” has other voxels than the image of the regions; a noise power spectrum is not taken "
                "of resampled values, which have a spectrum of their own."
            )
        require_sections(image, self.sections)
        found: NDArray[np.generic] = np.empty((len(self.corners), self.side, self.side), dtype=image.values.dtype)
        for square, (section, row, column) in zip(found, self.corners.tolist(), strict=True):
            square[:] = image.values[section, row : row + self.side, column : column + self.side]
        padded = np.count_nonzero(image.has_no_data(found).any(axis=(1, 2)))
        if padded:
            raise UnusableRegionsError(
                f"“{image.name}” holds no data in {padded} of {len(found)} squares; move the region of interest."
            )
        return found

    def spectrum(self, image: MeasuredImage, *, detrend: int = 2) -> NoisePowerSpectrum:
        """Noise power spectrum of an image in these squares, with the warnings of both.

        Args:
            image: HU.
            detrend: Order of the polynomial to subtract from each square.

        Raises:
            MeasurementError: As `values` and `noise_power_spectrum`.
        """
        spectrum = noise_power_spectrum(
            self.values(image).astype(np.float64),
            pixel_spacing=self.pixel_spacing,
            detrend=detrend,
            independent_regions=self.independent,
        )
        return replace(spectrum, warnings=self.warnings + spectrum.warnings)


def square_regions(
    shapes: Shape | Sequence[Shape], image: MeasuredImage, *, side_pixels: int | None = None
) -> NpsRegions:
    """Lay half-overlapping squares in regions of interest, so that most fit; all pixels of a square are inside.

    Each section of each region of interest has a lattice of its own. Of large regions, at most 64 sections and about
    200 squares are taken, evenly spread: more change nothing that can be seen.

    Args:
        shapes: One or several regions of interest.
        image: Squares hold none of its padding, and no values that are no numbers; compared images are read in the
            same squares.
        side_pixels: Side of the squares; `None` for 64, or the largest of 48, 32, 24 and 16 of which five fit where
            the regions are smaller.

    Raises:
        TooFewVoxelsError: Not one square fits.
        OutsideImageError: A region of interest lies outside the image.
        UnusableRegionsError: Squares of fewer than eight pixels along each side are asked for.
    """
    if side_pixels is not None and side_pixels < LEAST_SIDE_PIXELS:
        raise UnusableRegionsError(
            f"Squares for a noise power spectrum need {LEAST_SIDE_PIXELS} pixels along each side, not {side_pixels}."
        )
    several = shapes if isinstance(shapes, Sequence) else (shapes,)
    masks = [mask for shape in several for mask in _section_masks(region_voxels(shape, image.grid), image)]
    sides = SIDES_PIXELS if side_pixels is None else (side_pixels,)
    best: tuple[int, list[NDArray[np.intp]]] | None = None
    for side in sides:
        found = [corners for mask in masks if len(corners := _squares(mask, side))]
        squares = sum(map(len, found))
        if squares and (best is None or squares >= WANTED_SQUARES):
            best = side, found
        if squares >= WANTED_SQUARES:
            break
    if best is None:
        raise TooFewVoxelsError(_too_small(sides[-1], image.grid))
    side, found = best
    corners = np.concatenate(_thinned(found))
    return NpsRegions(image.grid, corners, side, _independent(corners, side), _warnings(side, sides[0]))


@dataclass(frozen=True, eq=False)
class _SectionMask:
    """Part of a section around the pixels of a region: where it begins, and which of its pixels count."""

    section: int
    row: int
    column: int
    usable: NDArray[np.bool_]


def _section_masks(region: Region, image: MeasuredImage) -> Iterator[_SectionMask]:
    parts = list(region.spans.by_section())
    for index in evenly_spread(len(parts), most=MOST_SECTIONS):
        section, spans = parts[index]
        mask = _mask(section, spans)
        rows, columns = mask.usable.shape
        hu = image.values[section, mask.row : mask.row + rows, mask.column : mask.column + columns]
        yield replace(mask, usable=mask.usable & ~image.has_no_data(hu))


def _mask(section: int, spans: Spans) -> _SectionMask:
    row, column = int(spans.row.min()), int(spans.start.min())
    width = int(spans.stop.max()) - column
    usable = np.zeros((int(spans.row.max()) - row + 1, width), dtype=bool)
    usable.reshape(-1)[joined_ranges((spans.row - row) * width + spans.start - column, spans.stop - spans.start)] = True
    return _SectionMask(section, row, column, usable)


def _squares(mask: _SectionMask, side: int) -> NDArray[np.intp]:
    """First pixels (section, row, column) of the squares of the lattice that holds most, shape (n, 3).

    Of lattices with as many, the one whose squares lie nearest the middle of all that would fit.
    """
    fits = _where_squares_fit(mask.usable, side)
    places = np.argwhere(fits)
    if not places.size:
        return np.empty((0, 3), dtype=np.intp)
    step = side // 2
    off_middle = np.square(places - places.mean(axis=0)).sum(axis=1)
    rows, columns = (-(-size // step) for size in fits.shape)
    worth = np.zeros((rows * step, columns * step))
    # All that a lattice loses by lying off the middle is less than one square.
    worth[tuple(places.T)] = 1 - off_middle / (off_middle.max() + 1) / (2 * rows * columns)
    best = worth.reshape(rows, step, columns, step).sum(axis=(0, 2)).argmax()
    offset = np.array(np.unravel_index(best, (step, step)))
    chosen = places[((places - offset) % step == 0).all(axis=1)]
    return np.insert(chosen + np.array([mask.row, mask.column]), 0, mask.section, axis=1)


def _where_squares_fit(usable: NDArray[np.bool_], side: int) -> NDArray[np.bool_]:
    """First pixels of the squares that hold nothing but usable pixels, shape (y − side + 1, x − side + 1)."""
    if min(usable.shape) < side:
        return np.zeros((0, 0), dtype=bool)
    along_rows = sliding_window_view(np.cumsum(np.pad(usable, ((0, 0), (1, 0))), axis=1), side + 1, axis=1)
    full: NDArray[np.bool_] = along_rows[..., -1] - along_rows[..., 0] == side
    down: NDArray[np.intp] = sliding_window_view(np.cumsum(np.pad(full, ((1, 0), (0, 0))), axis=0), side + 1, axis=0)
    return np.asarray(down[..., -1] - down[..., 0] == side)


def _thinned(found: list[NDArray[np.intp]]) -> list[NDArray[np.intp]]:
    """Squares of as many sections as hold no more than wanted, evenly spread."""
    wanted = max(1, len(found) * MOST_SQUARES // sum(map(len, found)))
    return [found[index] for index in evenly_spread(len(found), most=wanted)]


def _independent(corners: NDArray[np.intp], side: int) -> float:
    """How many independent squares have a mean spectrum that scatters as little.

    The power of two squares at one frequency is correlated by the square of the share of pixels that they have in
    common (Welch, IEEE Trans Audio Electroacoust 1967;15:70, for windows without taper).
    """
    apart = np.abs(corners[:, np.newaxis] - corners)
    shared = np.clip(1 - apart[..., 1:] / side, 0, 1).prod(axis=-1) * (apart[..., 0] == 0)
    return float(len(corners) ** 2 / np.square(shared).sum())


def _warnings(side: int, wanted: int) -> tuple[str, ...]:
    if side == wanted:
        return ()
    return (
        f"The region of interest is small for squares of {wanted} × {wanted} pixels; squares of {side} × {side} are "
        "taken, which tell frequencies less finely.",
    )


def _too_small(side: int, grid: Grid) -> str:
    _, dy, dx = grid.spacing
    return (
        f"The region of interest holds no square of {side} × {side} pixels ({side * dx:.1f} × {side * dy:.1f} mm) in "
        "any section; a noise power spectrum needs a larger one."
    )

"""Texture of the noise before and after denoising, and of what was taken away, from squares of uniform tissue.

A denoiser that takes fine noise and leaves coarse noise makes images look blotchy, "plastic": the mean frequency of the
noise power spectrum (NPS) falls. But when noise falls, the faint structure of the tissue itself, which is coarse, comes
to the fore, and the mean frequency of the output would fall by half if every bit of noise were taken away. So noise
and tissue are told apart. The part of the output that goes along with the residual is noise which was left, since
tissue knows nothing of noise: with S for the spectra of input x, output y and residual r = x − y, the cross spectrum
of y and r is (Sx − Sy − Sr)/2, the noise left in the output is its square over Sr, and the noise of the input that of
(Sx − Sy + Sr)/2 (Bendat and Piersol, Random Data, coherent output power). What a denoiser makes up that does not go
along with the noise is not seen.

Squares are chosen by the *neighbouring* sections, as in `uniform_region`: by their own uniformity, lucky draws with
little coarse noise would be chosen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from ..noise.noise_level import section_noise
from ..noise.nps import NoisePowerSpectrum, noise_power_spectrum

SIDE_MM = 15.0
SIDE_PIXELS = (16, 64)
FEWEST_SQUARES, MOST_SQUARES = 8, 12
_SMOOTHING_MM = 2.0
_MATERIAL_HU = (-200.0, 1000.0)
_LARGEST_STRUCTURE_SHARE = 0.25
_LARGEST_NOISE = 1.5


@dataclass(frozen=True, eq=False)
class NoiseTexture:
    """Noise power spectra of the same squares.

    Attributes:
        before: Of the input.
        after: Of the output, tissue included.
        residual: Of input − output.
        shift_error: Standard error of `shift`.
    """

    before: NoisePowerSpectrum
    after: NoisePowerSpectrum
    residual: NoisePowerSpectrum
    shift_error: float

    @property
    def picture_shift(self) -> float:
        """Change of the mean frequency from input to output as a share of it, noise and tissue together."""
        return self.after.mean_frequency / self.before.mean_frequency - 1

    @property
    def shift(self) -> float:
        """Change of the mean frequency from the noise of the input to the noise left, negative for coarser noise."""
        there, left = self._noise
        return left.mean_frequency / there.mean_frequency - 1

    @property
    def noise_left(self) -> float:
        """Standard deviation of the noise left in the output as a share of the input's."""
        there, left = self._noise
        area = np.diff(there.edges**2)
        return float(np.sqrt((left.power @ area) / (there.power @ area)))

    @property
    def _noise(self) -> tuple[NoisePowerSpectrum, NoisePowerSpectrum]:
        """Noise of the input and noise left in the output, without tissue."""
        taken = np.maximum(self.residual.power, np.finfo(float).tiny)
        less = self.before.power - self.after.power
        there, left = (((less + sign * taken) / 2) ** 2 / taken for sign in (1, -1))
        return replace(self.before, power=there), replace(self.after, power=left)


class NoiseTextureMeter:
    """Collects uniform squares over the sections of a volume as they come.

    Args:
        pixel_spacing: Distance of rows and of columns (y, x) in mm.
    """

    def __init__(self, pixel_spacing: tuple[float, float]) -> None:
        self._spacing = pixel_spacing
        least, most = SIDE_PIXELS
        self._half = int(np.clip(round(SIDE_MM / max(pixel_spacing)), least, most)) // 2
        self._before: list[NDArray[np.float32]] = []
        self._after: list[NDArray[np.float32]] = []

    def add(
        self,
        before: NDArray[np.float32],
        after: NDArray[np.float32],
        *,
        beside: NDArray[np.float32],
        without_data: NDArray[np.bool_],
    ) -> None:
        """Take the most uniform squares of one section, twelve at most.

        Args:
            before: Input in HU, shape (y, x).
            after: Output in HU, same shape.
            beside: Mean of the input's neighbouring sections in HU, same shape.
            without_data: Voxels that are padding, same shape.
        """
        for square in self._uniform_squares(before, beside, without_data):
            first, last = before[square].copy(), after[square].copy()
            if np.ptp(last) and np.ptp(first - last):
                self._before.append(first)
                self._after.append(last)

    def result(self) -> NoiseTexture | None:
        """Spectra of all squares from which something was taken and in which something is left; `None` below eight."""
        if len(self._before) < FEWEST_SQUARES:
            return None
        before, after = np.stack(self._before), np.stack(self._after)
        return replace(self._texture(before, after), shift_error=self._shift_error(before, after))

    def _texture(self, before: NDArray[np.float32], after: NDArray[np.float32]) -> NoiseTexture:
        first, last, taken = (
            noise_power_spectrum(one, pixel_spacing=self._spacing) for one in (before, after, before - after)
        )
        return NoiseTexture(first, last, taken, shift_error=np.nan)

    def _shift_error(self, before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
        """By leaving out one eighth of the squares after the other (jackknife)."""
        group = np.arange(len(before)) % FEWEST_SQUARES
        kept = (group != out for out in range(FEWEST_SQUARES))
        return float(np.std([self._texture(before[some], after[some]).shift for some in kept]) * FEWEST_SQUARES**0.5)

    def _uniform_squares(
        self, before: NDArray[np.float32], beside: NDArray[np.float32], without_data: NDArray[np.bool_]
    ) -> Iterator[tuple[slice, slice]]:
        """Squares that do not overlap, the most uniform first; they lie on a raster of half their side."""
        level = section_noise(before, pixel_spacing=self._spacing)
        half = self._half
        if level is None or min(before.shape) < 2 * half:
            return
        smooth = scipy.ndimage.gaussian_filter(beside, [_SMOOTHING_MM / mm for mm in self._spacing])
        structure = _deviation(smooth, half)
        allowed = (structure < _LARGEST_STRUCTURE_SHARE * level) & (_deviation(before, half) < _LARGEST_NOISE * level)
        low, high = _MATERIAL_HU
        allowed &= _squares((smooth < low) | (smooth > high) | without_data, half) == 0
        for _ in range(MOST_SQUARES):
            if not allowed.any():
                return
            row, column = np.unravel_index(int(np.where(allowed, structure, np.inf).argmin()), allowed.shape)
            allowed[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2] = False
            yield slice(int(row) * half, int(row + 2) * half), slice(int(column) * half, int(column + 2) * half)


def _squares(picture: NDArray[np.generic], half: int) -> NDArray[np.float64]:
    """Sums over all squares on the raster."""
    rows, columns = (size // half for size in picture.shape)
    cells = picture[: rows * half, : columns * half].reshape(rows, half, columns, half).sum(axis=(1, 3), dtype=float)
    return np.asarray(cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:])


def _deviation(picture: NDArray[np.float32], half: int) -> NDArray[np.float64]:
    """Standard deviation in all squares on the raster."""
    centred = picture - picture.mean(dtype=np.float64)
    pixels = (2 * half) ** 2
    mean = _squares(centred, half) / pixels
    return np.asarray(np.sqrt(np.maximum(_squares(centred * centred, half) / pixels - mean * mean, 0.0)))

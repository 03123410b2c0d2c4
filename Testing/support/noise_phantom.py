"""Noise whose power spectrum is a formula: what an estimate has to find."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class KnownSpectrum:
    """A noise power spectrum that is the same in all directions.

    Attributes:
        power: HU²·mm² at frequencies in mm⁻¹.
        variance: Its integral over the plane in HU².
        mean_frequency: ∫f·NPS df / ∫NPS df in mm⁻¹.
        peak_frequency: Where it is highest, in mm⁻¹.
    """

    power: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    variance: float
    mean_frequency: float
    peak_frequency: float


def filtered_back_projection(sd: float, *, peak_frequency: float) -> KnownSpectrum:
    """Noise as of filtered back-projection: a ramp times a Gaussian apodisation, f·exp(−f²/2p²)."""
    p = peak_frequency
    scale = sd**2 / (2 * math.pi * p**3 * math.sqrt(math.pi / 2))
    return KnownSpectrum(
        power=lambda f: scale * f * np.exp(-(f**2) / (2 * p**2)),
        variance=sd**2,
        mean_frequency=p * math.sqrt(math.pi / 2),
        peak_frequency=p,
    )


def blotchy(sd: float, *, width: float) -> KnownSpectrum:
    """Noise that is strongest at frequency zero: a Gaussian, exp(−f²/2w²)."""
    scale = sd**2 / (2 * math.pi * width**2)
    return KnownSpectrum(
        power=lambda f: scale * np.exp(-(f**2) / (2 * width**2)),
        variance=sd**2,
        mean_frequency=width * math.sqrt(2 / math.pi),
        peak_frequency=0.0,
    )


def noise_sections(
    rng: np.random.Generator,
    spectrum: KnownSpectrum,
    *,
    pixel_spacing: tuple[float, float],
    shape: tuple[int, int, int],
) -> NDArray[np.float64]:
    """Sections of independent noise of a spectrum, shape (z, y, x), periodic at their borders only."""
    _, rows, columns = shape
    dy, dx = pixel_spacing
    frequency = np.hypot(np.fft.fftfreq(rows, dy)[:, np.newaxis], np.fft.rfftfreq(columns, dx))
    amplitude = np.sqrt(spectrum.power(frequency) / (dy * dx))
    return np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) * amplitude, s=(rows, columns))


def seen_through_regions(
    spectrum: KnownSpectrum, *, pixel_spacing: tuple[float, float], side: int, period: int = 512
) -> NDArray[np.float64]:
    """What squared Fourier magnitudes of square regions are on average, shape (side, side), zero at [0, 0].

    The autocovariance, of which regions of finite side hold fewer pairs of pixels the further these are apart.
    """
    dy, dx = pixel_spacing
    frequency = np.hypot(np.fft.fftfreq(period, dy)[:, np.newaxis], np.fft.fftfreq(period, dx))
    covariance = np.fft.ifft2(spectrum.power(frequency)).real
    lags = np.arange(1 - side, side)
    pairs = 1 - np.abs(lags) / side
    seen = np.zeros((side, side))
    np.add.at(seen, np.ix_(lags, lags), covariance[np.ix_(lags, lags)] * np.outer(pairs, pairs))
    return np.asarray(np.fft.fft2(seen).real)


def cut_regions(sections: NDArray[np.floating], side: int) -> NDArray[np.floating]:
    """Adjoining squares of all sections, shape (n, side, side)."""
    count, rows, columns = (sections.shape[0], sections.shape[1] // side, sections.shape[2] // side)
    tiles = sections[:, : rows * side, : columns * side].reshape(count, rows, side, columns, side)
    return tiles.swapaxes(2, 3).reshape(-1, side, side)

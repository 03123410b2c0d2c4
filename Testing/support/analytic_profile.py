"""Profiles whose sharpness is a formula, and noise as line profiles have it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

Floats = NDArray[np.float64]

# Half a voxel of 0.4 mm.
STEP = 0.2


def distances(length: float, *, step: float = STEP) -> Floats:
    """Places of samples in mm, from 0 to a length."""
    return np.arange(round(length / step) + 1) * step


def edge(distance: Floats, place: float, *, sigma: float, contrast: float, base: float = 0.0) -> Floats:
    """A step blurred by a Gaussian: 10–90 % distance 2.5631·sigma, slope contrast/(√(2π)·sigma)."""
    return base + contrast * 0.5 * (1 + erf((distance - place) / (np.sqrt(2) * sigma)))


def peak(distance: Floats, place: float, *, sigma: float, contrast: float, base: float = 0.0) -> Floats:
    """A Gaussian: FWHM 2.3548·sigma, half-height slope contrast·√(2·ln 2)/(2·sigma), 10–90 % distance 1.6869·sigma."""
    return base + contrast * np.exp(-0.5 * ((distance - place) / sigma) ** 2)


def rod(distance: Floats, place: float, *, width: float, sigma: float, contrast: float, base: float = 0.0) -> Floats:
    """A box blurred by a Gaussian: a rod seen across, with a plateau."""
    rise = edge(distance, place - width / 2, sigma=sigma, contrast=contrast, base=base)
    return rise - edge(distance, place + width / 2, sigma=sigma, contrast=contrast)


def white_noise(rng: np.random.Generator, samples: int, *, sd: float) -> Floats:
    """Noise that is independent from voxel to voxel, interpolated linearly at half-voxel steps from any phase."""
    voxels = sd * rng.standard_normal(samples // 2 + 3)
    return np.interp(np.arange(samples) / 2 + rng.random(), np.arange(len(voxels)), voxels)


def kernel_noise(rng: np.random.Generator, samples: int, *, sd: float) -> Floats:
    """The same with the spectrum of filtered back projection: it rises from zero and is cut off."""
    voxels = samples // 2 + 3
    frequency = np.abs(np.fft.fftfreq(voxels))
    transfer = np.sqrt(frequency) * np.exp(-((frequency / 0.3) ** 2))
    transfer *= sd / np.sqrt(np.square(transfer).mean())
    values = np.fft.ifft(np.fft.fft(rng.standard_normal(voxels)) * transfer).real
    return np.interp(np.arange(samples) / 2 + rng.random(), np.arange(voxels), values)

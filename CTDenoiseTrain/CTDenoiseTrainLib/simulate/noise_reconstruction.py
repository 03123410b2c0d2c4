"""Pure-noise reconstructions of body-shaped attenuation.

Reconstruction is linear, so the noise of an image is the reconstruction of the noise of its projections. Projecting a
body, drawing noise of the variance that Poisson statistics give each ray, and reconstructing that noise alone gives
what isotropic noise lacks: streaks along the directions of high attenuation, and a level that changes over the section.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.transform import iradon, radon, resize

from .attenuation import WATER_ATTENUATION_PER_MM


@dataclass(frozen=True)
class Scan:
    """Parallel-beam scan of one section.

    Attributes:
        matrix: Rows and columns of the reconstruction, and detector elements of a view; they share one pitch.
        views: Projections over half a turn.
        bowtie: Share of the water-equivalent path that a bowtie filter evens out, 0 to 1.
        electronic_noise: Detector noise variance in photons, relative to the unattenuated photon count.
    """

    matrix: int = 512
    views: int = 720
    bowtie: float = 0.5
    electronic_noise: float = 1e-4


def ray_noise(attenuation_hu: NDArray[np.floating], *, width_mm: float, scan: Scan) -> NDArray[np.float64]:
    """Relative noise (SD) of each ray through a section.

    The variance of a logarithmic measurement is 1/N + σ_e²/N² for N detected photons and electronic noise σ_e.

    Args:
        attenuation_hu: The section in HU, square, shape (y, x); a coarse one is enough since ray sums are smooth.
        width_mm: Side of the section in mm.
        scan: Geometry and detector.

    Returns:
        SD of each ray, shape (matrix, views), on an arbitrary scale common to all rays.
    """
    attenuation = WATER_ATTENUATION_PER_MM * (1 + np.clip(attenuation_hu, -1000, None) / 1000)
    angles = np.linspace(0, 180, scan.views, endpoint=False)
    coarse_angles = angles[:: max(1, scan.views // 180)]
    pixel = width_mm / attenuation.shape[0]
    path = radon(attenuation, theta=coarse_angles, circle=True) * pixel
    path = np.clip(resize(path, (scan.matrix, scan.views), order=1, mode="edge"), 0, 10)
    mean_profile = path.mean(axis=1, keepdims=True)
    photons = np.exp(-path + scan.bowtie * (mean_profile - mean_profile.max()))
    return np.asarray(np.sqrt(1 / photons + scan.electronic_noise / photons**2))


def reconstruct_noise(ray_sd: NDArray[np.floating], *, sections: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Reconstruct independent noise for several sections with the plain ramp filter.

    The ramp reaches to the Nyquist frequency; a kernel is applied afterwards in the image (see `kernels`).

    Args:
        ray_sd: SD of each ray, shape (matrix, views), from `ray_noise`.
        sections: How many independent realisations.
        rng: Source of the randomness.

    Returns:
        Noise with a median local SD of 1 in the central disc, shape (sections, matrix, matrix).
    """
    matrix, views = ray_sd.shape
    padded = 2 * matrix
    ramp = np.abs(np.fft.rfftfreq(padded))[:, None]
    angles = np.linspace(0, 180, views, endpoint=False)
    noise = np.empty((sections, matrix, matrix), dtype=np.float32)
    for section in noise:
        rays = rng.standard_normal((matrix, views)) * ray_sd
        filtered = np.fft.irfft(np.fft.rfft(rays, padded, axis=0) * ramp, axis=0)[:matrix]
        section[:] = iradon(filtered.astype(np.float32), theta=angles, filter_name=None, circle=True)
    return noise / noise_scale(noise)


def noise_scale(noise: NDArray[np.float32]) -> np.float32:
    """Median over the central disc of the SD taken across sections and 16² blocks."""
    sections, matrix, _ = noise.shape
    blocks = matrix // 16
    cropped = noise[:, : blocks * 16, : blocks * 16].reshape(sections, blocks, 16, blocks, 16)
    deviation = cropped.std(axis=(0, 2, 4))
    centre = (np.arange(blocks) - (blocks - 1) / 2) / blocks
    disc = np.hypot(centre[:, None], centre[None, :]) < 0.35
    return np.float32(np.median(deviation[disc]))

"""Noise power spectrum and similarity, beside plain numpy and scikit-image: python Testing/benchmarks/measure_nps.py"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from skimage import metrics

from benchmarks.side_by_side import Row, compare, table
from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.noise.nps import noise_power_spectrum

SPACING = 0.5


def rows() -> tuple[Row, ...]:
    """Fifty regions of 64², and a section of 512²."""
    rng = np.random.default_rng(0)
    regions = 40 + 20 * rng.standard_normal((50, 64, 64))
    reference, noise = 1000 * rng.random((512, 512)), 20 * rng.standard_normal((512, 512))
    return (
        compare(
            "NPS of 50 regions of 64²",
            lambda: noise_power_spectrum(regions, pixel_spacing=(SPACING, SPACING)),
            lambda: plain_nps(regions),
            plain_name="numpy: lstsq and fft2 of each region, a mask for each ring",
            aim_ms=50,
        ),
        compare(
            "Similarity of a section of 512²",
            lambda: similarity(reference, reference + noise, data_range=1000.0),
            lambda: plain_similarity(reference, reference + noise),
            plain_name="scikit-image: SSIM, PSNR, NRMSE",
        ),
    )


def plain_nps(regions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count, side, _ = regions.shape
    y, x = np.mgrid[:side, :side] / side
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    plane = np.zeros((side, side))
    for region in regions:
        surface = terms @ np.linalg.lstsq(terms, region.ravel(), rcond=None)[0]
        plane += np.abs(np.fft.fft2(region - surface.reshape(side, side))) ** 2
    plane *= SPACING**2 / (count * side**2)
    frequency = np.fft.fftfreq(side, SPACING)
    radius = np.hypot(*np.meshgrid(frequency, frequency))
    step = 1 / (side * SPACING)
    centres = step * np.arange(1, side // 2 + 1)
    return centres, np.array([plane[np.abs(radius - centre) < step / 2].mean() for centre in centres])


def plain_similarity(reference: NDArray[np.float64], other: NDArray[np.float64]) -> tuple[float, float, float]:
    return (
        metrics.structural_similarity(
            reference, other, data_range=1000, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        ),
        metrics.peak_signal_noise_ratio(reference, other, data_range=1000),
        metrics.normalized_root_mse(reference, other, normalization="mean"),
    )


if __name__ == "__main__":
    print(table(rows()))

"""Filtered back-projection of parallel rays onto pixels of any size at any place.

`skimage.transform.iradon` has pixels as large as the rays are apart, and interpolates linearly between the rays, which
takes half of the noise variance of a Ram-Lak reconstruction away and its sharpest detail with it. Here filtered
projections are first interpolated to a finer pitch with their own band limit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from .each_section import each_section
from .kernels import ReconstructionKernel
from .scan import ParallelScan, ScanError

# Filtered projections are interpolated to this many points a ray before the linear interpolation of back-projection.
_FINER = 4


def reconstruct(  # noqa: PLR0913 - the geometry of the scan and that of the image
    line_integrals: NDArray[np.floating],
    *,
    scan: ParallelScan,
    kernel: ReconstructionKernel,
    matrix: int,
    pixel_mm: float,
    centre_mm: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float32]:
    """Reconstruct sections by filtered back-projection (Kak and Slaney, 1988, chapter 3).

    Args:
        line_integrals: Without unit, shape (views, rays) or (n, views, rays).
        scan: Geometry.
        kernel: By which the ramp is multiplied.
        matrix: Rows and columns of the image.
        pixel_mm: Side of a pixel. Pixels are samples of the image, not means over their area.
        centre_mm: Middle of the image (y, x), from the centre of rotation.

    Returns:
        Attenuation in mm⁻¹, shape (matrix, matrix) or (n, matrix, matrix); 0 outside the scan's field.

    Raises:
        ScanError: The line integrals are not of this scan, or the image has no pixels or pixels of no size.
    """
    measured = np.asarray(line_integrals)
    if measured.shape[-2:] != (scan.views, scan.rays):
        raise ScanError(
            f"Line integrals of {measured.shape[-2:]} are not of this scan of {scan.views} views of {scan.rays} rays."
        )
    if matrix < 1 or not pixel_mm > 0:
        raise ScanError(f"An image of {matrix}² pixels of {pixel_mm} mm is not possible: give both above zero.")
    offset = (np.arange(matrix, dtype=np.float64) - (matrix - 1) / 2) * np.float64(pixel_mm)
    y, x = centre_mm[0] + offset, centre_mm[1] + offset
    inside = np.hypot(y[:, None], x[None]) <= scan.field_mm / 2

    def image_of(views: NDArray[np.floating]) -> NDArray[np.float64]:
        return _back_project(_filter(views, scan, kernel), scan, y, x) * inside

    return each_section(image_of, measured, shape=(matrix, matrix))


def _ramp(size: int, spacing_mm: float) -> NDArray[np.float64]:
    """Ramp over the frequencies of `rfft`, made from its samples in space so that large areas keep their value."""
    place = np.minimum(np.arange(size), size - np.arange(size))
    samples = np.zeros(size)
    samples[0] = 1 / (4 * spacing_mm**2)
    odd = place % 2 == 1
    samples[odd] = -1 / (math.pi * place[odd] * spacing_mm) ** 2
    return np.asarray(rfft(samples).real * spacing_mm)


def _filter(views: NDArray[np.floating], scan: ParallelScan, kernel: ReconstructionKernel) -> NDArray[np.float64]:
    """Filtered projections at `_FINER` points a ray, shape (views, rays · _FINER)."""
    size = 2 * next_fast_len(scan.rays, real=True)
    frequency = rfftfreq(size, scan.ray_spacing_mm)
    # Linear interpolation between the finer points would take this share away.
    kept = np.sinc(frequency * scan.ray_spacing_mm / _FINER) ** 2
    transfer = _ramp(size, scan.ray_spacing_mm) * kernel.gain(frequency) / kept
    # Of the two halves of the Nyquist frequency, which lies within the finer spectrum, `irfft` takes this for one.
    transfer[-1] /= 2
    spectrum = rfft(np.asarray(views, dtype=np.float64), size, axis=1) * transfer
    return np.asarray(irfft(spectrum, size * _FINER, axis=1)[:, : scan.rays * _FINER] * _FINER)


def _back_project(
    filtered: NDArray[np.float64], scan: ParallelScan, y: NDArray[np.float64], x: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum over the views at points (y, x) in mm, shape (y, x)."""
    points = np.arange(filtered.shape[1], dtype=np.float64)
    finer_per_mm = _FINER / scan.ray_spacing_mm
    middle = (scan.rays - 1) / 2 * _FINER
    image = np.zeros((y.size, x.size))
    for angle, view in zip(scan.angles, filtered, strict=True):
        rows, columns = y * math.sin(angle) * finer_per_mm + middle, x * math.cos(angle) * finer_per_mm
        image += np.interp(rows[:, None] + columns[None], points, view)
    return image * (math.pi / scan.views)

"""A stand-in for a scanner's iterative reconstruction: quick, and honest about what it does to noise and edges.

Penalised weighted least squares (Fessler, IEEE Trans Med Imaging 1994;13:290) seeks the image x that agrees with the
measurement y and is smooth except at edges,

    minimise  ½ ‖x − y‖²_W  +  ½ β · Σ w_ij (x_i − x_j)²,

here in image space: y is the filtered back-projection, and W the inverse of its noise power spectrum, by which
agreement of images is weighed as agreement of rays would be (uniform weights). Neighbours are those along rows, columns
and sections; w falls from 1 to 0 where a smoothed image has an edge that its noise does not explain (Catté et al., SIAM
J Numer Anal 1992;29:182), so that edges keep their sharpness, and their noise, as scanners' methods do. What is weaker
than the noise is smoothed with it.

Each iteration replaces the penalty by a parabola above it that touches it at the present image (Geman and Yang, IEEE
Trans Image Process 1995;4:932), whose minimum is one division in Fourier space.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fftfreq, irfftn, next_fast_len, rfftfreq, rfftn

from .kernels import ReconstructionKernel

Floats = NDArray[np.float32]

_FRAME_PIXELS = 12
_FRAME_SECTIONS = 3
_GUIDE_VOXELS = 1.2
_LEAST_POWER = 1e-3  # of the highest: no frequency is held without limit where the kernel lets no noise through


@dataclass(frozen=True, kw_only=True)
class NoiseOfImages:
    """What an iterative reconstruction knows of the noise.

    Attributes:
        kernel: That the images were reconstructed with.
        pixel_mm: Side of a pixel.
        noise_hu: SD.
        section_correlation: Of adjacent sections, 0 to 0.5.
    """

    kernel: ReconstructionKernel
    pixel_mm: float
    noise_hu: float
    section_correlation: float = 0.0

    def power(self, shape: tuple[int, ...]) -> Floats:
        """Power spectrum over the frequencies of `rfftn`, the mean over all frequencies being 1."""
        fy, fx = fftfreq(shape[1], self.pixel_mm)[:, None], fftfreq(shape[2], self.pixel_mm)[None]
        # The ramp never falls to nothing: a frequency stands for those around it.
        frequency = np.maximum(np.hypot(fy, fx), 0.5 / (max(shape[1:]) * self.pixel_mm))
        plane = frequency * self.kernel.gain(frequency) ** 2
        plane = np.maximum(plane, _LEAST_POWER * plane.max())
        plane = plane[:, : shape[2] // 2 + 1] / plane.mean()
        along_z = 1 + 2 * self.section_correlation * np.cos(2 * math.pi * fftfreq(shape[0]))
        return np.asarray(plane * np.maximum(along_z, 0.05)[:, None, None], dtype=np.float32)


def iterative_reconstruction(
    filtered: Floats, noise: NoiseOfImages, *, strength: float = 0.3, edge_noises: float = 3.0, iterations: int = 10
) -> Floats:
    """Take noise off a filtered back-projection, and keep its kernel.

    Args:
        filtered: Filtered back-projection in HU, shape (z, y, x).
        noise: What is known of its noise.
        strength: β · noise²; at 0.3 about two fifths of the noise are left.
        edge_noises: Slopes of the smoothed image so many times those of its noise are half edges.
        iterations: Steps towards the minimum.

    Returns:
        HU, same shape.
    """
    frame = _Frame(filtered.shape)
    y = frame.add(filtered)
    power, smoothness = noise.power(y.shape), _smoothness(y.shape)
    measured = rfftn(y)
    kept = 1 - _weights(measured, power, noise.noise_hu, edge_noises, y.shape)
    measured /= power
    scale = 1 / power + np.float32(strength) * smoothness
    x = y
    for _ in range(iterations):
        x = irfftn((measured + np.float32(strength) * rfftn(_not_smoothed(x, kept))) / scale, s=y.shape)
    return frame.remove(x)


class _Frame:
    """Mirror images around a stack, so that its ends do not meet, up to sizes that are quick to transform."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        least = (_FRAME_SECTIONS, _FRAME_PIXELS, _FRAME_PIXELS)
        sizes = [next_fast_len(side + 2 * part, real=True) for side, part in zip(shape, least, strict=True)]
        self._widths = [(part, size - side - part) for side, part, size in zip(shape, least, sizes, strict=True)]
        self._inner = tuple(slice(part, part + side) for side, part in zip(shape, least, strict=True))

    def add(self, stack: Floats) -> Floats:
        return np.pad(stack.astype(np.float32), self._widths, mode="symmetric")

    def remove(self, framed: Floats) -> Floats:
        return np.ascontiguousarray(framed[self._inner])


def _frequencies(shape: tuple[int, ...]) -> tuple[Floats, Floats, Floats]:
    """Of `rfftn` in cycles a voxel, along (z, y, x), ready to be broadcast."""
    z, y, x = fftfreq(shape[0]), fftfreq(shape[1]), rfftfreq(shape[2])
    return (z[:, None, None].astype(np.float32), y[:, None].astype(np.float32), x.astype(np.float32))


def _smoothness(shape: tuple[int, ...]) -> Floats:
    """Transfer function of the sum of squared differences of neighbours."""
    z, y, x = (2 - 2 * np.cos(np.float32(2 * math.pi) * frequency) for frequency in _frequencies(shape))
    return np.asarray(z + y + x)


def _weights(
    spectrum: NDArray[np.complexfloating], power: Floats, noise_hu: float, edge_noises: float, shape: tuple[int, ...]
) -> Floats:
    """w: 1 where the slope of the smoothed image is that of noise, 0 at edges."""
    z, y, x = _frequencies(shape)
    smooth = np.exp(np.float32(-2 * (math.pi * _GUIDE_VOXELS) ** 2) * (z * z + y * y + x * x))
    slope = np.zeros(shape, np.float32)
    from_noise = 0.0
    for frequency in (z, y, x):
        wave = np.sin(np.float32(2 * math.pi) * frequency)
        slope += np.square(irfftn(1j * wave * smooth * spectrum, s=shape))
        share = np.square(wave * smooth) * power
        # The mean over all frequencies, of which `rfftn` leaves out about half.
        from_noise += float((2 * share.sum() - share[..., 0].sum()) / math.prod(shape))
    half = np.float32(edge_noises**2 * from_noise * noise_hu**2)
    return np.asarray(1 / (1 + np.square(slope / half)), dtype=np.float32)


def _not_smoothed(image: Floats, kept: Floats) -> Floats:
    """Differences of neighbours as far as they are kept, as a sum over the neighbours of each voxel."""
    result = np.zeros_like(image)
    for axis in range(3):
        step = np.roll(image, -1, axis) - image
        step *= np.maximum(kept, np.roll(kept, -1, axis))
        result += np.roll(step, 1, axis) - step
    return result

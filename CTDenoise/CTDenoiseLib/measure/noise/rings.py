"""Rings of equal width around frequency zero, to average a spectrum of two dimensions over all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Rings:
    """Which frequency of a discrete Fourier transform belongs to which ring.

    Rings are as wide as the wider of the two frequency steps. They begin at half a step, since frequency zero, the
    mean, is no noise, and end at the Nyquist frequency of the coarser axis: beyond, only some directions exist. The
    corners of the plane thus belong to no ring.

    Attributes:
        edges: Bounds of the rings in mm⁻¹, shape (rings + 1,).
        frequency: Mean frequency of each ring in mm⁻¹, which is not quite its middle, shape (rings,).
        modes: Frequencies in each ring, both signs counted, shape (rings,).
        index: Ring of each frequency, the number of rings for those in none, shape (y, x), zero at [0, 0].
    """

    edges: NDArray[np.float64]
    frequency: NDArray[np.float64]
    modes: NDArray[np.int64]
    index: NDArray[np.int64]

    @classmethod
    def of(cls, shape: tuple[int, int], pixel_spacing: tuple[float, float]) -> Rings:
        """Rings for regions of a shape (y, x) in pixels of a size (y, x) in mm."""
        radius = np.hypot(*np.meshgrid(*(map(np.fft.fftfreq, shape, pixel_spacing)), indexing="ij"))
        step = max(1 / (size * spacing) for size, spacing in zip(shape, pixel_spacing, strict=True))
        nyquist = 0.5 / max(pixel_spacing)
        rings = int(nyquist / step + _ROUNDING)
        edges = np.append(step * (np.arange(rings) + 0.5), min(nyquist, step * (rings + 0.5)))
        # What lies on a bound belongs to the ring outside it, at the last one to the ring inside.
        bounds = edges * np.append(np.full(rings, 1 - _ROUNDING), 1 + _ROUNDING)
        index = np.asarray(np.searchsorted(bounds, radius, side="right"), dtype=np.int64) - 1
        index[index < 0] = rings
        modes = np.bincount(index.ravel(), minlength=rings + 1)[:rings]
        sums = np.bincount(index.ravel(), weights=radius.ravel(), minlength=rings + 1)[:rings]
        frequency = sums / modes
        # Spectra share them.
        for shared in (edges, frequency, modes, index):
            shared.setflags(write=False)
        return cls(edges, frequency, modes, index)

    def average(self, plane: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over each ring of values of shape (y, x), zero frequency at [0, 0]."""
        sums = np.bincount(self.index.ravel(), weights=plane.ravel(), minlength=self.modes.size + 1)
        return np.asarray(sums[: self.modes.size] / self.modes)

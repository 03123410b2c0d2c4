"""The noise of an image as methods that are not trained must be told: its level and its spectrum."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from CTDenoiseLib.measure.noise.nps import NoisePowerSpectrum


@dataclass(frozen=True, eq=False)
class Noise:
    """Noise of a section, stationary and of the same spectrum in all directions.

    Attributes:
        deviation: Standard deviation in HU.
        frequency: In mm⁻¹, rising.
        power: Noise power spectrum there in HU²·mm².
        pixel_spacing: Distance of rows and of columns (y, x) in mm.
    """

    deviation: float
    frequency: NDArray[np.float64]
    power: NDArray[np.float64]
    pixel_spacing: tuple[float, float]

    @classmethod
    def of(cls, spectrum: NoisePowerSpectrum, pixel_spacing: tuple[float, float]) -> Noise:
        """The noise that a spectrum was measured of."""
        return cls(spectrum.noise, spectrum.frequency, spectrum.power, pixel_spacing)

    def of_level(self, deviation: float) -> Noise:
        """The same spectrum with another standard deviation in HU."""
        factor = deviation / self.deviation
        return replace(self, deviation=deviation, power=self.power * factor**2)

    def power_of_image(self, shape: tuple[int, int]) -> NDArray[np.float64]:
        """Mean squared magnitude of the discrete Fourier transform of such noise in HU², zero frequency first.

        Args:
            shape: Rows and columns of the image.

        Returns:
            Same shape; its sum is that of white noise of the same standard deviation, rows · columns squared times the
            variance.
        """
        frequencies = (np.fft.fftfreq(size, step) for size, step in zip(shape, self.pixel_spacing, strict=True))
        y, x = frequencies
        power = np.interp(np.hypot(y[:, np.newaxis], x), self.frequency, self.power)
        pixels = shape[0] * shape[1]
        # Corners beyond the last ring, and the ring below the first, keep the nearest value: the sum is set right.
        return np.asarray(power * (pixels**2 * self.deviation**2 / power.sum()))

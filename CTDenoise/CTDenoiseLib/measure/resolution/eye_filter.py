"""Contrast sensitivity of the eye: what a reader at a display sees best, by spatial frequency in the image."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import MeasurementError

Floats = NDArray[np.float64]


class ImpossibleViewingError(MeasurementError):
    """Nobody views an image like this."""


@dataclass(frozen=True)
class EyeFilter:
    """Response of the eye, E(ρ) = ρⁿ · exp(−c·ρᵃ) for ρ in cycles per degree of visual angle, to any scale.

    The default is that of Burgess (J Opt Soc Am A 1994;11:1237): n = 1.3, a = 2, and c such that the eye is most
    sensitive at 4 cycles per degree; Eckstein et al. (Opt Express 2003;11:460) use it on X-ray images.

    Attributes:
        exponent: n.
        decay: c in degreesᵃ.
        power: a.
    """

    exponent: float = 1.3
    decay: float = 1.3 / (2 * 4.0**2)
    power: float = 2.0

    def __call__(self, cycles_per_degree: Floats) -> Floats:
        """Response at frequencies in cycles per degree."""
        return np.asarray(cycles_per_degree**self.exponent * np.exp(-self.decay * cycles_per_degree**self.power))

    @property
    def peak(self) -> float:
        """Frequency of the largest response in cycles per degree."""
        return float((self.exponent / (self.decay * self.power)) ** (1 / self.power))


@dataclass(frozen=True)
class Viewing:
    """How an image is looked at.

    Attributes:
        distance_mm: From the eye to the display.
        zoom: Size on the display over true size; 1 shows a millimetre as a millimetre.
        eye: Response of the eye; `None` for an observer that sees all frequencies alike.

    Raises:
        ImpossibleViewingError: Distance or zoom is not above zero.
    """

    distance_mm: float = 500.0
    zoom: float = 1.0
    eye: EyeFilter | None = field(default_factory=EyeFilter)

    def __post_init__(self) -> None:
        if not (self.distance_mm > 0 and self.zoom > 0):
            raise ImpossibleViewingError("Viewing distance and zoom have to be above zero.")

    def cycles_per_degree(self, frequency: Floats) -> Floats:
        """Turn frequencies of the object in mm⁻¹ into cycles per degree: zoom makes them lower, distance higher."""
        millimetres_per_degree = 2 * self.distance_mm * math.tan(math.radians(0.5))
        return np.asarray(frequency / self.zoom * millimetres_per_degree)

    def response(self, frequency: Floats) -> Floats:
        """Response of the eye at frequencies of the object in mm⁻¹."""
        if self.eye is None:
            return np.ones_like(frequency)
        return self.eye(self.cycles_per_degree(frequency))

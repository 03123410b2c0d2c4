"""Reconstruction kernels as transfer functions over spatial frequency in mm⁻¹.

The kernel of filtered back-projection is the ramp |f| times a gain. The gain is the transfer function from object to
image; the noise power spectrum is proportional to |f| times its square.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .scan import ScanError

Window = Literal["hann", "hamming", "cosine", "shepp-logan"]
Frequencies = NDArray[np.float64]


@dataclass(frozen=True)
class ReconstructionKernel(ABC):
    """A gain by which the ramp is multiplied; 1 at zero frequency, so that large areas keep their HU.

    Attributes:
        name: As it appears in tables.
    """

    name: str

    @abstractmethod
    def gain(self, frequency_per_mm: Frequencies) -> Frequencies:
        """Gain at spatial frequencies of 0 mm⁻¹ and more, same shape."""


@dataclass(frozen=True)
class RamLak(ReconstructionKernel):
    """The ramp alone, up to the Nyquist frequency of the rays (Ramachandran and Lakshminarayanan, 1971)."""

    def gain(self, frequency_per_mm: Frequencies) -> Frequencies:
        """One at every frequency."""
        return np.ones_like(frequency_per_mm)


@dataclass(frozen=True)
class Apodised(ReconstructionKernel):
    """The ramp times a window that ends at a cut-off frequency (Kak and Slaney, 1988, chapter 3).

    Attributes:
        window: Shape of the roll-off.
        cutoff_per_mm: Frequency in mm⁻¹ beyond which nothing passes.
    """

    window: Window
    cutoff_per_mm: float

    def __post_init__(self) -> None:
        if self.window not in get_args(Window):
            raise ScanError(f"There is no window {self.window!r}: choose one of {', '.join(get_args(Window))}.")
        if not self.cutoff_per_mm > 0:
            raise ScanError(f"A kernel cannot end at {self.cutoff_per_mm} mm⁻¹: give a frequency above 0 mm⁻¹.")

    def gain(self, frequency_per_mm: Frequencies) -> Frequencies:
        """Value of the window, zero beyond its cut-off."""
        share = np.asarray(frequency_per_mm, dtype=np.float64) / self.cutoff_per_mm
        shape = {
            "hann": 0.5 + 0.5 * np.cos(math.pi * share),
            "hamming": 0.54 + 0.46 * np.cos(math.pi * share),
            "cosine": np.cos(math.pi / 2 * share),
            "shepp-logan": np.sinc(share / 2),
        }[self.window]
        return np.where(share <= 1, shape, 0.0)


@dataclass(frozen=True)
class RollOff(ReconstructionKernel):
    """A roll-off like that of scanners' kernels, `exp(−ln 2 · (f / half)^steepness) · (1 + boost · bump(f))`.

    The bump vanishes at zero frequency. It gives the overshoot of lung and bone kernels; with it the gain is no longer
    one half at `half_per_mm`.

    Attributes:
        half_per_mm: Frequency in mm⁻¹ at which the roll-off reaches one half.
        steepness: Exponent of the roll-off; 2 is a Gaussian.
        boost: Height of the edge enhancement.
        centre_per_mm: Frequency of the edge enhancement.
        width_per_mm: Width of the edge enhancement.
    """

    half_per_mm: float
    steepness: float = 2.0
    boost: float = 0.0
    centre_per_mm: float = 0.0
    width_per_mm: float = 1.0

    def __post_init__(self) -> None:
        if not min(self.half_per_mm, self.steepness, self.width_per_mm) > 0:
            raise ScanError(f"{self.name}: its half, steepness and width of edge enhancement have to be above zero.")

    def gain(self, frequency_per_mm: Frequencies) -> Frequencies:
        """Roll-off times edge enhancement."""
        f = np.asarray(frequency_per_mm, dtype=np.float64)
        falling = np.exp(-math.log(2) * (f / self.half_per_mm) ** self.steepness)
        bump = np.exp(-(((f - self.centre_per_mm) / self.width_per_mm) ** 2))
        at_zero = math.exp(-((self.centre_per_mm / self.width_per_mm) ** 2))
        return np.asarray(falling * (1 + self.boost * (bump - at_zero * np.exp(-((f / self.width_per_mm) ** 2)))))


def apodised(window: Window, cutoff_per_mm: float) -> Apodised:
    """The ramp times a window that ends at `cutoff_per_mm`, named after both.

    Raises:
        ScanError: There is no such window, or the cut-off is not above zero.
    """
    return Apodised(f"{window} to {cutoff_per_mm:g} mm⁻¹", window, cutoff_per_mm)


RAM_LAK = RamLak("Ram-Lak")

SHARP_QUANTITATIVE = RollOff("sharp quantitative (like Qr89)", half_per_mm=2.0, steepness=2.35)
"""50 % at 2.0 mm⁻¹ and 10 % at 3.3 mm⁻¹, without edge enhancement.

The papers give no transfer function of the Qr89. Madhavan et al. (2024) reconstruct it with pixels of
0.15 mm "to fully use the high spatial resolution": 10 % is put at the Nyquist frequency of these. The scanner's limit,
with its sharpest kernel, is 0.125 mm or 4 mm⁻¹ (Rajendran et al., Radiology 2022;303:130).
"""

SMOOTH = RollOff("smooth (like Br56)", half_per_mm=0.6, steepness=2.35)
"""50 % at 0.6 mm⁻¹ and 10 % at 1.0 mm⁻¹, as body kernels of medium sharpness have.

The papers give no transfer function of the Br56 either; these figures are assumed.
"""

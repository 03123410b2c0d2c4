"""Detectability index d′: how far a disc of given size and contrast stands out of the noise for a human reader.

The observer is the non-prewhitening matched filter with eye filter (NPWE; Burgess, J Opt Soc Am A 1994;11:1237), a
model of readers that AAPM Task Group 233 (2019) uses for CT:

    d′² = [∬ W² · TTF² · E² du dv]² / ∬ W² · TTF² · E⁴ · NPS du dv

with the task W(f) = contrast · radius · J₁(2π · radius · f) / f in HU·mm², the transform of the disc; the transfer
function TTF; the noise power spectrum NPS in HU²·mm²; and the response E of the eye. All of them are taken as the same
in all directions, so ∬ … du dv = ∫ … 2πf df. The integrals end at the Nyquist frequency. The observer has no noise of
its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid
from scipy.special import j1

from ..errors import MeasurementError
from .eye_filter import Viewing

Floats = NDArray[np.float64]

_FEWEST_POINTS = 2000
# Points for each oscillation of the task.
_POINTS_PER_CYCLE = 40


class ImpossibleTaskError(MeasurementError):
    """A detectability cannot be computed for this task or from these curves."""


class TransferCurve(Protocol):
    """What is used of a transfer function, such as `TaskTransferFunction`."""

    @property
    def frequency(self) -> Floats:
        """In mm⁻¹, rising."""

    @property
    def value(self) -> Floats:
        """1 at frequency 0."""


class NoiseCurve(Protocol):
    """What is used of a noise power spectrum, such as `NoisePowerSpectrum`."""

    @property
    def frequency(self) -> Floats:
        """In mm⁻¹, rising."""

    @property
    def power(self) -> Floats:
        """In HU²·mm²."""


@dataclass(frozen=True)
class DiscTask:
    """A disc to be detected on an even background.

    Attributes:
        diameter_mm: Of the disc.
        contrast_hu: Disc minus background, of either sign.

    Raises:
        ImpossibleTaskError: The diameter is not above zero, there is no contrast, or one of them is no number.
    """

    diameter_mm: float
    contrast_hu: float

    def __post_init__(self) -> None:
        if not (0 < self.diameter_mm < math.inf and 0 < abs(self.contrast_hu) < math.inf):
            raise ImpossibleTaskError("The disc to be detected needs a diameter above zero, and a contrast.")

    def transform(self, frequency: Floats) -> Floats:
        """Fourier transform in HU·mm² at frequencies in mm⁻¹: contrast times area at 0."""
        argument = np.maximum(np.pi * self.diameter_mm * np.asarray(frequency), 1e-9)
        return np.asarray(self.contrast_hu * np.pi * self.diameter_mm**2 / 4 * 2 * j1(argument) / argument)


@dataclass(frozen=True)
class Detectability:
    """Result for one task.

    Attributes:
        index: d′, a ratio of signal to noise. In a choice between two pictures Φ(d′/√2) of the answers are right: 76 %
            for 1, 98 % for 3.
        task: What is to be detected.
        viewing: How it is looked at.
        highest_frequency: Where the integrals end, in mm⁻¹.
    """

    index: float
    task: DiscTask
    viewing: Viewing
    highest_frequency: float


def detectability(
    ttf: TransferCurve, nps: NoiseCurve, task: DiscTask, *, viewing: Viewing | None = None
) -> Detectability:
    """Compute the detectability index of a disc.

    Transfer function and noise have to be those of the same reconstruction, the former measured at about the contrast
    of the task. Below its first frequency the noise power is that at its first.

    Args:
        ttf: From `disc_ttf` or `edge_ttf`.
        nps: From `noise_power_spectrum`.
        task: The disc.
        viewing: Viewing distance, zoom and eye; by default 500 mm, true size, the eye of Burgess.

    Raises:
        ImpossibleTaskError: The noise power is zero wherever the observer looks.

    Example:
        >>> from types import SimpleNamespace
        >>> frequency = np.linspace(0, 1, 100)
        >>> sharp = SimpleNamespace(frequency=frequency, value=np.ones(100))
        >>> white = SimpleNamespace(frequency=frequency, power=np.full(100, 25.0))
        >>> task = DiscTask(diameter_mm=10, contrast_hu=2)
        >>> round(detectability(sharp, white, task, viewing=Viewing(eye=None)).index, 1)  # 2 · √(π · 5²) / √25
        3.5
    """
    viewing = viewing or Viewing()
    highest = float(min(ttf.frequency[-1], nps.frequency[-1]))
    points = max(_FEWEST_POINTS, math.ceil(_POINTS_PER_CYCLE * task.diameter_mm * highest))
    frequency = np.linspace(0, highest, points)
    power = np.interp(frequency, nps.frequency, nps.power)
    eye = viewing.response(frequency)
    # The observer weighs the picture with the task as it looks in it, seen through the eye.
    seen = np.square(task.transform(frequency) * np.interp(frequency, ttf.frequency, ttf.value) * eye)
    ring = 2 * np.pi * frequency
    signal = trapezoid(seen * ring, frequency)
    noise = trapezoid(seen * np.square(eye) * power * ring, frequency)
    if not noise > 0:
        raise ImpossibleTaskError("There is no noise to detect this disc in, or no frequency at which it can be seen.")
    return Detectability(float(signal / math.sqrt(noise)), task, viewing, highest)

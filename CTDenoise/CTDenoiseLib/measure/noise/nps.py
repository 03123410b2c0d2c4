"""Noise power spectrum (NPS): how strong noise is at each spatial frequency, that is, how fine or blotchy it is.

Definitions are those of ICRU Report 87 and AAPM Report 233 (TG-233), after Siewerdsen, Cunningham and Jaffray (Med Phys
2002;29:2655). The spectrum is the mean over regions of the squared Fourier magnitude of what remains of each when its
smooth surface is subtracted, times pixel area over number of pixels. Its integral over all frequencies is the variance
of the noise. Spectra are averaged over the regions in two dimensions first, and over directions last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from ..errors import MeasurementError
from .detrend import subtract_surface, surface_terms
from .peak import peak_position
from .rings import Rings
from .uniformity import uniformity_warnings

LEAST_SIDE_PIXELS = 8
FEW_REGIONS = 10
SMALL_SIDE_PIXELS = 32

Regions = NDArray[np.floating] | NDArray[np.integer] | Sequence[NDArray[np.floating]]


class UnusableRegionsError(MeasurementError):
    """No spectrum can be taken of these regions."""


@dataclass(frozen=True, eq=False)
class NoisePowerSpectrum:
    """Noise power spectrum of an image.

    Attributes:
        frequency: Mean frequency in mm⁻¹ of each ring that was averaged, rising to the Nyquist frequency of the coarser
            axis. There is no point at zero: whatever the noise, a region without its mean has no power there.
        power: Mean over the ring of the two-dimensional spectrum in HU²·mm².
        uncertainty: Standard uncertainty of `power` in HU²·mm², if all frequencies of a ring are alike: power over the
            square root of independent regions × independent frequencies.
        edges: Bounds of the rings in mm⁻¹, one more than rings.
        frequency_y: Frequencies along the columns in mm⁻¹, rising, zero included, shape (y,).
        frequency_x: Frequencies along the rows in mm⁻¹, shape (x,).
        power_2d: Spectrum in HU²·mm² with zero frequency in the middle, shape (y, x); corners beyond the last ring
            belong to it.
        variance: Variance of the noise in HU², the integral of `power_2d`: mean square of the pixels when the surface
            of their region is subtracted. It is not scaled up for the degrees of freedom which that takes (see
            `detrend`), since what is lost is lost at the lowest frequencies only.
        regions: How many regions were averaged.
        warnings: Why the spectrum may be wrong, one sentence a cause.
    """

    frequency: NDArray[np.float64]
    power: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    edges: NDArray[np.float64]
    frequency_y: NDArray[np.float64]
    frequency_x: NDArray[np.float64]
    power_2d: NDArray[np.float64]
    variance: float
    regions: int
    warnings: tuple[str, ...] = ()

    @property
    def noise(self) -> float:
        """Standard deviation of the noise in HU."""
        return math.sqrt(self.variance)

    @property
    def mean_frequency(self) -> float:
        """Centre of gravity of the curve, ∫f·NPS df / ∫NPS df, in mm⁻¹: lower means coarser, blotchier noise.

        The innermost ring stands for all frequencies below it.
        """
        bounds = np.concatenate([[0.0], self.edges[1:]])
        return float(np.sum(self.power * np.diff(bounds**2) / 2) / np.sum(self.power * np.diff(bounds)))

    @property
    def peak_frequency(self) -> float:
        """Frequency of the strongest noise in mm⁻¹: top of a parabola through the highest part of the curve."""
        return peak_position(self.frequency, self.power, self.uncertainty)


def noise_power_spectrum(
    regions: Regions,
    *,
    pixel_spacing: tuple[float, float],
    detrend: int = 2,
    independent_regions: float | None = None,
) -> NoisePowerSpectrum:
    """Estimate the noise power spectrum from regions of uniform material.

    Fifty regions of 64² pixels take about 5 ms, and give each ring within 1 to 7 %. A region of side L tells
    frequencies 1/L apart: its spectrum is blurred by as much, and its surface of second order takes up to half of the
    power below 1.5/L with it. Where that matters, use `difference_nps`.

    Args:
        regions: HU, shape (n, y, x).
        pixel_spacing: Distance of rows and of columns (y, x) in mm.
        detrend: Order of the polynomial to subtract from each region: 2, or 0 for the mean alone.
        independent_regions: Of how many regions the spectra would scatter as little; fewer than n where regions
            overlap. `None` for n.

    Raises:
        UnusableRegionsError: There are no regions, they differ in size, are smaller than eight pixels or very oblong,
            hold values that are no numbers, or no noise at all.

    Example:
        >>> regions = 20 * np.random.default_rng(0).standard_normal((64, 64, 64))
        >>> round(noise_power_spectrum(regions, pixel_spacing=(0.5, 0.5)).noise)
        20
    """
    stack = _checked(regions)
    noise = subtract_surface(stack, detrend)
    spectrum = _spectrum(noise, pixel_spacing, independent_regions)
    cautions = (*uniformity_warnings(stack, noise), *_sampling_warnings(noise.shape, pixel_spacing, detrend))
    return replace(spectrum, warnings=cautions)


def difference_nps(
    first: Regions,
    second: Regions,
    *,
    pixel_spacing: tuple[float, float],
    detrend: int = 0,
    independent_regions: float | None = None,
) -> NoisePowerSpectrum:
    """Estimate the noise power spectrum from the difference of two repeated scans.

    What both scans show alike, cupping, rings and the phantom itself, is gone in the difference; independent noise has
    twice the power there, hence the difference is divided by √2. Low frequencies are thus measured without a surface
    to take them away. Neighbouring sections of one scan are no repeats: they share some of their noise, which is lost.

    Args:
        first: HU of one scan, shape (n, y, x).
        second: HU of the same regions of the other.
        pixel_spacing: Distance of rows and of columns (y, x) in mm.
        detrend: Order of the polynomial to subtract from each difference; the mean alone as a rule.
        independent_regions: As in `noise_power_spectrum`.

    Raises:
        UnusableRegionsError: As `noise_power_spectrum`; also if the scans have different regions.
    """
    one, other = _checked(first), _checked(second)
    if one.shape != other.shape:
        raise UnusableRegionsError(
            f"Repeated scans need the same regions; there are {_describe(one)} and {_describe(other)}."
        )
    return noise_power_spectrum(
        (one.astype(np.float64) - other) / math.sqrt(2),
        pixel_spacing=pixel_spacing,
        detrend=detrend,
        independent_regions=independent_regions,
    )


def _checked(regions: Regions) -> NDArray[np.floating] | NDArray[np.integer]:
    """Regions as one array of numbers (n, y, x)."""
    if len(regions) == 0:
        raise UnusableRegionsError("A noise power spectrum needs at least one region; there is none.")
    if len({np.shape(region) for region in regions}) > 1:
        raise UnusableRegionsError("Regions for a noise power spectrum must all have the same size; these differ.")
    stack: NDArray[Any] = np.asarray(regions)
    if stack.ndim != 3:
        raise UnusableRegionsError(f"Regions have rows and columns, shape (n, y, x); these have shape {stack.shape}.")
    if min(stack.shape[1:]) < LEAST_SIDE_PIXELS:
        raise UnusableRegionsError(
            f"A region for a noise power spectrum needs {LEAST_SIDE_PIXELS} pixels along each side; "
            f"there are {_describe(stack)}."
        )
    # A sum is not finite if any of its terms is not.
    broken = np.flatnonzero(~np.isfinite(stack.sum(axis=(1, 2), dtype=np.float64)))
    if broken.size:
        raise UnusableRegionsError(f"Region {broken[0] + 1} holds values that are no numbers; leave it out.")
    # Compared, not subtracted: the difference of whole numbers of 16 bits may not fit into 16 bits.
    if (stack.max(axis=(1, 2)) == stack.min(axis=(1, 2))).all():
        raise UnusableRegionsError("The regions hold no noise: all pixels are equal, as in filled background.")
    return stack


def _spectrum(
    noise: NDArray[np.float64], pixel_spacing: tuple[float, float], independent_regions: float | None
) -> NoisePowerSpectrum:
    count, rows, columns = noise.shape
    dy, dx = pixel_spacing
    half = scipy.fft.rfft2(noise)
    power = (np.square(half.real) + np.square(half.imag)).mean(axis=0) * (dy * dx / (rows * columns))
    plane = _whole_plane(power, columns)
    rings = _rings((rows, columns), (dy, dx))
    if not rings.modes.size:
        raise UnusableRegionsError(
            f"Regions of {columns * dx:.1f} × {rows * dy:.1f} mm are too narrow for pixels of {dx:g} × {dy:g} mm; take "
            "squares."
        )
    curve = rings.average(plane)
    # Of real numbers, each frequency and its negative are one.
    independent = (independent_regions or count) * rings.modes / 2
    return NoisePowerSpectrum(
        frequency=rings.frequency,
        power=curve,
        uncertainty=curve / np.sqrt(independent),
        edges=rings.edges,
        frequency_y=scipy.fft.fftshift(scipy.fft.fftfreq(rows, dy)),
        frequency_x=scipy.fft.fftshift(scipy.fft.fftfreq(columns, dx)),
        power_2d=scipy.fft.fftshift(plane),
        variance=float(np.mean(np.square(noise))),
        regions=count,
    )


_rings = lru_cache(maxsize=8)(Rings.of)


def _whole_plane(half: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """All frequencies from those with x ≥ 0, zero at [0, 0]: the power of real numbers is that of the negative."""
    missing = columns - half.shape[1]
    mirrored = np.roll(half[::-1], 1, axis=0)[:, missing:0:-1]
    return np.concatenate([half, mirrored], axis=1)


def _sampling_warnings(shape: tuple[int, ...], pixel_spacing: tuple[float, float], detrend: int) -> tuple[str, ...]:
    count, rows, columns = shape
    warnings = []
    if count < FEW_REGIONS:
        regions = "one region" if count == 1 else f"{count} regions"
        warnings.append(f"The spectrum is the mean of only {regions}; {FEW_REGIONS} and more make it steady.")
    if min(rows, columns) < SMALL_SIDE_PIXELS:
        step = max(1 / (rows * pixel_spacing[0]), 1 / (columns * pixel_spacing[1]))
        lost = 100 * surface_terms(detrend) / (rows * columns)
        warnings.append(
            f"Regions of {columns} × {rows} pixels are small: they tell frequencies {step:.2g} mm⁻¹ apart, and lose "
            f"about {lost:.1f} % of the variance with their trend; use regions of {SMALL_SIDE_PIXELS} pixels or more."
        )
    return tuple(warnings)


def _describe(stack: NDArray[np.floating] | NDArray[np.integer]) -> str:
    count, rows, columns = stack.shape
    return f"{count} of {columns} × {rows} pixels"

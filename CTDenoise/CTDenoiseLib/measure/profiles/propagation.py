"""What noise makes of values computed from a profile: the law of propagation of uncertainty with correlated noise.

Each value carries its sensitivity to every sample of the profile. The noise is read where HU should be constant, with
its correlation from sample to sample, which interpolation and the reconstruction kernel make (JCGM 100:2008, 5.2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_LAGS = 64
# Of so few samples the mean takes away too much of the noise to correct for it.
_LEAST_SHARE_LEFT = 0.2


@dataclass(frozen=True, eq=False)
class Estimate:
    """A value computed from the samples of a profile.

    Attributes:
        value: In any unit.
        sensitivity: Derivative of the value by each sample, shape (m,).
    """

    value: float
    sensitivity: NDArray[np.float64]

    @classmethod
    def weighted(cls, hu: NDArray[np.float64], samples: slice, weights: NDArray[np.float64]) -> Estimate:
        """Sum of some samples, each times its weight."""
        sensitivity = np.zeros(len(hu))
        sensitivity[samples] = weights
        return cls(float(hu[samples] @ weights), sensitivity)

    @classmethod
    def mean(cls, hu: NDArray[np.float64], samples: slice) -> Estimate:
        """Mean of some samples."""
        count = samples.stop - samples.start
        return cls.weighted(hu, samples, np.full(count, 1 / count))

    def __add__(self, other: Estimate) -> Estimate:
        return Estimate(self.value + other.value, self.sensitivity + other.sensitivity)

    def __sub__(self, other: Estimate) -> Estimate:
        return Estimate(self.value - other.value, self.sensitivity - other.sensitivity)

    def __mul__(self, factor: float) -> Estimate:
        return Estimate(self.value * factor, self.sensitivity * factor)

    def __abs__(self) -> Estimate:
        return self if self.value >= 0 else self * -1.0


@dataclass(frozen=True, eq=False)
class ProfileNoise:
    """Noise of the samples of a profile.

    Attributes:
        autocovariance: Of samples so many steps apart, from 0 on, in HU².
    """

    autocovariance: NDArray[np.float64]

    @classmethod
    def of(cls, hu: NDArray[np.float64], plateaus: Sequence[slice]) -> ProfileNoise:
        """Read the noise where HU should be constant.

        The autocovariance is taken as zero from where it first is no longer positive: further out it is told by
        chance. What subtracting the means of the plateaus takes away is added again.

        Args:
            hu: The profile, shape (m,).
            plateaus: Where HU should be constant, each of at least two samples.
        """
        residuals = [hu[plateau] - hu[plateau].mean() for plateau in plateaus]
        count = sum(map(len, residuals))
        found: list[float] = []
        for lag in range(min(_MOST_LAGS, max(map(len, residuals)) // 2) + 1):
            products = (float(residual[: -lag or None] @ residual[lag:]) for residual in residuals)
            covariance = sum(products) / count
            if lag and covariance <= 0:
                break
            found.append(covariance)
        autocovariance = np.array(found)
        if autocovariance[0] > 0:
            correlated = (2 * autocovariance.sum() - autocovariance[0]) / autocovariance[0]
            autocovariance /= max(1 - len(residuals) * correlated / count, _LEAST_SHARE_LEFT)
        return cls(autocovariance)

    @property
    def deviation(self) -> float:
        """Standard deviation of a sample in HU."""
        return math.sqrt(self.autocovariance[0])

    def uncertainty(self, estimate: Estimate) -> float:
        """Standard uncertainty of a value from the noise, in its unit."""
        weights = estimate.sensitivity
        variance = self.autocovariance[0] * float(weights @ weights)
        for lag, covariance in enumerate(self.autocovariance[1:], start=1):
            variance += 2 * covariance * float(weights[:-lag] @ weights[lag:])
        return math.sqrt(max(variance, 0.0))

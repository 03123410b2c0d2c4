"""Change of the mean HU by class of tissue: does a denoiser shift what radiologists read as numbers?

Voxels are sorted into classes by HU, and in each the mean of output − input is taken. Sorting by the input alone
would show a shift where there is none: a voxel that noise lifted into the next class falls back when the noise is taken
away (regression to the mean). Sorting by the output alone errs likewise by the noise that remains. So voxels are sorted
by the mean of input and output, smoothed, in which noise is small, and what selection still does is worked out: for
noise with a normal distribution the sum of the residual over the voxels above a bound is the covariance of residual and
sorted value times the number of voxels per HU at the bound (Stein, Ann Stat 1981;9:1135). The covariance is measured
in flat soft tissue. The shift that pure noise gives in this way is reported beside the shift found.

Bounds of the classes in HU: fat −190 to −30 and soft tissue −30 to 150 as in body composition (Aubrey et al., Acta
Physiol 2014;210:489); lung from −950, the bound of emphysema (Gevenois et al., Am J Respir Crit Care Med 1996;154:187),
to −500, where normal aeration ends (Gattinoni et al., Am J Respir Crit Care Med 2001;164:1701). Between −500 and −190
lies no tissue but only voxels shared by two, below −1100 only filled background. That dense bone begins at 600 HU is a
convention: contrast medium and spongy bone lie below as a rule, cortical bone above.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import scipy
from numpy.typing import NDArray

from .block_sums import block_sums, mean_with_error
from .edge_ratio import SMOOTHING_PIXELS

FEWEST_VOXELS = 200
_HALF_WINDOW_HU = 2.0


class Tissue(Enum):
    """A class of tissue: its name and its lowest and highest HU."""

    AIR = ("air", -1100.0, -950.0)
    LUNG = ("lung", -950.0, -500.0)
    FAT = ("fat", -190.0, -30.0)
    SOFT_TISSUE = ("soft tissue", -30.0, 150.0)
    CONTRAST_OR_SPONGY_BONE = ("contrast medium or spongy bone", 150.0, 600.0)
    DENSE_BONE = ("dense bone", 600.0, math.inf)

    def __init__(self, words: str, low: float, high: float) -> None:
        self.words = words
        self.low = low
        self.high = high


@dataclass(frozen=True)
class TissueShift:
    """Change of the mean HU in one class of tissue.

    Attributes:
        tissue: The class.
        voxels: How many were averaged.
        mean_hu: Their mean in the input.
        shift: Mean of output − input in HU.
        error: Standard error of the shift in HU.
        from_noise: Shift in HU that sorting alone gives when pure noise is taken away.
    """

    tissue: Tissue
    voxels: int
    mean_hu: float
    shift: float
    error: float
    from_noise: float


class TissueShiftMeter:
    """Collects the shifts over the sections of a volume as they come."""

    def __init__(self) -> None:
        self._sums: dict[Tissue, list[NDArray[np.float64]]] = {tissue: [] for tissue in Tissue}
        self._near: dict[float, int] = dict.fromkeys(_BOUNDS, 0)
        self._flat = np.zeros(4)

    def add(
        self,
        before: NDArray[np.floating],
        after: NDArray[np.floating],
        *,
        without_data: NDArray[np.bool_],
        flat: NDArray[np.bool_] | None,
    ) -> None:
        """Count one section.

        Args:
            before: Input in HU, shape (y, x).
            after: Output in HU, same shape.
            without_data: Voxels that are padding, same shape.
            flat: Flat soft tissue, as in `EdgeMasks`; `None` where there is none.
        """
        change = np.asarray(after, dtype=np.float32) - before
        sorted_by = scipy.ndimage.gaussian_filter(before + change / 2, SMOOTHING_PIXELS)
        sorted_by[without_data] = np.nan
        for tissue, sums in self._sums.items():
            sums.append(block_sums((sorted_by >= tissue.low) & (sorted_by < tissue.high), change, before))
        for bound in self._near:
            self._near[bound] += int(np.count_nonzero(np.abs(sorted_by - bound) < _HALF_WINDOW_HU))
        if flat is not None:
            lost, level = change[flat].astype(np.float64), sorted_by[flat].astype(np.float64)
            self._flat += (lost.size, lost.sum(), level.sum(), lost @ level)

    def result(self) -> tuple[TissueShift, ...]:
        """The classes of which there are 200 voxels or more, from air to bone."""
        shifts = []
        for tissue, blocks in self._sums.items():
            sums = np.concatenate(blocks) if blocks else np.zeros((0, 3))
            voxels = int(sums[:, 0].sum())
            if voxels >= FEWEST_VOXELS:
                shift, error = mean_with_error(sums[:, 0], sums[:, 1])
                mean = float(sums[:, 2].sum() / voxels)
                shifts.append(TissueShift(tissue, voxels, mean, shift, error, self._by_sorting(tissue) / voxels))
        return tuple(shifts)

    def _by_sorting(self, tissue: Tissue) -> float:
        """Sum of the change over a class that is due to sorting by a value that shares noise with it, in HU."""
        pixels, change, level, product = self._flat
        if not pixels:
            return 0.0
        covariance = product / pixels - change * level / pixels**2
        at_low, at_high = (self._near.get(bound, 0) / (2 * _HALF_WINDOW_HU) for bound in (tissue.low, tissue.high))
        return float(covariance * (at_low - at_high))


_BOUNDS = sorted({bound for tissue in Tissue for bound in (tissue.low, tissue.high) if math.isfinite(bound)})

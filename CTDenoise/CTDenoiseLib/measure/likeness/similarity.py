"""How alike two images are, voxel by voxel: RMSE, PSNR, NRMSE, SSIM and the variance of their difference.

These figures depend on the window and the range of data that they are taken for, and papers differ in both; a figure
without them says nothing. So a `Similarity` carries them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..measured import Measured, Measurement, NotMeasurable
from .image_pair import ImagePair, NotComparableError, Picture
from .structural_similarity import WINDOW_PIXELS, structural_similarity

# HU + 1000 is 1000 times the attenuation relative to that of water.
AIR_HU = -1000.0

_NO_VOXEL = "There is no voxel to compare: all are padding in one of the images."


@dataclass(frozen=True, kw_only=True)
class Similarity:
    """How alike an image is to a reference.

    HU have an arbitrary zero, so that a mean or a length of HU means nothing, and the mean may be zero or less. What is
    normalised by one is therefore taken of HU + 1000, which is proportional to attenuation.

    Attributes:
        window: Lowest and highest HU that values of both were clipped to; `None` if they were not.
        data_range: HU from black to white, for PSNR, SSIM and `nrmse_range`.
        black: HU that SSIM takes for zero brightness: the bottom of the window, or the lowest of the reference.
        voxels: How many were compared.
        padding_left_out: Voxels that hold no data in one of the images.
        sections: How many sections were compared.
        bias: Mean of other − reference in HU.
        rmse: Root mean square of other − reference in HU.
        residual_variance: Variance of other − reference in HU²: RMSE² − bias².
        psnr: Peak signal-to-noise ratio 10·log₁₀(data range²/RMSE²) in dB, infinite for equal images.
        nrmse_range: RMSE over the data range.
        nrmse_mean: RMSE over the mean of the reference + 1000 HU.
        nrmse_euclidean: RMSE over the root mean square of the reference + 1000 HU.
        nrmse_zhang: 100·RMSE over the mean of the other image + 1000 HU, in %: the definition of Zhang et al. (Quant
            Imaging Med Surg 2024;14:640), who took it of attenuation coefficients and normalised by the image judged.
        ssim: Mean structural similarity of Wang et al. (2004) over all sections, see `structural_similarity`.
    """

    window: tuple[float, float] | None
    data_range: float
    black: float
    voxels: int
    padding_left_out: int
    sections: int
    bias: float
    rmse: float
    residual_variance: float
    psnr: float
    nrmse_range: float
    nrmse_mean: float
    nrmse_euclidean: float
    nrmse_zhang: float
    ssim: Measurement

    @property
    def terms(self) -> str:
        """What the figures were taken for, in words."""
        clipped = "not clipped" if self.window is None else f"clipped to {self.window[0]:g} to {self.window[1]:g} HU"
        return f"{self.voxels} voxels, {clipped}, data range {self.data_range:g} HU"


def similarity(
    reference: Picture,
    other: Picture,
    *,
    window: tuple[float, float] | None = None,
    data_range: float | None = None,
) -> Similarity:
    """Compare an image with a reference, section by section, so that large volumes need little memory.

    Voxels that are padding in one of them do not count, nor do sections that hold no data yet. Padding that no header
    declares, such as −3024 HU around the field of view, is taken for data; a window keeps it from deciding the range.

    Args:
        reference: What is taken for true: a `MeasuredImage`, or HU of shape (z, y, x) or (y, x).
        other: What is judged, with the same voxels.
        window: Lowest and highest HU to clip both to; `None` to compare all HU.
        data_range: HU from black to white; `None` for the width of the window, or without one for highest − lowest of
            the reference.

    Raises:
        DifferentGridError: The images have different voxels.
        NotDenoisedHereError: There is no section where both hold data.
        NotComparableError: Nothing but padding, values that are no numbers, an empty window, or a reference of one
            value where its range is needed.

    Example:
        >>> reference = np.linspace(0, 400, 32 * 32).reshape(32, 32)
        >>> result = similarity(reference, reference + 4, data_range=400)
        >>> result.rmse, round(result.psnr, 3)
        (4.0, 40.0)
    """
    pair = ImagePair(reference, other, window=window)
    low, high = window if window is not None else pair.range_of_reference()
    if low > high:
        raise NotComparableError(_NO_VOXEL)
    scale = high - low if data_range is None else data_range
    if not (math.isfinite(scale) and scale > 0):
        raise NotComparableError(f"The data range must be more than 0 HU; it is {scale:g} HU. State another.")
    sums = _Sums()
    for first, second, valid in pair.sections():
        sums.add(first, second, valid, black=low, data_range=scale)
    if not sums.voxels:
        raise NotComparableError(_NO_VOXEL)
    return sums.result(window=window, data_range=scale, black=low)


class _Sums:
    """What the figures are made of, added up over sections."""

    def __init__(self) -> None:
        self.voxels = 0
        self._padding = 0
        self._sections = 0
        self._difference = self._square = 0.0
        self._reference = self._reference_square = self._other = 0.0
        self._ssim = 0.0
        self._ssim_pixels = 0

    def add(
        self,
        reference: NDArray[np.float64],
        other: NDArray[np.float64],
        valid: NDArray[np.bool_],
        *,
        black: float,
        data_range: float,
    ) -> None:
        """Count one section."""
        one, two = reference[valid], other[valid]
        difference = two - one
        self.voxels += one.size
        self._padding += valid.size - one.size
        self._sections += 1
        self._difference += float(difference.sum())
        self._square += float(difference @ difference)
        self._reference += float((one - AIR_HU).sum())
        self._reference_square += float(np.square(one - AIR_HU).sum())
        self._other += float((two - AIR_HU).sum())
        # Padding may be no number, and must not spread.
        pictures = (np.where(valid, picture - black, 0.0) for picture in (reference, other))
        index = structural_similarity(*pictures, data_range=data_range, valid=valid)
        self._ssim += float(index.sum())
        self._ssim_pixels += index.size

    def result(self, *, window: tuple[float, float] | None, data_range: float, black: float) -> Similarity:
        """The figures of the sections so far."""
        mean_square = self._square / self.voxels
        rmse, bias = math.sqrt(mean_square), self._difference / self.voxels
        return Similarity(
            window=window,
            data_range=data_range,
            black=black,
            voxels=self.voxels,
            padding_left_out=self._padding,
            sections=self._sections,
            bias=bias,
            rmse=rmse,
            residual_variance=max(mean_square - bias**2, 0.0),
            psnr=20 * math.log10(data_range / rmse) if rmse else math.inf,
            nrmse_range=rmse / data_range,
            nrmse_mean=_share(rmse, self._reference / self.voxels),
            nrmse_euclidean=_share(rmse, math.sqrt(self._reference_square / self.voxels)),
            nrmse_zhang=100 * _share(rmse, self._other / self.voxels),
            ssim=self._mean_ssim(),
        )

    def _mean_ssim(self) -> Measurement:
        if not self._ssim_pixels:
            return NotMeasurable(
                f"SSIM needs {WINDOW_PIXELS} × {WINDOW_PIXELS} pixels of data in a section; there are fewer."
            )
        return Measured(self._ssim / self._ssim_pixels)


def _share(rmse: float, norm: float) -> float:
    """NaN where all is air and nothing is left to divide by."""
    return rmse / norm if norm > 0 else math.nan

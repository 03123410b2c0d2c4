"""Truth of similarity: differences that are known, and scikit-image."""

from __future__ import annotations

import math

import numpy as np
import skimage
from skimage import metrics

from CTDenoiseLib.measure.likeness.similarity import similarity
from CTDenoiseLib.measure.measured import Measured
from support.ct_series import anatomy

from .row import TruthRow

SKIMAGE = f"scikit-image {skimage.__version__}"
WINDOW = (-160.0, 240.0)


def rows() -> tuple[TruthRow, ...]:
    """A checkerboard of known error, and noise on a synthetic thorax."""
    return (*_checkerboard(), *_thorax())


def _checkerboard() -> tuple[TruthRow, ...]:
    """Water that is 3 HU too high, ±4 HU in a checkerboard: RMSE 5, bias 3, variance 16."""
    reference = np.zeros((2, 32, 32))
    error = 3 + 4 * (-1.0) ** np.indices(reference.shape).sum(axis=0)
    found = similarity(reference, reference + error, data_range=1000.0)
    case = "water, error 3 ± 4 HU, data range 1000 HU"
    return (
        _exact("RMSE", case, "HU", found.rmse, 5.0),
        _exact("Bias", case, "HU", found.bias, 3.0),
        _exact("Residual variance", case, "HU²", found.residual_variance, 16.0),
        _exact("PSNR", case, "dB", found.psnr, 20 * math.log10(1000 / 5)),
        _exact("NRMSE, Zhang 2024", case, "%", found.nrmse_zhang, 100 * 5 / 1003),
    )


def _thorax() -> tuple[TruthRow, ...]:
    reference = anatomy()[:1].astype(np.float64)
    other = reference + 30 * np.random.default_rng(0).standard_normal(reference.shape)
    found = similarity(reference, other, window=WINDOW)
    low, high = WINDOW
    first, second = reference[0].clip(*WINDOW), other[0].clip(*WINDOW)
    attenuation = first + 1000
    ssim = metrics.structural_similarity(
        first - low, second - low, data_range=high - low, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    psnr = metrics.peak_signal_noise_ratio(first, second, data_range=high - low)
    by_mean, euclidean = (
        metrics.normalized_root_mse(attenuation, second + 1000, normalization=norm) for norm in ("mean", "euclidean")
    )
    case = "thorax + 30 HU of noise, window −160 to 240 HU"
    from_bottom = "scikit-image is given HU counted from the bottom of the window."
    of_attenuation = "scikit-image is given HU + 1000 as well, whose zero is no attenuation."
    assert isinstance(found.ssim, Measured)
    return (
        _agrees("SSIM", case, "", found.ssim.value, ssim, note=from_bottom),
        _agrees("PSNR", case, "dB", found.psnr, psnr),
        _agrees("NRMSE by mean", case, "", found.nrmse_mean, by_mean, note=of_attenuation),
        _agrees("NRMSE, Euclidean", case, "", found.nrmse_euclidean, euclidean, note=of_attenuation),
    )


def _exact(measure: str, case: str, unit: str, ours: float, truth: float) -> TruthRow:
    return TruthRow(measure=measure, case=case, unit=unit, ours=ours, truth=truth, tolerance=1e-9)


def _agrees(measure: str, case: str, unit: str, ours: float, oracle: float, *, note: str = "") -> TruthRow:
    return TruthRow(
        measure=measure,
        case=case,
        unit=unit,
        ours=ours,
        truth=None,
        oracle=oracle,
        oracle_name=SKIMAGE,
        tolerance=1e-6,
        note=note,
    )

"""Detected photons: quantum noise, electronic noise and the logarithm that makes line integrals of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scan import ScanError


def noisy_line_integrals(
    line_integrals: NDArray[np.floating],
    *,
    photons: float | NDArray[np.floating],
    electronic_noise: float = 0.0,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Measure line integrals with a given number of photons.

    For N detected photons the variance of a line integral is 1/N + (electronic noise)²/N². A ray that detects less than
    one photon counts as one, as the logarithm wants.

    Args:
        line_integrals: Without unit, any shape, mostly (views, rays) or (n, views, rays).
        photons: Sent along each ray: one number, or an array that broadcasts with the rays, as behind a bowtie filter.
        electronic_noise: Standard deviation of the detector's signal without radiation, in photons.
        rng: Source of the randomness.

    Returns:
        Line integrals with noise, shape of `line_integrals`.

    Raises:
        ScanError: The photons are fewer than one, or the electronic noise is below zero.

    Example:
        >>> rays = noisy_line_integrals(np.zeros(1000), photons=1e4, rng=np.random.default_rng(0))
        >>> round(float(rays.std()), 3)
        0.01
    """
    sent = np.asarray(photons, dtype=np.float64)
    if not (np.isfinite(sent).all() and (sent >= 1).all()):
        raise ScanError(f"Each ray needs one photon or more, not {sent.min():g}.")
    if not electronic_noise >= 0:
        raise ScanError(f"Electronic noise cannot be {electronic_noise} photons: give 0 or more.")
    detected = rng.poisson(sent * np.exp(-np.asarray(line_integrals, dtype=np.float64))).astype(np.float64)
    if electronic_noise:
        detected += electronic_noise * rng.standard_normal(detected.shape)
    return np.asarray(np.log(sent / np.maximum(detected, 1)), dtype=np.float32)

"""One scan at two doses: noise inserted into the projections of the full dose, so that anatomy corresponds perfectly.

Of the photons that the full dose detects the low dose keeps each with the same chance: the counts are then exactly
those of a scan with fewer photons, and a part of the noise is that of the full dose, as in the data of the article.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...simulate.attenuation import attenuation_of, hu_of
from ...simulate.counts import noisy_line_integrals
from ...simulate.filtered_back_projection import reconstruct
from ...simulate.kernels import apodised
from ...simulate.projection import project
from ...simulate.scan import ParallelScan
from .settings import Scanner

Floats = NDArray[np.float32]


def scan_at_two_doses(  # noqa: PLR0913 - what, with what, how often, and who watches
    sections: NDArray[np.floating],
    *,
    pixel_mm: float,
    scanner: Scanner,
    repeats: int,
    seed: int,
    count: Callable[[int, int], object] = lambda done, total: None,
) -> dict[str, Floats]:
    """Scan sections, each with chance of its own.

    Args:
        sections: HU, square, shape (n, y, x).
        pixel_mm: Side of a pixel, of the sections and of the pictures.
        scanner: Dose, views and kernel.
        repeats: Scans of each section, with independent noise.
        seed: Of the noise.
        count: Told how many sections are done, of how many.

    Returns:
        HU: "clean" without noise, shape (n, y, x); "full" and "low", shape (repeats, n, y, x).
    """
    made = []
    for number, section in enumerate(sections):
        rng = np.random.default_rng([seed, number])
        made.append(_scan_one(section, pixel_mm=pixel_mm, scanner=scanner, repeats=repeats, rng=rng))
        count(number + 1, len(sections))
    clean, full, low = zip(*made, strict=True)
    return {"clean": np.stack(clean), "full": np.stack(full, axis=1), "low": np.stack(low, axis=1)}


def low_dose(line_integrals: NDArray[np.floating], *, photons: float, share: float, rng: np.random.Generator) -> Floats:
    """Line integrals as a share of the dose would have measured them.

    Args:
        line_integrals: Measured with the full dose and without electronic noise, any shape.
        photons: Sent along each ray at full dose.
        share: Of the photons that are kept.
        rng: Source of the noise.

    Returns:
        Line integrals with more noise, same shape. A ray that is left without a photon counts as one.
    """
    detected = np.rint(photons * np.exp(-np.asarray(line_integrals, dtype=np.float64))).astype(np.int64)
    kept = rng.binomial(detected, share)
    return np.asarray(np.log(photons * share / np.maximum(kept, 1)), dtype=np.float32)


def _scan_one(
    section: NDArray[np.floating], *, pixel_mm: float, scanner: Scanner, repeats: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Pictures without noise, at full and at low dose, the two last of shape (repeats, y, x)."""
    # As many rays as cover the corners of the section.
    rays = math.ceil(section.shape[0] * math.sqrt(2)) + 2
    scan = ParallelScan(views=scanner.views, rays=rays, ray_spacing_mm=pixel_mm)
    lines = project(attenuation_of(section), pixel_mm=pixel_mm, scan=scan)
    full = [noisy_line_integrals(lines, photons=scanner.photons, rng=rng) for _ in range(repeats)]
    low = [low_dose(own, photons=scanner.photons, share=scanner.dose_share, rng=rng) for own in full]
    pictures = hu_of(
        reconstruct(
            np.stack([lines, *full, *low]),
            scan=scan,
            kernel=apodised("hann", scanner.cutoff_per_mm),
            matrix=section.shape[0],
            pixel_mm=pixel_mm,
        )
    )
    return pictures[0], pictures[1 : repeats + 1], pictures[repeats + 1 :]

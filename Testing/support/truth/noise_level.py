"""Truth of the global noise level: noise of known deviation, and actilib."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
from actilib.analysis.gnl import calculate_gnl
from numpy.typing import NDArray

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.noise.global_noise_level import global_noise_level
from support.noise_phantom import KnownSpectrum, blotchy, filtered_back_projection, noise_sections
from support.tilted_grid import tilted_grid

from .row import TruthRow

ACTILIB = "actilib 0.99.1"
PIXEL = (0.7, 0.7)
SIDE = 384
# Windows of 9 to 11 pixels of 0.7 mm.
RADIUS_MM = 3.5

COARSE = "Part of noise as coarse as the window is missed: of 0.16 mm⁻¹ mean frequency about 5 %."
BINS = (
    "actilib counts in bins of 1 HU that start at 1 HU and tells their number: 1.5 HU are added to it here. Its own "
    "tissue range is applied to the noisy image and writes zeros elsewhere, so it is left out."
)


def rows() -> tuple[TruthRow, ...]:
    """Uniform tissue with white noise of 5 to 250 HU, as of filtered back-projection, and blotchy."""
    rng = np.random.default_rng(0)
    white = [
        _row(f"white noise of {sd:g} HU", sd * rng.standard_normal((2, SIDE, SIDE)), sd, tolerance=tolerance)
        # One bin of 1 HU is 3 % of 30 HU; at 200 HU each bin holds few counts, which scatters the peak of theirs.
        for sd, tolerance in ((20.0, 0.03), (60.0, 0.02), (200.0, 0.03))
    ]
    # Bins of 1 HU say nothing of 5 HU, and 250 HU are beyond them as 200 HU are.
    weak, strong = (sd * rng.standard_normal((2, SIDE, SIDE)) for sd in (5.0, 250.0))
    return (
        _row("white noise of 5 HU", weak, 5.0, with_oracle=False),
        *white,
        _row("white noise of 250 HU", strong, 250.0, with_oracle=False),
        *(
            _row(f"as of filtered back-projection, {sd:g} HU", _noise(rng, spectrum), sd, tolerance=0.03)
            for sd in (30.0, 200.0)
            for spectrum in (filtered_back_projection(sd, peak_frequency=0.18),)
        ),
        _row("blotchy, 30 HU", _noise(rng, blotchy(30.0, width=0.2)), 30.0, tolerance=0.08, note=COARSE),
    )


def _noise(rng: np.random.Generator, spectrum: KnownSpectrum) -> NDArray[np.float64]:
    return noise_sections(rng, spectrum, pixel_spacing=PIXEL, shape=(2, SIDE, SIDE))


def _row(
    case: str,
    noise: NDArray[np.float64],
    truth: float,
    *,
    tolerance: float = 0.02,
    note: str = "",
    with_oracle: bool = True,
) -> TruthRow:
    values = 50 + noise
    grid = tilted_grid(values.shape, spacing=(2.0, *PIXEL))
    (found,) = global_noise_level([MeasuredImage("tissue", values, grid)])
    return TruthRow(
        measure="Global noise level",
        case=case,
        unit="HU",
        ours=found.level.value if isinstance(found.level, Measured) else math.nan,
        truth=truth,
        oracle=_actilib(values) if with_oracle else None,
        oracle_name=ACTILIB if with_oracle else "",
        tolerance=tolerance,
        note=" ".join(filter(None, [note, BINS if with_oracle else ""])),
    )


def _actilib(values: NDArray[np.float64]) -> float:
    """Mean over the sections, with the lower bound and half the width of the bin added."""
    sections = [{"pixels": section, "header": SimpleNamespace(PixelSpacing=PIXEL)} for section in values]
    level, _ = calculate_gnl(sections, tissues=[None], kernel_radius_mm=RADIUS_MM)
    return float(level) + 1.5

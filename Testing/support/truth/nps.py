"""Truth of the noise power spectrum: noise whose spectrum is a formula, and two independent packages."""

from __future__ import annotations

from types import SimpleNamespace

import actilib.analysis.nps as actilib_nps
import microct_iq_toolbox.api as microct
import numpy as np
from actilib.analysis.rois import SquareROI
from numpy.typing import NDArray

from CTDenoiseLib.measure.noise.nps import NoisePowerSpectrum, difference_nps, noise_power_spectrum
from support.noise_phantom import blotchy, cut_regions, filtered_back_projection, noise_sections

from .row import TruthRow

SIDE, SPACING = 64, (0.5, 0.5)
SHARP = filtered_back_projection(20.0, peak_frequency=0.3)
COARSE = blotchy(20.0, width=0.3)
ACTILIB, MICROCT = "actilib 0.99.1", "micro-ct-image-quality-toolbox 0.2.1"

LEAKAGE = (
    "A region of finite side blurs its spectrum: next to its peak by about 2 %, more where it is steep. All estimates "
    "without a taper, as ICRU Report 87 has them, do so."
)
ACTILIB_BINS = (
    "actilib names each bin by its upper bound, 0.006 mm⁻¹ too high here, and averages up to the corners of the plane; "
    "it subtracts a wrong mixed term of the surface. Its peak is that of a curve smoothed over five bins."
)
MICROCT_AXIS = (
    "micro-ct-image-quality-toolbox stretches the frequency axis of a region of 64² by 1.5 %, taken back here; it "
    "subtracts half of what slopes and bows along one axis."
)


def rows() -> tuple[TruthRow, ...]:
    """Noise of known spectrum: like filtered back-projection, blotchy, white; square and oblong pixels; repeats."""
    return (*_sharp_noise(), *_coarse_noise(), *_white_noise(), *_oblong_pixels(), *_repeats())


def _sharp_noise() -> tuple[TruthRow, ...]:
    case = "ramp × Gaussian, peak at 0.3 mm⁻¹, 20 HU, 192 regions of 64², 0.5 mm"
    regions = _regions(SHARP, seed=1)
    ours = noise_power_spectrum(regions, pixel_spacing=SPACING)
    theirs = _actilib(regions)
    frequency, power = _microct(regions)
    return (
        TruthRow(
            measure="NPS, its integral as noise",
            case=case,
            unit="HU",
            ours=ours.noise,
            truth=20.0,
            oracle=theirs["noise"],
            oracle_name=ACTILIB,
        ),
        TruthRow(
            measure="NPS, mean frequency",
            case=case,
            unit="mm⁻¹",
            ours=ours.mean_frequency,
            truth=SHARP.mean_frequency,
            oracle=theirs["fmean"],
            oracle_name=ACTILIB,
            tolerance=0.04,
            note=ACTILIB_BINS,
        ),
        TruthRow(
            measure="NPS, peak frequency",
            case=case,
            unit="mm⁻¹",
            ours=ours.peak_frequency,
            truth=SHARP.peak_frequency,
            oracle=theirs["fpeak"],
            oracle_name=ACTILIB,
            tolerance=0.1,
            note=ACTILIB_BINS,
        ),
        *(
            TruthRow(
                measure=f"NPS at {at} mm⁻¹",
                case=case,
                unit="HU²·mm²",
                ours=_power_at(ours, at),
                truth=float(SHARP.power(np.array(at))),
                oracle=float(np.interp(at, frequency, power)),
                oracle_name=MICROCT,
                tolerance=0.03,
                note=f"{LEAKAGE} {MICROCT_AXIS}",
            )
            for at in (0.3, 0.5)
        ),
    )


def _coarse_noise() -> tuple[TruthRow, ...]:
    case = "Gaussian, σ 0.3 mm⁻¹, 20 HU, 192 regions of 64², 0.5 mm"
    regions = _regions(COARSE, seed=2)
    ours = noise_power_spectrum(regions, pixel_spacing=SPACING, detrend=0)
    return (
        TruthRow(
            measure="NPS, its integral as noise",
            case=f"{case}, mean subtracted",
            unit="HU",
            ours=ours.noise,
            truth=20.0,
        ),
        TruthRow(
            measure="NPS, mean frequency",
            case=f"{case}, mean subtracted",
            unit="mm⁻¹",
            ours=ours.mean_frequency,
            truth=COARSE.mean_frequency,
        ),
    )


def _white_noise() -> tuple[TruthRow, ...]:
    case = "white, 20 HU, 200 regions of 63 × 65, 0.5 mm"
    regions = 20 * np.random.default_rng(3).standard_normal((200, 65, 63))
    flat = noise_power_spectrum(regions, pixel_spacing=SPACING, detrend=0)
    small = noise_power_spectrum(cut_regions(regions, 16), pixel_spacing=SPACING)
    return (
        TruthRow(
            measure="NPS at 0.5 mm⁻¹", case=case, unit="HU²·mm²", ours=_power_at(flat, 0.5), truth=20.0**2 * 0.5 * 0.5
        ),
        TruthRow(
            measure="NPS, mean frequency",
            case=f"{case}, mean subtracted",
            unit="mm⁻¹",
            ours=flat.mean_frequency,
            truth=0.5,
        ),
        TruthRow(
            measure="NPS, its integral",
            case="white, 20 HU, 1800 regions of 16², surface of second order subtracted",
            unit="HU²",
            ours=small.variance,
            truth=20.0**2 * (1 - 6 / 16**2),
            note="The surface takes six of 256 degrees of freedom, all at the lowest frequencies.",
        ),
    )


def _oblong_pixels() -> tuple[TruthRow, ...]:
    spacing = (0.8, 0.4)
    sections = noise_sections(np.random.default_rng(4), COARSE, pixel_spacing=spacing, shape=(3, 512, 512))
    ours = noise_power_spectrum(cut_regions(sections, SIDE), pixel_spacing=spacing, detrend=0)
    case = "Gaussian, σ 0.3 mm⁻¹, 20 HU, pixels of 0.8 × 0.4 mm"
    return (
        TruthRow(
            measure="NPS at 0.3 mm⁻¹",
            case=case,
            unit="HU²·mm²",
            ours=_power_at(ours, 0.3),
            truth=float(COARSE.power(np.array(0.3))),
        ),
    )


def _repeats() -> tuple[TruthRow, ...]:
    """Two scans with one and the same bowl of 100 HU and a ring of 20 HU in each region."""
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    common = 100 * (x**2 + y**2) + 20 * (np.abs(np.hypot(x, y) - 0.5) < 0.03)
    first, second = (_regions(COARSE, seed=seed) + common for seed in (5, 6))
    ours = difference_nps(first, second, pixel_spacing=SPACING)
    return (
        TruthRow(
            measure="NPS of the difference of repeats, noise",
            case="Gaussian, σ 0.3 mm⁻¹, 20 HU, with cupping and a ring in both scans",
            unit="HU",
            ours=ours.noise,
            truth=20.0,
        ),
    )


def _regions(spectrum, *, seed: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return cut_regions(noise_sections(rng, spectrum, pixel_spacing=SPACING, shape=(3, 512, 512)), SIDE)


def _power_at(spectrum: NoisePowerSpectrum, frequency: float) -> float:
    """From a parabola through the logarithm of the nearest rings, so that their scatter averages out."""
    near = np.abs(spectrum.frequency - frequency) < 0.12
    curve = np.polyfit(spectrum.frequency[near] - frequency, np.log(spectrum.power[near]), 2)
    return float(np.exp(curve[-1]))


def _actilib(regions: NDArray[np.float64]) -> dict[str, float]:
    header = SimpleNamespace(PixelSpacing=SPACING)
    images = [{"header": header, "pixels": region} for region in regions]
    found: dict[str, float] = actilib_nps.noise_properties(images, SquareROI(SIDE))
    return found


def _microct(regions: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Its curve on the true axis: rings one pixel of the transform wide."""
    result = microct.nps(regions, [[0, SIDE, 0, SIDE]], SPACING[0])
    return (np.arange(len(result.y)) + 0.5) / (SIDE * SPACING[0]), np.asarray(result.y)

"""Truth of the detectability index: closed forms, and two independent packages."""

from __future__ import annotations

import math
from types import SimpleNamespace

import microct_iq_toolbox.d_prime_calculator as microct
import numpy as np
from actilib.analysis.detectability import calculate_dprime, get_dprime_default_params
from scipy.special import gamma, j0, j1

from CTDenoiseLib.measure.resolution.detectability import DiscTask, detectability
from CTDenoiseLib.measure.resolution.eye_filter import EyeFilter, Viewing
from support.edge_phantom import Kernel
from support.noise_phantom import filtered_back_projection

from .row import TruthRow

ACTILIB, MICROCT = "actilib 0.99.1", "micro-ct-image-quality-toolbox 0.2.1"
FREQUENCY = np.linspace(0, 1.0, 400)
BLUR = Kernel(0.45)
BLURRED = SimpleNamespace(frequency=FREQUENCY, value=BLUR.transfer(FREQUENCY))
NOISE = filtered_back_projection(20.0, peak_frequency=0.3)
CT_NOISE = SimpleNamespace(frequency=FREQUENCY, power=NOISE.power(FREQUENCY))

MICROCT_TRAPS = (
    "micro-ct-image-quality-toolbox integrates f df without the 2π, taken back here (its d′ is √2π times too small), "
    "and multiplies frequencies with the magnification where it should divide; at true size that does not show."
)
ACTILIB_TRAPS = (
    "actilib squares its eye filter once more, E = (ρ^1.5 · exp(−0.98·ρ^0.68))², as is done here too; it draws the "
    "disc in pixels, extends the noise spectrum beyond its last frequency and scales it, so the task needs the pixels "
    "of the image; zoom counts display pixels over task pixels."
)


def rows() -> tuple[TruthRow, ...]:
    """A disc and a point in white noise, with and without the eye; a disc in the noise of filtered back-projection."""
    return _disc_in_white_noise(), _point_seen_by_the_eye(), *_against_the_toolbox(), *_against_actilib()


def _disc_in_white_noise() -> TruthRow:
    diameter, contrast, power = 10.0, 5.0, 25.0
    sharp = SimpleNamespace(frequency=FREQUENCY, value=np.ones_like(FREQUENCY))
    white = SimpleNamespace(frequency=FREQUENCY, power=np.full_like(FREQUENCY, power))
    end = math.pi * diameter * FREQUENCY[-1]
    within_nyquist = 1 - j0(end) ** 2 - j1(end) ** 2
    return TruthRow(
        measure="Detectability without eye filter",
        case="disc of 10 mm, 5 HU, white noise of 25 HU²·mm²: contrast · √(area / NPS), up to 1 mm⁻¹",
        unit="",
        ours=detectability(sharp, white, DiscTask(diameter, contrast), viewing=Viewing(eye=None)).index,
        truth=contrast * math.sqrt(math.pi * diameter**2 / 4 / power * within_nyquist),
        tolerance=0.01,
    )


def _point_seen_by_the_eye() -> TruthRow:
    sigma, power, diameter, contrast = 0.8, 25.0, 0.01, 1e5
    eye, viewing = EyeFilter(), Viewing()
    scale = float(viewing.cycles_per_degree(np.array([1.0]))[0])

    def integral(eyes: int) -> float:
        exponent = (eyes * eye.exponent + 2) / 2
        width = eyes * eye.decay * scale**2 + 4 * math.pi**2 * sigma**2
        return float(math.pi * scale ** (eyes * eye.exponent) * gamma(exponent) / width**exponent)

    curve = SimpleNamespace(frequency=FREQUENCY, value=Kernel(sigma).transfer(FREQUENCY))
    white = SimpleNamespace(frequency=FREQUENCY, power=np.full_like(FREQUENCY, power))
    return TruthRow(
        measure="Detectability with eye filter (NPWE)",
        case="point, Gaussian blur of 0.8 mm, white noise: by gamma functions",
        unit="",
        ours=detectability(curve, white, DiscTask(diameter, contrast), viewing=viewing).index,
        truth=contrast * math.pi * diameter**2 / 4 * integral(2) / math.sqrt(power * integral(4)),
        tolerance=0.01,
    )


def _against_the_toolbox() -> tuple[TruthRow, ...]:
    curves = FREQUENCY, BLURRED.value, FREQUENCY, CT_NOISE.power
    return tuple(
        TruthRow(
            measure="Detectability with eye filter (NPWE)",
            case=f"disc of {diameter:g} mm, {contrast:g} HU, noise of filtered back-projection, 20 HU",
            unit="",
            ours=detectability(BLURRED, CT_NOISE, DiscTask(diameter, contrast)).index,
            truth=None,
            oracle=float(
                math.sqrt(2 * math.pi)
                * microct.get_d_prime_npwe(*curves, [diameter], contrast, curve_diameters_mm=[diameter, 2 * diameter])[
                    "d_prime"
                ][0]
            ),
            oracle_name=MICROCT,
            note=MICROCT_TRAPS,
        )
        for diameter, contrast in ((3.0, 50.0), (10.0, 10.0))
    )


def _against_actilib() -> tuple[TruthRow, ...]:
    pixel, count, diameter, contrast = 0.25, 400, 5.0, 20.0
    frequency = np.fft.fftshift(np.fft.fftfreq(count, pixel))
    distance = np.hypot(frequency[:, None], frequency)
    power = NOISE.power(distance) * (distance <= FREQUENCY[-1])
    noise = math.sqrt(power.sum() / (count * pixel) ** 2)
    spectrum = {"f2d_x": frequency, "f2d_y": frequency, "f1d": frequency, "nps_2d": power, "noise": noise}
    settings = get_dprime_default_params() | {
        "task_diameter_mm": diameter,
        "task_contrast_hu": contrast,
        "task_pixel_number": count,
        "task_pixel_size_mm": pixel,
        "view_pixel_size_mm": pixel,
        "view_distance_mm": 500,
        "view_eye_model": "Eckstein",
    }
    eyes = {"NPW": None, "NPWE": EyeFilter(exponent=2 * 1.5, decay=2 * 0.98, power=0.68)}
    return tuple(
        TruthRow(
            measure=f"Detectability {'with' if eye else 'without'} eye filter ({observer})",
            case="disc of 5 mm, 20 HU, noise of filtered back-projection, 20 HU",
            unit="",
            ours=detectability(BLURRED, CT_NOISE, DiscTask(diameter, contrast), viewing=Viewing(eye=eye)).index,
            truth=None,
            oracle=float(
                calculate_dprime(
                    spectrum,
                    {"frq": FREQUENCY, "ttf": BLURRED.value},
                    settings | {"view_observer_model": observer},
                )
            ),
            oracle_name=ACTILIB,
            note=ACTILIB_TRAPS,
        )
        for observer, eye in eyes.items()
    )

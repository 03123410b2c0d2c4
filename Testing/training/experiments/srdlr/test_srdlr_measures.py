from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from CTDenoiseTrainLib.experiments.srdlr.accuracy import (
    lesion_contrasts,
    likeness,
    lumen_errors,
    rod_bias,
    systematic_error,
)
from CTDenoiseTrainLib.experiments.srdlr.fine_structure import bar_modulation, strut_amplitude
from CTDenoiseTrainLib.experiments.srdlr.noise import middle_spectrum, noise_at_edge
from CTDenoiseTrainLib.experiments.srdlr.places import distances, pixel_of
from CTDenoiseTrainLib.experiments.srdlr.settings import QUICK
from CTDenoiseTrainLib.experiments.srdlr.sharpness import transfer, vessel_edge
from CTDenoiseTrainLib.experiments.srdlr.stents import StentAcross
from CTDenoiseTrainLib.experiments.srdlr.training_phantoms import object_side
from CTDenoiseTrainLib.experiments.srdlr.unseen_phantoms import (
    BARS,
    LESIONS,
    ROD_RADIUS_MM,
    RODS,
    SLANT,
    STENT_ALONG,
    STENTS_ACROSS,
    VESSELS,
)


def blank() -> np.ndarray:
    return np.zeros((QUICK.matrix, QUICK.matrix), np.float32)


def along(place: tuple[float, float], angle: float) -> np.ndarray:
    """Distance of all pixels in mm from a place across a direction."""
    row, column = pixel_of(place, QUICK)
    y, x = np.ogrid[: QUICK.matrix, : QUICK.matrix]
    return QUICK.pixel_mm * ((y - row) * math.cos(angle) - (x - column) * math.sin(angle))


def blurred_rod(sigma: float, *, contrast: float = 400.0) -> np.ndarray:
    return contrast * ndtr((ROD_RADIUS_MM - distances(RODS[400.0], QUICK)) / sigma)


def test_transfer_function_of_a_gaussian_blur():
    sigma = 0.4
    found = transfer(blurred_rod(sigma)[None], 400.0, QUICK)
    # exp(−2π²σ²f²) is one half and one tenth there; the measure is right within 2 % at this radius.
    assert found.f50 == pytest.approx(math.sqrt(math.log(2) / 2) / (math.pi * sigma), rel=0.02)
    assert found.f10 == pytest.approx(math.sqrt(math.log(10) / 2) / (math.pi * sigma), rel=0.02)
    assert found.contrast_hu == pytest.approx(400, rel=0.01)
    assert found.overshoot < 0.5


def test_overshoot_of_an_edge_is_told_in_percent_of_its_contrast():
    edge = distances(RODS[400.0], QUICK) - ROD_RADIUS_MM
    ring = 40 * np.exp(-(((edge + 0.9) / 0.3) ** 2))
    assert transfer((blurred_rod(0.3) + ring)[None], 400.0, QUICK).overshoot == pytest.approx(10, abs=1)


def test_nothing_to_measure_is_no_number():
    assert math.isnan(transfer(blank()[None], 400.0, QUICK).f50)
    assert math.isnan(vessel_edge(blank(), 3.0, QUICK).slope)


def test_profile_across_a_vessel_of_known_blur():
    sigma, width = 0.4, 4.0
    across = np.abs(along(VESSELS[width], np.pi / 2 + SLANT))
    found = vessel_edge(400 * ndtr((width / 2 - across) / sigma), width, QUICK)
    # Definitions and their accuracy: see `profile_features`; cubic interpolation at 1.1 pixels adds 3 %.
    assert found.width_mm == pytest.approx(width, rel=0.01)
    assert found.distance_mm == pytest.approx(2.563 * sigma, rel=0.06)
    assert found.slope == pytest.approx(400 / (math.sqrt(2 * math.pi) * sigma), rel=0.06)
    assert found.contrast_hu == pytest.approx(400, rel=0.02)


@pytest.mark.parametrize("frequency", BARS)
def test_modulation_is_the_share_of_the_fundamental_wave_that_is_left(frequency):
    wave = np.cos(2 * np.pi * frequency * along(BARS[frequency], np.pi / 2 + SLANT))
    # The fundamental of bars of 400 HU has an amplitude of 2/π · 400 HU.
    section = 250 + 0.3 * (2 / np.pi * 400) * wave
    assert bar_modulation(section, frequency, QUICK) == pytest.approx(30, abs=0.1)
    assert bar_modulation(250 - section, frequency, QUICK) == pytest.approx(-30, abs=0.1)


def test_a_pattern_that_is_not_the_bars_gives_no_modulation():
    wave = np.cos(2 * np.pi * 0.7 * along(BARS[0.7], SLANT))
    assert abs(bar_modulation(200 * wave, 0.7, QUICK)) < 3


def test_struts_are_told_by_their_number_and_phase():
    stent = StentAcross((12.0, -8.5), 3.5, 0.2, 8, 0.1)
    row, column = pixel_of(stent.centre, QUICK)
    y, x = np.ogrid[: QUICK.matrix, : QUICK.matrix]
    angle = np.arctan2(y - row, x - column)
    assert strut_amplitude(50 * np.cos(8 * (angle - 0.1)), stent, QUICK) == pytest.approx(50, rel=0.06)
    assert abs(strut_amplitude(50 * np.cos(6 * angle), stent, QUICK)) < 1
    assert strut_amplitude(50 * np.cos(8 * (angle - 0.1) + np.pi), stent, QUICK) < -45


def test_noise_is_what_differs_between_repeated_scans(rng):
    structure = blurred_rod(0.4) + 10 * np.sin(np.arange(QUICK.matrix))
    stack = structure + rng.normal(0, 20, (40, QUICK.matrix, QUICK.matrix))
    # White noise in 40 regions of 36² pixels: 0.3 %; along the edge in 40 times 300 pixels: 0.7 %.
    assert middle_spectrum(stack, QUICK).noise == pytest.approx(20, rel=0.02)
    assert noise_at_edge(stack, QUICK) == pytest.approx(20, rel=0.03)


def test_systematic_error_leaves_noise_out_and_tells_edges_from_elsewhere(rng):
    y = (np.arange(object_side(QUICK)) - (object_side(QUICK) - 1) / 2) * QUICK.object_pixel_mm
    rod = 400.0 * (np.hypot(y[:, None] - RODS[400.0][0], y[None] - RODS[400.0][1]) < ROD_RADIUS_MM)
    sharp, same = blurred_rod(0.1), blurred_rod(0.4)
    invented = 15 * np.sqrt(2) * np.sin(2 * np.pi * np.arange(QUICK.matrix) / 8)
    stack = same + rng.normal(0, 20, (30, QUICK.matrix, QUICK.matrix))
    plain, with_structure = (systematic_error(each, sharp, rod, QUICK) for each in (stack, stack + invented))
    assert plain.elsewhere < 1.5
    assert plain.at_edges > 20
    # A wave of 15 HU rms.
    assert with_structure.elsewhere == pytest.approx(15, rel=0.05)


def test_likeness_is_that_of_single_scans(rng):
    target = blurred_rod(0.3)
    stack = (target + rng.normal(0, 20, (4, QUICK.matrix, QUICK.matrix))).astype(np.float32)
    assert likeness(stack, target, QUICK).rmse == pytest.approx(20, rel=0.02)
    assert likeness(target[None], target, QUICK).ssim == pytest.approx(1)


def test_bias_of_rods_is_against_the_sharp_target():
    sharp = blurred_rod(0.3)
    bias = rod_bias(0.95 * sharp + 3, sharp, QUICK)
    assert bias[0.0] == pytest.approx(3, abs=1e-3)
    assert bias[400.0] == pytest.approx(3 - 20, abs=0.1)


def test_metal_that_blooms_raises_the_lumen():
    section = np.full((QUICK.matrix, QUICK.matrix), 440.0)
    section[distances(STENTS_ACROSS[0].centre, QUICK) < 2] += 60
    errors = lumen_errors(section, QUICK)
    assert errors["across, 2.75 mm"] == pytest.approx(60)
    assert errors[f"along, {STENT_ALONG.diameter_mm:g} mm"] == pytest.approx(0)


def test_contrast_of_lesions_is_against_the_liver_beside_them():
    section = np.full((QUICK.matrix, QUICK.matrix), 70.0)
    for (contrast, diameter), place in LESIONS.items():
        section[distances(place, QUICK) < diameter / 2] += contrast
    for (contrast, _), found in lesion_contrasts(section, QUICK).items():
        assert found == pytest.approx(contrast)

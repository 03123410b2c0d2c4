from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseTrainLib.experiments.srdlr.noise import middle_spectrum
from CTDenoiseTrainLib.experiments.srdlr.scanner import Scanner, fine_projection, scan_object
from CTDenoiseTrainLib.experiments.srdlr.settings import QUICK, ScannerSettings
from CTDenoiseTrainLib.experiments.srdlr.sharpness import transfer
from CTDenoiseTrainLib.experiments.srdlr.unseen_phantoms import MUSCLE_HU, RODS, rods
from CTDenoiseTrainLib.simulate.attenuation import WATER_ATTENUATION_PER_MM

FEW_VIEWS = replace(QUICK, views=120, object_pixel_mm=0.25)


@pytest.fixture(scope="module")
def scanned():
    return scan_object(rods(FEW_VIEWS), FEW_VIEWS, draws=6, targets=6, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def fine():
    return fine_projection(rods(FEW_VIEWS), FEW_VIEWS)


def test_a_detector_element_counts_the_photons_of_its_width(fine):
    pinhole = ScannerSettings(element_mm=0.5, focal_spot_mm=1e-9, kernel_half_per_mm=1, kernel_steepness=2)
    lines = Scanner(pinhole, FEW_VIEWS).line_integrals(fine)
    pairs = np.exp(-fine.astype(np.float64)).reshape(FEW_VIEWS.views, -1, 2).mean(axis=2)
    assert lines == pytest.approx(-np.log(pairs), abs=1e-5)


def test_a_wider_focal_spot_blurs_the_edge_of_the_body_and_keeps_its_middle(fine):
    narrow, wide = (
        Scanner(replace(FEW_VIEWS.conventional, focal_spot_mm=width), FEW_VIEWS).line_integrals(fine)
        for width in (0.1, 2.0)
    )
    middle = narrow.shape[1] // 2
    assert wide[0, middle] == pytest.approx(narrow[0, middle], rel=0.01)
    # Through 52 mm of muscle.
    through = WATER_ATTENUATION_PER_MM * (1 + MUSCLE_HU / 1000) * FEW_VIEWS.body_mm
    assert narrow[0, middle] == pytest.approx(through, rel=0.01)
    assert np.abs(np.diff(wide[0])).max() < 0.8 * np.abs(np.diff(narrow[0])).max()


def test_hu_of_large_rods_are_kept_by_both_scanners(scanned):
    for section in (scanned.same_without_noise, scanned.sharp_without_noise):
        for contrast in RODS:
            # The rod of 1000 HU casts streaks of a few HU between so few views.
            measured = transfer(section[None], contrast, FEW_VIEWS).contrast_hu
            assert measured == pytest.approx(contrast, rel=0.01, abs=6)


def test_the_ultra_high_resolution_scanner_is_about_twice_as_sharp(scanned):
    same, sharp = (
        transfer(section[None], 400.0, FEW_VIEWS)
        for section in (scanned.same_without_noise, scanned.sharp_without_noise)
    )
    # Element, focal spot, kernel and the interpolation of the projected object, together.
    assert 0.40 < same.f50 < 0.50
    assert 1.6 < sharp.f50 / same.f50 < 2.2
    assert sharp.f10 > 1.1


def test_noise_falls_with_the_root_of_the_dose(scanned):
    low, high = (middle_spectrum(stack, FEW_VIEWS).noise for stack in (scanned.inputs, scanned.same))
    # Six scans of 36² pixels, whose noise is coarse: within 5 %.
    assert low / high == pytest.approx(np.sqrt(FEW_VIEWS.target_dose), rel=0.1)

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.experiments.huber2020.bones import bone_profiles, find_bone_lines, kept, profile_features_of
from CTDenoiseTrainLib.experiments.huber2020.measure import measure_pictures, noise_places, power_apart
from support.bone_phantom import BONE_HU, BONE_RADIUS, BONES, PIXEL_MM, TISSUE_HU, bone_sections


@pytest.fixture(scope="module")
def clean():
    return bone_sections(sections=2)


@pytest.fixture(scope="module")
def bones(clean):
    return find_bone_lines(clean, pixel_mm=PIXEL_MM, most=40)


def test_there_is_a_line_through_the_middle_of_every_bone(bones):
    middles = np.array([np.add(line.start, line.end) / 2 for line in bones if line.section == 0]) - 63.5
    assert len(middles) == len(BONES)
    for bone in BONES:
        assert np.linalg.norm(middles - bone, axis=1).min() < 1


def test_contrast_and_width_of_a_bone_are_those_of_the_phantom(clean, bones):
    for line in bones:
        features = profile_features_of(bone_profiles({"clean": clean}, line, pixel_mm=PIXEL_MM))["clean"]
        # Across a disc of 7 mm, 2 mm of it averaged: some of its top is lost, and the noise is 2 HU.
        assert features.peak_contrast.value == pytest.approx(BONE_HU - TISSUE_HU, rel=0.05)
        assert features.fwhm.value == pytest.approx(2 * BONE_RADIUS * PIXEL_MM, rel=0.1)


def test_no_more_bones_than_wanted_and_those_of_the_highest_contrast(clean):
    assert len(find_bone_lines(clean, pixel_mm=PIXEL_MM, most=2)) == 2
    stronger = clean.copy()
    stronger[1] = np.where(stronger[1] > 200, 1.5 * stronger[1], stronger[1])
    assert {line.section for line in find_bone_lines(stronger, pixel_mm=PIXEL_MM, most=3)} == {1}
    assert find_bone_lines(np.minimum(clean, 190), pixel_mm=PIXEL_MM, most=5) == []


def test_what_is_kept_is_the_median_over_the_bones_that_both_show():
    assert kept([50.0, None, 90.0, 80.0], [100.0, 100.0, None, 100.0]) == (65.0, 2)
    share, bones = kept([None], [100.0])
    assert np.isnan(share)
    assert bones == 0


@pytest.fixture(scope="module")
def places(clean):
    return noise_places(clean, pixel_mm=PIXEL_MM)


def measured(clean, places, bones, noise_hu, *, blur=0.0):
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(1)

    def scans(deviation):
        noisy = clean + deviation * rng.standard_normal((2, *clean.shape))
        return gaussian_filter(noisy, (0, 0, blur, blur)).astype(np.float32) if blur else noisy.astype(np.float32)

    pictures = {"full": (clean + 5 * rng.standard_normal((2, *clean.shape))).astype(np.float32), "it": scans(noise_hu)}
    return measure_pictures(pictures, "full", places=places, bones=bones, pixel_mm=PIXEL_MM)


def test_noise_is_that_of_the_scan_without_its_anatomy(clean, places, bones):
    found = measured(clean, places, bones, 10.0)
    squares = found["it"]["squares"]
    assert squares >= 2
    # 32² independent pixels a square.
    assert found["it"]["noise"] == pytest.approx(10, rel=3 / np.sqrt(2 * squares * 1024))
    assert found["full"]["noise"] == pytest.approx(5, rel=3 / np.sqrt(2 * squares * 1024))
    # Of a few squares, each ring is known within 20 % at best.
    assert power_apart(found["it"]["power"], found["full"]["power"]) == pytest.approx(300, rel=0.3)


def test_likeness_is_of_the_first_scans_in_the_soft_tissue_window(clean, places, bones):
    found = measured(clean, places, bones, 10.0)
    # Air and bone are clipped alike; in the body, 56 % of the section, 5 and 10 HU add up.
    assert found["it"]["rmse"] == pytest.approx(np.sqrt(125 * 0.553), rel=0.05)
    assert found["full"]["rmse"] == 0
    assert found["it"]["psnr"] == pytest.approx(20 * np.log10(400 / found["it"]["rmse"]))
    assert 0 < found["it"]["ssim"] < found["full"]["ssim"] == 1


def test_blur_widens_edges_lowers_bones_and_coarsens_noise(clean, places, bones):
    sharp, blurred = (measured(clean, places, bones, 5.0, blur=blur) for blur in (0.0, 1.5))
    contrast, counted = kept(blurred["it"]["contrast"], blurred["full"]["contrast"])
    assert contrast < 90
    assert counted >= 3
    assert kept(blurred["it"]["edge"], blurred["full"]["edge"])[0] > 120
    assert kept(sharp["it"]["contrast"], sharp["full"]["contrast"])[0] == pytest.approx(100, abs=2)
    assert blurred["it"]["mean_frequency"] < 0.7 * sharp["it"]["mean_frequency"]


def test_equal_spectra_are_not_apart():
    assert power_apart([1.0, 2.0], [1.0, 2.0]) == 0
    assert power_apart([0.0, 0.0], [1.0, 2.0]) == 100


def test_sections_without_uniform_tissue_are_refused(rng):
    with pytest.raises(DataError, match="no uniform soft tissue"):
        noise_places(np.full((1, 128, 128), -1000, np.float32), pixel_mm=PIXEL_MM)

from __future__ import annotations

import json

import numpy as np
import pydicom
import pytest
from scipy.ndimage import gaussian_filter, median_filter
from skimage.restoration import denoise_nl_means

from CTDenoiseLib.measure.audit.audit_verdict import AuditLevel
from CTDenoiseLib.measure.audit.residual_audit import AuditMeter, audit_volumes
from CTDenoiseLib.measure.errors import DifferentGridError
from CTDenoiseLib.measure.sampling import SampledVolume, sampled_sections
from support.thorax_phantom import NOISE_HU, as_volume, scanner_noise, thorax

GREEN, AMBER, RED = AuditLevel


@pytest.fixture(scope="module")
def anatomy():
    return thorax()


@pytest.fixture(scope="module")
def noisy(anatomy):
    return anatomy + scanner_noise(np.random.default_rng(7), sections=3, uneven=True)


def audit(before, after):
    return audit_volumes(as_volume(before), as_volume(np.broadcast_to(after, before.shape)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("uneven", [False, True])
def test_pure_noise_is_green_whatever_the_noise(anatomy, seed, uneven):
    noise = scanner_noise(np.random.default_rng(seed), sections=3, uneven=uneven)
    found = audit(anatomy + noise, anatomy)
    assert found.level is GREEN, found.reasons
    for key in ("edge_ratio", "edge_correlation"):
        figure = found.figure(key)
        low, high = figure.pure_noise
        assert low < figure.value < high


@pytest.mark.parametrize("left", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("sd", [NOISE_HU, 200.0])
def test_a_part_of_the_noise_taken_is_green(anatomy, left, sd):
    noise = scanner_noise(np.random.default_rng(11), sections=3, sd=sd)
    found = audit(anatomy + noise, anatomy + left * noise)
    assert found.level is GREEN, found.reasons


@pytest.mark.parametrize("blur", [0.7, 1.0, 1.5, 2.0])
def test_a_blur_is_red(noisy, blur):
    found = audit(noisy, gaussian_filter(noisy, (0, blur, blur)))
    assert found.level is RED
    assert found.figure("edge_correlation").level is RED
    assert found.figure("detail").level is RED
    assert "follows the edges of the anatomy more than noise would" in " ".join(found.reasons)


def test_a_blur_of_bone_edges_alone_is_red(anatomy, noisy):
    bone = np.clip((gaussian_filter(anatomy, 2) - 200) / 100, 0, 1)
    found = audit(noisy, anatomy * (1 - bone) + gaussian_filter(anatomy, 1.2) * bone)
    assert found.level is RED
    assert found.figure("shift_dense_bone").level is RED
    assert found.figure("shift_soft_tissue").level is GREEN


def test_a_median_filter_that_removes_small_vessels_is_red(noisy):
    assert audit(noisy, median_filter(noisy, (1, 5, 5))).level is RED


def test_non_local_means_that_spare_edges_are_green(noisy):
    after = [denoise_nl_means(section, patch_size=5, patch_distance=5, h=25, sigma=30) for section in noisy]
    found = audit(noisy, np.stack(after))
    assert found.level is GREEN, found.reasons


@pytest.mark.parametrize(("bias", "level"), [(1.0, GREEN), (3.5, AMBER), (10.0, RED), (-10.0, RED)])
def test_a_constant_bias_is_judged_by_its_size(anatomy, noisy, bias, level):
    found = audit(noisy, anatomy + bias)
    assert found.level is level
    assert found.figure("shift_soft_tissue").value == pytest.approx(bias, abs=0.5)
    assert found.figure("mean").value == pytest.approx(-bias, abs=0.5)


def test_coarse_noise_that_stays_is_amber(anatomy, noisy):
    coarse = gaussian_filter(noisy - anatomy, (0, 1.2, 1.2))
    found = audit(noisy, anatomy + coarse)
    assert found.level is AMBER
    assert found.reasons == (found.figure("texture").sentence,)
    assert "blotchy" in found.figure("texture").sentence


def test_an_untouched_volume_is_green_and_says_so(noisy):
    found = audit(noisy, noisy)
    assert found.level is GREEN
    assert "Nothing was taken away" in found.reasons[0]


def test_what_cannot_be_judged_is_amber(rng):
    noise = scanner_noise(rng)
    air = np.full_like(noise, -1000)
    found = audit(air + noise, air)
    assert found.level is AMBER
    assert all("cannot be judged" in reason or "denser than lung" in reason for reason in found.reasons)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 5), (1, 16, 200)])
def test_images_too_small_to_judge_are_amber(shape, rng):
    tissue = np.full(shape, 50.0)
    assert audit(tissue + rng.normal(0, 20, shape), tissue).level is AMBER


def test_strength_of_the_residual_is_that_of_the_noise_taken(anatomy):
    noise = scanner_noise(np.random.default_rng(2), sections=3)
    found = audit(anatomy + noise, anatomy + noise / 4)
    # The finest part of the spectrum lies beyond what pixels show.
    assert found.figure("sd").value == pytest.approx(0.75 * NOISE_HU, rel=0.05)
    assert found.figure("sd").pure_noise[1] == pytest.approx(NOISE_HU, rel=0.06)
    assert found.texture.residual.noise == pytest.approx(0.75 * NOISE_HU, rel=0.06)


def test_gravest_reasons_come_first_and_nothing_green_is_among_them(noisy):
    found = audit(noisy, gaussian_filter(noisy, (0, 1, 1)) + 3.0)
    levels = [next(figure.level for figure in found.figures if figure.sentence == one) for one in found.reasons]
    assert levels == sorted(levels, key=lambda level: -level.severity)
    assert GREEN not in levels


def test_sections_may_come_in_any_order_and_others_are_passed_over(noisy):
    before, after = as_volume(noisy), gaussian_filter(noisy, (0, 0.5, 0.5))
    meter = AuditMeter(before, sections=[0, 2])
    for index in (2, 1, 0):
        meter.add(index, after[index])
    ordered = audit_volumes(before, as_volume(after), sections=[0, 2])
    assert meter.result().sections == 2
    assert meter.result().figure("detail").value == pytest.approx(ordered.figure("detail").value)


def test_a_sample_of_the_sections_is_enough(anatomy):
    noise = scanner_noise(np.random.default_rng(5), sections=30, side=128)
    small = thorax(side=128)
    whole_before, whole_after = as_volume(small + noise), as_volume(small + noise / 2)
    sections = sampled_sections(30)
    before, after = (
        SampledVolume(volume.hu[list(sections)], sections, sections_in_all=30, geometry=volume.geometry)
        for volume in (whole_before, whole_after)
    )
    seen = []
    sampled = audit_volumes(before, after, on_progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (15, 15)
    assert sampled.table() == audit_volumes(whole_before, whole_after).table()


def test_volumes_of_different_size_are_refused(noisy):
    with pytest.raises(DifferentGridError, match="same voxels"):
        audit_volumes(as_volume(noisy), as_volume(noisy[:2]))
    with pytest.raises(DifferentGridError, match="same voxels"):
        AuditMeter(as_volume(noisy)).add(0, noisy[0, :9])


def test_the_table_is_ready_for_json(noisy):
    table = audit(noisy, gaussian_filter(noisy, (0, 1, 1))).table()
    assert table.title == "Residual audit: red"
    content = json.loads(json.dumps(table.content(), allow_nan=False))
    assert {row["level"] for row in content["rows"]} <= {"", "green", "amber", "red"}


def test_real_noise_of_21_dose_pairs_is_green_with_few_exceptions(real_data):
    folder = real_data("mayo_dose_pairs")
    levels = []
    for quarter in sorted((folder / "quarter").iterdir()):
        full = folder / "full" / quarter.name.replace("_QD", "_FD")
        levels.append(audit_volumes(*(_section(path) for path in (quarter, full))).level)
    # The full dose is 1–2 % sharper than the quarter, which shows at dense bone in two sections of kernel B30f.
    assert (levels.count(GREEN), levels.count(AMBER), levels.count(RED)) == (19, 1, 1)


def test_the_difference_of_two_kernels_is_no_noise(real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    sharp, smooth = (
        np.stack([_section(path).hu[0] for path in sorted((folder / name).iterdir())[10:20]])
        for name in ("YA_sharp", "UB_smooth_iDose")
    )
    found = audit_volumes(as_volume(sharp, spacing=0.451), as_volume(smooth, spacing=0.451))
    assert found.level is RED
    assert found.figure("edge_correlation").value > 0.9


def _section(path):
    dataset = pydicom.dcmread(path)
    hu = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    return as_volume(hu, spacing=float(dataset.PixelSpacing[0]))


def test_a_change_outside_the_body_is_not_overlooked(noisy):
    lung = noisy < -500
    found = audit(noisy, np.where(lung, noisy + 60, noisy))
    assert found.level is RED
    assert any(reason.startswith("Lung") for reason in found.reasons)


def test_each_reason_is_given_once(noisy):
    reasons = audit(noisy, noisy).reasons
    assert reasons == ("Nothing was taken away: the output equals the input.",)

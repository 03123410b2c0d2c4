from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason
from CTDenoiseLib.models.card import MadeFor, ModelCard
from CTDenoiseScene.match_gate import MatchGate, measure_noise, read_verdict, store_verdict
from CTDenoiseScene.volume_facts import NoImageError
from support.header_files import HeaderFiles
from support.loaded_series import load_series

CARD = Path(__file__).resolve().parents[2] / "Resources" / "Models" / "hrcnn-small.json"


@pytest.fixture(scope="module")
def card():
    """A model for any kernel, 0.4–1 mm pixels, 0.5–3 mm sections, 3–150 HU of noise."""
    made_for = MadeFor(
        modality="CT",
        kernels=(),
        pixel_spacing_mm=(0.4, 1.0),
        section_thickness_mm=(0.5, 3.0),
        noise_hu=(3.0, 150.0),
    )
    return replace(ModelCard.read(CARD), made_for=made_for)


@pytest.fixture
def noisy(slicer_scene, rng):
    """A volume of 40 sections of tissue with 20 HU of noise."""
    voxels = np.rint(40 + 20 * rng.standard_normal((40, 96, 96))).astype(np.int16)
    return slicer_scene.add_volume(voxels, spacing=(1.0, 0.7, 0.7))


def test_noise_is_measured_a_section_at_a_time(noisy, card):
    gate = MatchGate(noisy, None, most_sections=5)
    assert gate.noise_hu is None
    assert "noise is not known" in gate.verdict(card).objections[-1].sentence
    steps = 1
    while gate.sample():
        steps += 1
        assert gate.noise_hu == pytest.approx(20, rel=0.1)
        assert not gate.measured
    assert steps == 5
    assert gate.measured
    assert not gate.sample()
    assert "noise" not in [reason.what for reason in gate.verdict(card).objections]


def test_a_volume_of_fewer_sections_is_sampled_in_all(slicer_scene):
    gate = MatchGate(slicer_scene.add_volume(np.zeros((2, 8, 8), dtype=np.int16)), None)
    assert gate.sample()
    assert not gate.sample()
    assert gate.noise_hu is None


def test_float_volumes_are_measured_too(slicer_scene, rng):
    voxels = (40 + 20 * rng.standard_normal((3, 96, 96))).astype(np.float32)
    assert measure_noise(slicer_scene.add_volume(voxels, spacing=(1.0, 0.7, 0.7))) == pytest.approx(20, rel=0.1)


def test_an_image_taken_away_meanwhile_ends_the_sampling(noisy, card):
    gate = MatchGate(noisy, None)
    gate.sample()
    noisy.SetAndObserveImageData(None)
    assert not gate.sample()
    assert gate.measured
    assert gate.verdict(card).level is MatchLevel.AMBER


def test_a_node_without_an_image_is_refused(slicer_scene):
    with pytest.raises(NoImageError):
        MatchGate(slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode"), None)


def test_header_facts_enter_the_verdict(slicer_scene, make_ct_series, card, tmp_path):
    make_ct_series(tmp_path, kernel="Qr89", thickness=0.2, spacing=(0.2, 1.2, 1.2))
    gate = MatchGate(load_series(slicer_scene, tmp_path), HeaderFiles(tmp_path))
    for_smooth = replace(card, made_for=replace(card.made_for, kernels=("Br56",)))
    verdict = gate.verdict(for_smooth)
    assert verdict.level is MatchLevel.RED
    red = [reason.what for reason in verdict.objections if reason.level is MatchLevel.RED]
    assert red == ["kernel", "pixel size", "section thickness"]


def test_another_modality_is_refused(slicer_scene, make_ct_series, card, tmp_path):
    node = load_series(slicer_scene, make_ct_series(tmp_path / "ct"))
    mr = HeaderFiles(make_ct_series(tmp_path / "mr", modality="MR"))
    node.SetAttribute("DICOM.instanceUIDs", next(iter(mr._paths)))
    assert MatchGate(node, mr).verdict(card).refused


@pytest.fixture
def verdict():
    return MatchVerdict(
        (
            Reason(MatchLevel.GREEN, "modality", "The modality is CT."),
            Reason(MatchLevel.RED, "section thickness", "The thickness: 0.2 mm; “thin” & 100 % sharp, loss ≥ half."),
            Reason(MatchLevel.AMBER, "noise", "The noise is not known."),
        )
    )


def test_a_verdict_is_kept_in_words_and_read_back(noisy, verdict):
    store_verdict(noisy, verdict)
    assert noisy.GetAttribute("CTDenoise.match") == "red"
    assert noisy.GetAttribute("CTDenoise.match.noise") == "amber: The noise is not known."
    assert read_verdict(noisy) == verdict


def test_a_later_verdict_replaces_all_of_the_earlier_one(noisy, verdict):
    store_verdict(noisy, verdict)
    later = MatchVerdict(verdict.reasons[:1])
    store_verdict(noisy, later)
    assert read_verdict(noisy) == later


def test_a_verdict_survives_saving_the_scene(slicer_scene, noisy, verdict, tmp_path):
    store_verdict(noisy, verdict)
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    assert read_verdict(slicer_scene.scene.GetFirstNodeByName("Volume")) == verdict


def test_without_a_verdict_none_is_read(noisy):
    assert read_verdict(noisy) is None
    noisy.SetAttribute("CTDenoise.match.noise", "purple: Of no level that is known.")
    assert read_verdict(noisy) is None


def test_one_section_of_a_large_exam_is_measured_in_far_less_than_a_frame_of_the_user_interface(slicer_scene, rng):
    voxels = np.rint(40 + 20 * rng.standard_normal((3, 1024, 1024))).astype(np.int16)
    gate = MatchGate(slicer_scene.add_volume(voxels, spacing=(0.2, 0.15, 0.15)), None)
    times = []
    while not gate.measured:
        start = time.perf_counter()
        gate.sample()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.05


def test_a_real_chest_is_green_for_the_bundled_model(slicer_scene, real_data, card):
    folder = real_data("nlst_chest_low_dose_fc51")
    gate = MatchGate(load_series(slicer_scene, folder), HeaderFiles(folder))
    while gate.sample():
        pass
    assert gate.noise_hu == pytest.approx(33, rel=0.1)
    assert gate.verdict(card).level is MatchLevel.GREEN


def test_of_a_real_pair_of_kernels_the_sharp_one_is_red_for_a_model_of_the_smooth_one(slicer_scene, real_data, card):
    folder = real_data("philips_head_phantom_kernel_pair")
    for_smooth = replace(card, made_for=replace(card.made_for, kernels=("UB",)))
    headers, levels = HeaderFiles(folder), {}
    for name in ("UB_smooth_iDose", "YA_sharp"):
        gate = MatchGate(load_series(slicer_scene, folder / name), headers)
        while gate.sample():
            pass
        levels[name] = gate.verdict(for_smooth).level
    assert levels == {"UB_smooth_iDose": MatchLevel.GREEN, "YA_sharp": MatchLevel.RED}

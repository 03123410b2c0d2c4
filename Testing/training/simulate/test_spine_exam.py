"""A simulated CT myelogram."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseTrainLib.simulate.kernels import SMOOTH, ReconstructionKernel, RollOff
from CTDenoiseTrainLib.simulate.spine import (
    ROD_CONTRAST_HU,
    ROD_RADIUS_MM,
    SpineExam,
    SpineScan,
    filtered,
    simulate_spine_exam,
)
from CTDenoiseTrainLib.simulate.spine_anatomy import MUSCLE_HU

SCAN = SpineScan(matrix=224, pixel_mm=0.3, sections=3, increment_mm=0.4)
SHARP = RollOff("sharp", half_per_mm=0.9, steepness=2.5)


@pytest.fixture(scope="module")
def exam() -> SpineExam:
    return simulate_spine_exam(7, SCAN, kernel=SHARP)


def test_the_usual_dose_gives_100_to_250_hu_of_noise_in_muscle() -> None:
    exam = simulate_spine_exam(7, SpineScan(sections=1))
    assert 100 < (exam.noisy - exam.truth)[:, exam.muscle].std() < 250


def test_muscle_is_uniform_and_contrast_medium_bright(exam: SpineExam) -> None:
    muscle = exam.truth[:, exam.muscle]
    # The kernel reaches a little beyond the zone's margin.
    assert abs(muscle.mean() - MUSCLE_HU) < 1
    assert muscle.std() < 2
    assert not np.any(exam.vein_labels[:, exam.muscle])
    medium = exam.truth[exam.medium]
    assert medium.size > 300
    assert medium.min() > 400


def test_bone_lung_and_fat_are_there(exam: SpineExam) -> None:
    assert np.percentile(exam.truth, 99) > 900
    assert np.percentile(exam.truth, 1) < -700
    assert np.mean((exam.truth > -150) & (exam.truth < -50)) > 0.02


def test_images_are_anatomy_with_veins_and_the_probe_has_a_rod_instead(exam: SpineExam) -> None:
    rod = exam.probe - (exam.noisy - exam.veins_hu)
    y, x = np.mgrid[: SCAN.matrix, : SCAN.matrix]
    distance = SCAN.pixel_mm * np.hypot(y - exam.rod_centre[0], x - exam.rod_centre[1])
    assert np.abs(rod[:, distance > ROD_RADIUS_MM + 3]).max() < 0.05 * ROD_CONTRAST_HU
    assert rod[1].sum() * SCAN.pixel_mm**2 == pytest.approx(ROD_CONTRAST_HU * np.pi * ROD_RADIUS_MM**2, rel=0.01)
    assert np.allclose(exam.probe_truth, exam.truth - exam.veins_hu + rod, atol=0.01)
    assert not np.any(exam.vein_labels[:, distance < ROD_RADIUS_MM + 2])


def test_veins_beside_the_sac_and_around_the_vertebra_are_known(exam: SpineExam) -> None:
    assert {vein.internal for vein in exam.veins} == {True, False}
    for index, vein in enumerate(exam.veins, start=1):
        assert np.any(exam.vein_labels == index)
        assert exam.veins_hu[exam.vein_labels == index].max() < 1.2 * vein.contrast_hu


def test_a_seed_is_a_patient(exam: SpineExam) -> None:
    again, other = (simulate_spine_exam(seed, SCAN, kernel=SHARP) for seed in (7, 8))
    assert np.array_equal(again.noisy, exam.noisy)
    assert not np.allclose(other.truth, exam.truth, atol=50)


def test_another_kernel_shows_the_same_patient_and_the_same_noise_of_the_rays(exam: SpineExam) -> None:
    smooth = simulate_spine_exam(7, SCAN, kernel=SMOOTH)
    inner = np.s_[:, 30:-30, 30:-30]

    class Further(ReconstructionKernel):
        """What makes the smooth kernel of the sharp one."""

        def gain(self, frequency_per_mm: np.ndarray) -> np.ndarray:
            return SMOOTH.gain(frequency_per_mm) / SHARP.gain(frequency_per_mm)

    expected = filtered(exam.noisy, Further("further"), pixel_mm=SCAN.pixel_mm)[inner]
    # Noise beyond the pixels' Nyquist frequency is folded in the sharp images only.
    assert (
        np.corrcoef((expected - smooth.truth[inner]).ravel(), (smooth.noisy - smooth.truth)[inner].ravel())[0, 1] > 0.97
    )
    assert smooth.noisy[inner].std() == pytest.approx(expected.std(), rel=0.02)


def test_filtering_multiplies_a_wave_by_the_kernels_gain() -> None:
    period = 16 * 0.3
    wave = 100 * np.cos(2 * np.pi * np.arange(224) * 0.3 / period) + 40
    seen = filtered(np.tile(wave.astype(np.float32), (1, 224, 1)), SHARP, pixel_mm=0.3)
    gain = SHARP.gain(np.array([1 / period]))[0]
    middle = np.s_[0, 100, 40:-40]
    assert seen[middle] == pytest.approx(40 + gain * (wave[40:-40] - 40), abs=0.5)


def test_the_volume_tells_its_geometry(exam: SpineExam) -> None:
    assert exam.volume.geometry.spacing == (0.4, 0.3, 0.3)
    assert exam.volume.acquisition.kernel == ("sharp",)
    assert np.shares_memory(exam.volume.hu, exam.noisy)

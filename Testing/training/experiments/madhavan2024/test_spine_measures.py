"""What a denoiser does to a simulated examination of the spine."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq

from CTDenoiseTrainLib.experiments.madhavan2024.spine_measures import (
    OUTER_SECTIONS,
    SpineFigures,
    measure_images,
    measure_spine,
    rod_resolution,
)
from CTDenoiseTrainLib.experiments.madhavan2024.vein_measures import vein_figures
from CTDenoiseTrainLib.simulate.kernels import ReconstructionKernel
from CTDenoiseTrainLib.simulate.spine import SpineExam

from .conftest import SCAN, SHARP


def f50_of(kernel: ReconstructionKernel, *, blur_mm: float = 0.0) -> float:
    """Half of kernel, pixel aperture and Gaussian."""

    def transfer(frequency: float) -> float:
        blur = np.exp(-2 * (np.pi * blur_mm * frequency) ** 2)
        return float(kernel.gain(np.array(frequency)) * np.sinc(frequency * SCAN.pixel_mm) * blur)

    return float(brentq(lambda frequency: transfer(frequency) - 0.5, 0.1, 1.6))


def test_leaving_everything_retains_all_veins_and_all_noise(exam: SpineExam) -> None:
    found = measure_spine(exam, lambda noisy: noisy)
    inner = slice(OUTER_SECTIONS, -OUTER_SECTIONS)
    assert found.noise_hu == pytest.approx((exam.noisy - exam.truth)[inner][:, exam.muscle].std(), rel=0.02)
    assert [vein.retained for vein in found.veins] == pytest.approx([1] * len(found.veins), abs=0.01)
    # Means over some thousand voxels, a few of which are independent.
    assert abs(found.muscle_bias_hu) < found.noise_hu / 10
    assert found.veins[0].cnr == pytest.approx(found.veins[0].seen_hu / found.noise_hu)


def test_the_truth_has_no_noise_and_the_resolution_of_kernel_and_pixels(exam: SpineExam) -> None:
    rod = rod_resolution(exam, exam.probe_truth)
    # The circular edge is taken as straight, which is right within 2 %.
    assert rod.f50_per_mm == pytest.approx(f50_of(SHARP), rel=0.02)
    assert rod.f10_per_mm is not None
    assert rod.f10_per_mm > rod.f50_per_mm


def test_a_blur_costs_resolution_as_its_transfer_function_says_and_thin_veins_most(exam: SpineExam) -> None:
    blur = 0.25
    found = measure_spine(exam, lambda noisy: gaussian_filter(noisy, (0, blur / 0.3, blur / 0.3)))
    assert found.rod.f50_per_mm == pytest.approx(f50_of(SHARP, blur_mm=blur), abs=4 * (found.rod.f50_error or 0))
    thin, wide = (
        np.mean([vein.retained for vein in found.veins if vein.diameter_mm == diameter]) for diameter in (0.3, 1.5)
    )
    assert thin < wide < 1


def test_a_denoiser_that_takes_veins_away_is_found_out(exam: SpineExam) -> None:
    empty = exam.noisy - exam.veins_hu
    found = measure_images(exam, empty, exam.probe)
    assert [vein.retained for vein in found.veins] == pytest.approx([0] * len(found.veins), abs=0.01)


def test_a_shift_of_all_values_is_a_bias(exam: SpineExam) -> None:
    plain, shifted = (measure_images(exam, exam.truth + shift, exam.probe + shift) for shift in (0, 12))
    assert shifted.muscle_bias_hu - plain.muscle_bias_hu == pytest.approx(12, abs=0.01)
    assert shifted.medium_bias_hu - plain.medium_bias_hu == pytest.approx(12, abs=0.01)


def test_an_edge_that_cannot_be_measured_is_no_value(exam: SpineExam) -> None:
    assert rod_resolution(exam, gaussian_filter(exam.probe, (0, 12, 12))).f50_per_mm is None


def test_figures_can_be_written_and_read(exam: SpineExam) -> None:
    found = measure_spine(exam, lambda noisy: noisy)
    assert SpineFigures.of(json.loads(json.dumps(found.content()))) == found


def test_detectability_of_a_vein_in_white_noise_is_that_of_its_energy(exam: SpineExam) -> None:
    """d′ of a known signal in white noise is the root of its energy over the SD of the noise."""
    picture = exam.veins_hu[3:5]
    number = 1 + max(range(len(exam.veins)), key=lambda index: (exam.vein_cores[3:5] == index + 1).sum())
    muscle = 20 * np.random.default_rng(0).standard_normal((2, 400, 400)).astype(np.float32)
    found = vein_figures(exam, picture, muscle, sections=slice(3, 5), noise_hu=20.0)
    vein = exam.veins[number - 1]
    (figures,) = (f for f in found if (f.diameter_mm, f.contrast_hu) == (vein.diameter_mm, vein.contrast_hu))
    half = 5
    energies = []
    for section in (3, 4):
        rows, columns = np.nonzero(exam.vein_cores[section] == number)
        if rows.size:
            row, column = int(rows.mean()), int(columns.mean())
            around = np.s_[section, row - half - 1 : row + half + 2, column - half - 1 : column + half + 2]
            energies.append(np.square(np.where(exam.vein_labels[around] == number, exam.veins_hu[around], 0)).sum())
    # The middle may be chosen a pixel beside this one.
    assert figures.detectability == pytest.approx(np.sqrt(max(energies)) / 20, rel=0.15)

"""Figures of the bundled model on a section of quarter dose, against those of libraries of others."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.volume import Volume
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.validation.evaluate_model import EvaluatedVolume, evaluate_model
from support.plain_pairs import PlainPairs

WINDOW_HU = (-160.0, 240.0)


def test_the_bundled_model_brings_quarter_dose_nearer_to_full_dose(real_data, make_validator, backend):
    folder = real_data("mayo_dose_pairs")
    low, full = (
        section_of(folder / dose / f"L143_D45f_106_{name}.IMA") for dose, name in (("quarter", "QD"), ("full", "FD"))
    )
    model = ModelStore.default().load("hrcnn-small")
    found = evaluate_model(model, [EvaluatedVolume(Volume(low), Volume(full))], backend=backend, window_hu=WINDOW_HU)
    assert found.is_better
    # No more anatomy in the residual than the real noise of a scanner seems to hold: both doses differ by up to 1.18.
    assert found.after.residual_index < 1.18
    clipped = [np.clip(image[0].astype(np.float64), *WINDOW_HU) for image in (full, low)]
    assert found.before.psnr == pytest.approx(peak_signal_noise_ratio(*clipped, data_range=400), abs=0.01)
    # Borders of five pixels are left out here, and mirrored there.
    similarity = structural_similarity(*clipped, data_range=400, gaussian_weights=True, use_sample_covariance=False)
    assert found.before.ssim == pytest.approx(similarity, abs=0.005)

    # In training, the same section gives the same figures as the model in the store does.
    part = CasePart(PlainPairs(full, low - full), (0,))
    validator = make_validator(part, context=3, window_hu=WINDOW_HU)
    figures = validator.measure(model.network)
    assert figures.rmse == pytest.approx(found.after.rmse, rel=1e-3)
    assert figures.noise_reduction == pytest.approx(found.after.noise_reduction, abs=0.1)


def section_of(path):
    """HU, shape (1, y, x)."""
    dataset = pydicom.dcmread(path)
    hu = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    return hu[np.newaxis].astype(np.float32)

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseTrainLib import retention
from CTDenoiseTrainLib.retention import Vessel, VesselSite, retained_contrast, retention_metrics
from support.tiny_model import tiny_store

SITE = VesselSite(section=1, centres=((20, 20), (20, 44), (44, 32)), words="drawn noise")
BACKEND = Backend.choose("cpu", "fp32")


@pytest.fixture
def noisy(rng) -> Volume:
    hu = (40 + 20 * rng.standard_normal((3, 64, 64))).astype(np.float32)
    return Volume(hu, Geometry(spacing=(2.0, 0.5, 0.5)))


@pytest.fixture
def silent_model(tmp_path):
    """A model that finds no noise anywhere."""
    model = tiny_store(tmp_path).load("tiny")
    torch.nn.init.zeros_(model.network.noise.weight)
    torch.nn.init.zeros_(model.network.noise.bias)
    return model


def test_a_model_that_changes_nothing_keeps_all_contrast(silent_model, noisy):
    (kept,) = retained_contrast(silent_model, noisy, SITE, [Vessel(3, 200)], backend=BACKEND)
    assert kept == pytest.approx(1, abs=1e-4)


def test_a_gaussian_blur_keeps_what_its_width_says(silent_model, noisy, monkeypatch):
    sigma, diameter = 1.5, 4.0

    class Blur(Denoiser):
        def sections(self, volume, **options):
            blurred = gaussian_filter(volume.hu, (0, sigma, sigma))
            return super().sections(Volume(blurred, volume.geometry), **options)

    monkeypatch.setattr(retention, "Denoiser", Blur)
    (kept,) = retained_contrast(silent_model, noisy, SITE, [Vessel(diameter, 200)], backend=BACKEND)
    # Blurred by a Gaussian of variance s, one of variance v keeps the share 2v / (2v + s) by least squares.
    variance = diameter**2 / (8 * np.log(2))
    assert kept == pytest.approx(2 * variance / (2 * variance + sigma**2), abs=0.01)


def test_metrics_name_size_and_contrast(silent_model, noisy):
    vessels = [Vessel(diameter, contrast) for diameter in (2, 4) for contrast in (100, 300)]
    metrics = retention_metrics(silent_model, noisy, SITE, vessels, backend=BACKEND)
    assert [metric.name.partition(", ")[2] for metric in metrics] == [
        "1.0 mm, 100 HU",
        "1.0 mm, 300 HU",
        "2.0 mm, 100 HU",
        "2.0 mm, 300 HU",
    ]
    assert {metric.value for metric in metrics} == {100}

"""A noisy thorax, what a denoiser made of it, and the report on both."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.report.compose import Subject, compose_report
from CTDenoiseLib.report.content import ReportContent
from CTDenoiseLib.volume import Volume
from support.thorax_phantom import as_volume, scanner_noise, thorax

SUBJECT = Subject(
    source="Qr89 · 2.00/2.00 mm · 0.80 mm · 256² · 3 slices",
    facts=(("Model", "tiny 1.0"), ("Weights", "SHA256 " + "0123456789abcdef" * 4), ("Strength", "100 %")),
    notes=("The model is made for another kernel.",),
)


@pytest.fixture(scope="session")
def noisy() -> Volume:
    """Three sections of a thorax with 30 HU of noise, 256² pixels of 0.8 mm."""
    return as_volume(thorax() + scanner_noise(np.random.default_rng(3), sections=3))


@pytest.fixture(scope="session")
def denoised(noisy: Volume) -> Volume:
    """The same with a fifth of the noise."""
    return as_volume(np.float32(0.8) * thorax() + np.float32(0.2) * noisy.hu)


@pytest.fixture(scope="session")
def content(noisy: Volume, denoised: Volume) -> ReportContent:
    """The report on them, with nothing drawn."""
    return compose_report(noisy, denoised, SUBJECT)

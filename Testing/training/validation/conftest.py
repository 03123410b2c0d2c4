"""A validator on pairs whose noise a `KnownDenoiser` finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.pairs.split import CasePart
from CTDenoiseTrainLib.validation.validator import Validator
from support.known_denoiser import alternating_case


@pytest.fixture
def backend() -> Backend:
    return Backend.choose("cpu", "fp32")


@pytest.fixture
def make_validator(backend: Backend) -> Callable[..., Validator]:
    """Makes a validator, by default on three sections of an alternating case; arguments replace those."""

    def make(*parts: CasePart, **options) -> Validator:
        defaults = {"sections": 3, "context": 1, "scale_hu": 100.0, "backend": backend}
        return Validator(parts or (CasePart(alternating_case(), (2, 3, 4)),), **defaults | options)

    return make

"""A model card for sharp kernels, and facts that fit it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from CTDenoiseLib.matching import ImageFacts
from CTDenoiseLib.models.card import MadeFor, ModelCard

CARD = Path(__file__).resolve().parents[3] / "Resources" / "Models" / "hrcnn-small.json"

MADE_FOR = MadeFor(
    modality="CT",
    kernels=("Qr76", "Br64"),
    pixel_spacing_mm=(0.3, 0.6),
    section_thickness_mm=(0.4, 2.0),
    noise_hu=(10.0, 80.0),
)
FITTING = ImageFacts(
    modality="CT",
    kernel=("Qr76d", "3"),
    pixel_spacing=(0.45, 0.45),
    section_thickness=0.6,
    increment=0.4,
    noise_hu=40.0,
)


@pytest.fixture
def card_for() -> Callable[..., ModelCard]:
    """A card for Qr76 and Br64, 0.3–0.6 mm pixels, 0.4–2 mm sections and 10–80 HU of noise, with changes."""
    card = ModelCard.read(CARD)
    return lambda **changes: replace(card, made_for=replace(MADE_FOR, **changes))


@pytest.fixture
def facts_like() -> Callable[..., ImageFacts]:
    """Facts of an image that such a card was made for, with changes."""

    def facts(**changes: Any) -> ImageFacts:
        return replace(FITTING, **changes)

    return facts

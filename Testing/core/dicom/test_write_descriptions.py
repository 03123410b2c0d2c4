"""The words that describe a derived series, within the bounds of the standard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.derived_series import DERIVATION


@given(source=st.text(max_size=100), model=st.text(min_size=1, max_size=80), strength=st.floats(0, 1))
@pytest.mark.parametrize("kind", ["denoised", "residual"])
def test_a_series_description_never_exceeds_its_64_characters_nor_loses_its_warning(kind, source, model, strength):
    derivation = replace(DERIVATION, model=model, strength=strength, kind=kind)
    description = derivation.series_description(source)
    assert len(description) <= 64
    assert description.endswith(", research use only")
    assert "CTDenoise " in description


@given(model=st.text(min_size=1, max_size=80), device=st.text(max_size=80))
def test_descriptions_fit_any_character_set_and_hold_no_separator(model, device):
    derivation = replace(DERIVATION, model=model, device=device)
    for text in (derivation.series_description(""), derivation.description, derivation.contribution):
        assert text.isascii()
        assert "\\" not in text
        assert len(text) <= 1024


@pytest.mark.parametrize(
    ("source", "description"),
    [
        ("Thorax 1.0 Qr89", "Thorax 1.0 Qr89, CTDenoise hrcnn 75 %, research use only"),
        ("", "CTDenoise hrcnn 75 %, research use only"),
        ("Thorax   nativ\t", "Thorax nativ, CTDenoise hrcnn 75 %, research use only"),
        ("Thorax Lunge mit Kontrastmittel", "Thorax Lunge mit Kon..., CTDenoise hrcnn 75 %, research use only"),
    ],
)
def test_the_description_of_the_source_comes_first_and_gives_way_first(source, description):
    assert DERIVATION.series_description(source) == description


def test_a_long_name_of_a_model_gives_way_next():
    description = replace(DERIVATION, model="a-very-long-name-of-a-model-indeed").series_description("Thorax")
    assert description == "CTDenoise a-very-long-name-of-a-model... 75 %, research use only"


@pytest.mark.parametrize(("strength", "percent"), [(1.0, "100 %"), (0.07, "7 %"), (0.725, "72.5 %"), (0.0, "0 %")])
def test_strength_is_said_in_percent(strength, percent):
    assert replace(DERIVATION, strength=strength).percent == percent

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.measured import Measured, NotMeasurable
from CTDenoiseLib.measure.profiles.profile import Profiles, ProfileSettings
from CTDenoiseScene.profile_record import profile_record
from CTDenoiseScene.profile_results import feature_text


@pytest.mark.parametrize(
    ("value", "uncertainty", "text"),
    [
        (2.3123, 0.052, "2.31 ± 0.05"),
        (2.3123, 0.0141, "2.312 ± 0.014"),
        (2.3, 0.6, "2.3 ± 0.6"),
        (412.34, 1.42, "412.3 ± 1.4"),
        (412.34, 8.2, "412 ± 8"),
        (1412.34, 14.2, "1412 ± 14"),
        (-412.34, 8.2, "−412 ± 8"),
    ],
)
def test_a_feature_has_as_many_digits_as_its_uncertainty_allows(value, uncertainty, text):
    assert feature_text(Measured(value, "HU", uncertainty)) == text


@pytest.mark.parametrize(("unit", "text"), [("mm", "12.35"), ("HU", "12"), ("HU/mm", "12")])
def test_without_an_uncertainty_digits_are_those_of_the_unit(unit, text):
    assert feature_text(Measured(12.345678, unit)) == text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("No peak: HU do not come back to half their height.", "No peak"),
        (
            "The noise of 12 HU is too strong to tell; average over a wider line.",
            "The noise of 12 HU is too strong to tell",
        ),
        ("HU are clipped.", "HU are clipped"),
    ],
)
def test_what_is_not_measurable_has_the_first_words_of_the_reason(reason, text):
    assert feature_text(NotMeasurable(reason)) == text


def test_the_record_holds_each_sample_with_its_place_and_standard_error():
    distance = np.arange(3.0)
    profiles = Profiles(
        distance_mm=distance,
        points=np.stack([distance, 2 * distance, 0 * distance], axis=1),
        names=("Input: a", "Denoised: b"),
        hu=(10 * distance, np.array([1.0, np.nan, 3.0])),
        standard_error=(distance / 10, None),
        remarks=("", "Half of it is missing."),
        settings=ProfileSettings(width_mm=2.0, plane_normal=(0.0, 0.0, 1.0)),
    )
    record = profile_record("Profile", (), profiles)
    values = record.tables[1]
    headings = [column.heading for column in values.columns]
    assert headings[:4] == ["Distance [mm]", "R [mm]", "A [mm]", "S [mm]"]
    assert headings[4:] == ["Input: a [HU]", "Input: a, standard error [HU]", "Denoised: b [HU]"]
    assert values.rows[2] == (2.0, 2.0, 4.0, 0.0, 20.0, 0.2, 3.0)
    assert record.settings["step in mm"] == 1.0
    assert record.settings["plane of the width, normal (R A S)"] == "0.000000 0.000000 1.000000"
    assert "Denoised: b: Half of it is missing." in record.notes
    assert "NaN" not in record.json()

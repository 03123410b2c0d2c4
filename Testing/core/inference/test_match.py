from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.inference import MismatchError, check_match, match_notes
from CTDenoiseLib.volume import Acquisition, Geometry, Volume

FITTING = Acquisition(modality="CT", kernel=("B30f",), section_thickness=2.0)


@pytest.fixture
def volume_like():
    """Makes a volume of the tiny model's kind (B30f, 0.5–1 mm pixels, 1–5 mm sections) with changes."""

    def make(*, pixel=(0.7, 0.7), **changes):
        hu = np.zeros((2, 8, 8), dtype=np.float32)
        return Volume(hu, Geometry(spacing=(1.5, *pixel)), replace(FITTING, **changes))

    return make


def test_another_modality_is_refused(model, volume_like):
    with pytest.raises(MismatchError, match="modality MR, but the model “tiny” is made for CT"):
        check_match(model.card, volume_like(modality="MR"))


@pytest.mark.parametrize("modality", ["CT", "ct", None])
def test_ct_and_files_that_do_not_say_are_allowed(model, volume_like, modality):
    check_match(model.card, volume_like(modality=modality))


def test_nothing_is_noted_when_all_fits(model, volume_like):
    assert match_notes(model.card, volume_like(), noise_hu=30.0) == ()


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"kernel": ("Qr89", "3")}, "The kernel Qr89/3 is none that the model was made for (B30f), but sharper"),
        ({"pixel": (0.7, 0.2)}, "The pixel size of 0.2 mm is below what the model was made for (0.5 to 1 mm)"),
        ({"pixel": (1.5, 0.7)}, "The pixel size of 1.5 mm is above what the model was made for (0.5 to 1 mm)"),
        (
            {"section_thickness": 0.2},
            "The section thickness of 0.2 mm is below what the model was made for (1 to 5 mm)",
        ),
        ({"section_thickness": None}, "The source does not say its section thickness, only that sections lie 1.5 mm"),
        ({"modality": None}, "The source does not say that it is CT."),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(model, volume_like, changes, note):
    (said,) = match_notes(model.card, volume_like(**changes), noise_hu=30.0)
    assert said.startswith(note)


def test_noise_that_could_not_be_measured_is_said(model, volume_like):
    (said,) = match_notes(model.card, volume_like(), noise_hu=None)
    assert said == "No uniform region was found, so the noise is not known; the model was made for 5 to 60 HU."


def test_the_worst_is_said_first(model, volume_like):
    notes = match_notes(model.card, volume_like(modality=None, section_thickness=0.2), noise_hu=90.0)
    assert [note.split()[1] for note in notes] == ["section", "source", "noise"]

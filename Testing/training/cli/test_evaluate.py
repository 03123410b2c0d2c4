from __future__ import annotations

import numpy as np
import pytest


def test_a_model_is_measured_against_clean_images(ctdenoise, site):
    answer = ctdenoise("evaluate", "tiny", "--noisy", site / "low.nrrd", "--clean", site / "full.nrrd")
    assert answer.code == 0
    names = [line.rsplit(maxsplit=2)[0] for line in answer.out.splitlines() if line.endswith(" ") or "  " in line]
    assert {"RMSE (HU)", "PSNR (dB)", "SSIM", "Soft-tissue noise (HU)"} <= set(names)
    for expected in ("image 1, 20 of 20 sections", "data range 2000 HU", "tiny 1.0", "Research use only."):
        assert expected in answer.out


def test_without_clean_images_there_is_no_error_to_tell(ctdenoise, site):
    answer = ctdenoise("evaluate", "tiny", "--noisy", f"thorax={site / 'low.nrrd'}", "--sections", 3)
    assert "RMSE" not in answer.out
    assert "thorax, 3 of 20 sections" in answer.out


def test_machines_get_numbers_and_their_terms(ctdenoise, site):
    images = ("--noisy", site / "low.nrrd", "--clean", site / "full.nrrd", "--precision", "fp32", "--backend", "cpu")
    content = ctdenoise("evaluate", "tiny", *images, *images[:4], "--json").content
    # White noise of 5 HU in both, and of 30 HU more in the noisy one.
    assert content["before"]["noise_hu"] == pytest.approx(np.hypot(5, 30), rel=0.03)
    assert content["before"]["rmse"] > content["before"]["noise_reduction"] == 0
    assert content["terms"] == {"window_hu": [-1000, 1000], "data_range_hu": 2000}
    assert (content["device"], content["precision"], len(content["model"]["sha256"])) == ("cpu", "fp32", 64)
    assert content["data"] == "image 1, 20 of 20 sections; image 2, 20 of 20 sections"


def test_what_the_model_was_not_made_for_is_noted(ctdenoise, site):
    answer = ctdenoise("evaluate", "tiny", "--noisy", site / "low.nrrd", "--sections", 1)
    assert "Note: " in answer.err
    assert "kernel" in answer.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("nosuch", "--noisy", "low.nrrd"), "There is no model “nosuch”"),
        (("tiny", "--noisy", "nowhere"), "There is no nowhere"),
        (("tiny", "--noisy", "low.nrrd", "--clean", "low.nrrd", "--clean", "full.nrrd"), "1 × --noisy and 2 × --clean"),
        (("tiny", "--noisy", "low.nrrd", "--backend", "abacus"), "“abacus” names no device"),
        (("tiny",), "--noisy"),
    ],
)
def test_a_wrong_option_is_told(ctdenoise, site, monkeypatch, words, expected):
    monkeypatch.chdir(site)
    assert expected in ctdenoise("evaluate", *words).sentence

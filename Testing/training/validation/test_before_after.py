from __future__ import annotations

import json
from dataclasses import replace

import pytest

from CTDenoiseTrainLib.validation.before_after import BeforeAfter, before_and_after
from CTDenoiseTrainLib.validation.figures import SectionFigures, Terms
from support.known_denoiser import KnownDenoiser

NOTHING = SectionFigures(
    loss=None,
    rmse=None,
    psnr=None,
    ssim=None,
    noise_hu=None,
    noise_reduction=None,
    residual_index=None,
    bias_hu=None,
)


def table(before: dict[str, float], after: dict[str, float], **fields) -> BeforeAfter:
    defaults = {"before_is": "input", "data": "three sections", "terms": Terms(window_hu=None, data_range_hu=2000.0)}
    return BeforeAfter(before=replace(NOTHING, **before), after=replace(NOTHING, **after), **defaults | fields)


def test_a_trained_network_stands_beside_its_input(make_validator):
    found = before_and_after(make_validator(), KnownDenoiser(0.75))
    rows = {name: (before, after) for name, before, after in found.rows}
    assert found.before_is == "input"
    assert rows["Noise reduction (%)"][0] == "0.0"
    assert rows["Edge ratio of the residual"][0] == "–"
    assert float(rows["RMSE (HU)"][1]) == pytest.approx(float(rows["RMSE (HU)"][0]) / 4, abs=0.01)
    assert "Loss" not in rows
    assert found.is_better


def test_a_fine_tuned_network_stands_beside_its_parent(make_validator):
    found = before_and_after(make_validator(), KnownDenoiser(0.25), parent=KnownDenoiser(0.75))
    assert found.before_is == "parent"
    assert not found.is_better


def test_without_targets_the_loss_tells_and_then_the_noise():
    assert table({"loss": 2.0, "noise_hu": 1.0}, {"loss": 1.0, "noise_hu": 5.0}).is_better
    assert not table({"noise_hu": 5.0}, {"noise_hu": 5.0}).is_better
    assert not table({}, {}).is_better
    assert table({"loss": 2.0}, {"loss": 1.0}).rows == (("Loss", "2", "1"),)


def test_metrics_of_the_card_state_window_and_what_was_before():
    found = table(
        {"rmse": 20.0, "noise_hu": 18.0},
        {"rmse": 5.126, "noise_hu": 4.02, "bias_hu": -0.127},
        terms=Terms(window_hu=(-1000.0, 1000.0), data_range_hu=2000.0),
    )
    rmse, noise, bias = found.metrics()
    assert (rmse.name, rmse.value, rmse.unit, rmse.window_hu) == ("RMSE", 5.13, "HU", (-1000.0, 1000.0))
    assert rmse.note == "Against the target. The input has 20.00 HU."
    assert (noise.value, noise.window_hu, noise.data_range_hu) == (4.0, None, None)
    assert bias.value == -0.13
    assert dict(row[:2] for row in found.rows)["HU bias (HU)"] == "–"
    assert found.rows[-1][2] == "−0.13"


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"bias_hu": -19.0}, "shifted by −19.0 HU"),
        ({"noise_hu": 31.0}, "more noise than with the input: 31.0 and 18.0 HU"),
        ({"residual_index": 2.63}, "2.6 times as strong at edges"),
    ],
)
def test_less_error_with_a_defect_comes_with_a_sentence(after, words):
    good = {"rmse": 5.0, "noise_hu": 4.0, "bias_hu": 0.2, "residual_index": 1.1}
    found = table({"rmse": 20.0, "noise_hu": 18.0}, good | after)
    assert found.is_better
    (sentence,) = found.cautions
    assert words in sentence
    assert not table({"rmse": 20.0, "noise_hu": 18.0}, good).cautions


@pytest.mark.parametrize("window", [None, (-1000.0, 1000.0)])
def test_a_table_survives_json(window):
    found = table({"rmse": 2.0}, {"rmse": 1.0}, terms=Terms(window_hu=window, data_range_hu=2000.0))
    assert BeforeAfter.from_content(json.loads(json.dumps(found.to_content()))) == found

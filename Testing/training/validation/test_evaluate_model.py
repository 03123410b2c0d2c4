from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.models import Model
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseTrainLib.errors import DataError
from CTDenoiseTrainLib.evaluation import NothingToMeasureError
from CTDenoiseTrainLib.validation.evaluate_model import EvaluatedVolume, evaluate_model
from support.known_denoiser import KnownDenoiser, alternating_case
from support.tiny_model import tiny_store

INNER = 3
"""Of nine sections the three in the middle of each third, none of which is the first or the last."""


@pytest.fixture
def model(tmp_path) -> Model:
    card = tiny_store(tmp_path, hu_range=(-2000.0, 3071.0)).card("tiny")
    return Model(card, KnownDenoiser(0.75).eval())


@pytest.fixture
def pair() -> EvaluatedVolume:
    case = alternating_case()
    return EvaluatedVolume(Volume(case.clean + case.noise), Volume(case.clean), "phantom")


def test_error_falls_as_the_noise_does(model, pair, backend):
    found = evaluate_model(model, [pair], backend=backend, most_sections=INNER)
    assert found.after.rmse == pytest.approx(found.before.rmse / 4, rel=0.01)
    assert found.after.noise_reduction == pytest.approx(75, abs=2)
    assert found.before.bias_hu == 0
    assert found.data == "phantom, 3 of 9 sections"


def test_without_clean_images_noise_and_residual_remain(model, pair, backend):
    found = evaluate_model(model, [replace(pair, clean=None)], backend=backend, most_sections=INNER)
    assert found.after.rmse is None
    assert found.after.residual_index == pytest.approx(1.0, abs=0.1)
    assert found.rows[0][0] == "Soft-tissue noise (HU)"


def test_all_sections_of_all_volumes_are_told_as_they_are_done(model, pair, backend):
    told = []
    evaluate_model(model, [pair, pair], backend=backend, on_progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 18) for done in range(1, 19)]


def test_clean_images_of_other_voxels_are_refused(model, pair, backend):
    smaller = replace(pair, clean=Volume(pair.clean.hu[:8]))
    elsewhere = replace(pair, clean=replace(pair.clean, geometry=Geometry(origin=(0.0, 0.0, 5.0))))
    with pytest.raises(DataError, match=r"counterpart of phantom has other voxels \(8 × 97 × 90"):
        evaluate_model(model, [smaller], backend=backend)
    with pytest.raises(DataError, match="other voxels"):
        evaluate_model(model, [elsewhere], backend=backend)


def test_clean_images_for_some_volumes_only_are_refused(model, pair, backend):
    with pytest.raises(DataError, match="Only some"):
        evaluate_model(model, [pair, replace(pair, clean=None)], backend=backend)
    with pytest.raises(DataError, match="no volume"):
        evaluate_model(model, [], backend=backend)


def test_air_alone_is_refused(model, backend):
    air = EvaluatedVolume(Volume(np.full((3, 32, 32), -1000, dtype=np.float32)))
    with pytest.raises(NothingToMeasureError, match="None of the 3 sections"):
        evaluate_model(model, [air], backend=backend)


def test_it_can_be_cancelled(model, pair, backend):
    with pytest.raises(Cancelled):
        evaluate_model(model, [pair], backend=backend, cancelled=lambda: True)

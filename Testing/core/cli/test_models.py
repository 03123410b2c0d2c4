from __future__ import annotations

from dataclasses import replace

import pytest

from CTDenoiseLib.models import ParentModel
from support.tiny_model import save_tiny_model


@pytest.fixture
def own_models(tmp_path, monkeypatch, ctdenoise):
    folder = tmp_path / "own"
    monkeypatch.setenv("CTDENOISE_MODELS", str(folder))
    return folder


def test_models_are_listed_with_what_they_are_for(ctdenoise):
    answer = ctdenoise("models", "list")
    (line,) = (line for line in answer.out.splitlines() if line.startswith("tiny"))
    assert "B30f" in line
    assert "hrcnn" in line


def test_machines_get_the_list_with_hashes(ctdenoise):
    listed = {model["name"]: model for model in ctdenoise("models", "list", "--json").content["models"]}
    assert len(listed["tiny"]["sha256"]) == 64
    assert not listed["tiny"]["bundled"]


def test_a_damaged_card_is_listed_as_damaged(ctdenoise, own_models):
    own_models.mkdir()
    (own_models / "broken.json").write_text("{")
    assert "Damaged" in ctdenoise("models", "list").out
    assert len(ctdenoise("models", "list", "--json").content["damaged"]) == 1


def test_a_card_is_shown_whole(ctdenoise):
    answer = ctdenoise("models", "show", "tiny")
    for expected in ("Tiny HR-CNN for tests", "It is not trained.", "0.5 to 1 mm", "Research use only"):
        assert expected in answer.out
    assert ctdenoise("models", "show", "tiny", "--json").content["licence"] == "Apache-2.0"


def test_the_parent_of_a_fine_tuned_model_is_shown(ctdenoise, own_models):
    parent = save_tiny_model(own_models, name="parent")
    assert "Fine-tuned from" not in ctdenoise("models", "show", "parent").out
    save_tiny_model(own_models, training=replace(parent.training, parent=ParentModel.of(parent)))
    shown = ctdenoise("models", "show", "tiny").out
    assert f"parent 1.0 (SHA256 {parent.weights.sha256[:16]}…)" in shown
    content = ctdenoise("models", "show", "tiny", "--json").content
    assert content["training"]["parent"]["weights_sha256"] == parent.weights.sha256


def test_a_model_is_added_verified_and_removed(ctdenoise, own_models, tmp_path):
    save_tiny_model(tmp_path / "new", name="mine")
    assert ctdenoise("models", "add", tmp_path / "new" / "mine.json").out == "Added mine 1.0.\n"
    assert "mine is whole" in ctdenoise("models", "verify", "mine").out
    assert "overwrite" in ctdenoise("models", "add", tmp_path / "new" / "mine.json").sentence
    assert ctdenoise("models", "add", tmp_path / "new" / "mine.json", "--overwrite").code == 0
    assert ctdenoise("models", "remove", "mine", "--json").content == {"removed": "mine"}
    assert list(own_models.iterdir()) == []


def test_damaged_weights_fail_the_check(ctdenoise, own_models):
    save_tiny_model(own_models)
    weights = own_models / "tiny.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\0")
    assert "tiny" in ctdenoise("models", "verify", "tiny").sentence


@pytest.mark.parametrize("action", ["show", "verify", "remove"])
def test_an_unknown_model_is_told(ctdenoise, action):
    assert "nosuch" in ctdenoise("models", action, "nosuch").sentence

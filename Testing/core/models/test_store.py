import json
from pathlib import Path

import pytest

import CTDenoiseLib
from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.models import (
    BundledModelError,
    DamagedModelError,
    ModelExistsError,
    ModelStore,
    UnknownModelError,
)
from support.tiny_model import save_tiny_model, tiny_network


def names(store):
    return [card.name for card in store.cards()]


def files(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_bundled_models_come_first_then_the_user_s_each_sorted(store):
    for folder, name in [("user", "b"), ("user", "a"), ("bundled", "zebra")]:
        save_tiny_model(store.bundled_folder.parent / folder, name=name)
    assert names(store) == ["tiny", "zebra", "a", "b"]
    assert [model.bundled for model in store.models()] == [True, True, False, False]
    assert store.default_model == "tiny"


def test_without_bundled_models_the_user_s_first_is_the_default(tmp_path):
    save_tiny_model(tmp_path, name="mine")
    assert ModelStore(None, tmp_path).default_model == "mine"


def test_an_empty_store_says_how_to_add_a_model(tmp_path):
    empty = ModelStore(tmp_path / "bundled", tmp_path / "user")
    assert empty.cards() == ()
    with pytest.raises(UnknownModelError, match="There is no model; add one"):
        _ = empty.default_model


def test_an_unknown_name_is_refused_with_the_known_ones(store):
    for ask in (store.card, store.load, store.verify):
        with pytest.raises(UnknownModelError, match=r"There is no model “\.\./tiny”; known are: tiny"):
            ask("../tiny")


def test_the_user_folder_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    assert ModelStore.default().user_folder == tmp_path


def test_the_user_folder_is_the_system_s_place_for_data_otherwise(monkeypatch):
    monkeypatch.delenv("CTDENOISE_MODELS", raising=False)
    assert "CTDenoise" in ModelStore.default().user_folder.parts


def test_the_bundled_models_of_a_checkout_are_found():
    package = Path(CTDenoiseLib.__file__).resolve().parent
    assert ModelStore.default().bundled_folder in {
        parent / "Resources" / "Models" for parent in (package, package.parent, package.parent.parent)
    }


def test_an_added_model_can_be_used_and_removed(store, offered):
    card = store.add(offered)
    assert names(store) == ["tiny", "mine"]
    assert store.load("mine").card == card
    store.remove("mine")
    assert names(store) == ["tiny"]
    assert files(store.user_folder) == []


def test_adding_copies_so_that_the_source_may_go(store, offered):
    store.add(offered)
    offered.unlink()
    offered.with_suffix(".safetensors").unlink()
    store.verify("mine")


def test_a_card_may_be_added_under_any_file_name(store, offered):
    store.add(offered.rename(offered.with_name("mine (1).json")))
    assert files(store.user_folder) == ["mine.json", "mine.safetensors"]


def test_a_name_already_taken_is_refused_unless_overwriting(store, offered):
    first = store.add(offered)
    second = save_tiny_model(offered.parent, name="mine", network=tiny_network(seed=1), overwrite=True)
    with pytest.raises(ModelExistsError, match="already a model “mine”"):
        store.add(offered)
    assert store.card("mine") == first
    store.add(offered, overwrite=True)
    assert store.load("mine").card == second


def test_the_name_of_a_bundled_model_is_refused_even_when_overwriting(store, tmp_path):
    save_tiny_model(tmp_path / "download", name="tiny", network=tiny_network(seed=1))
    with pytest.raises(BundledModelError, match="“tiny” comes with CTDenoise; give yours another name"):
        store.add(tmp_path / "download" / "tiny.json", overwrite=True)
    store.verify("tiny")


def test_a_stray_weights_file_is_not_overwritten(store, offered):
    store.user_folder.mkdir()
    (store.user_folder / "mine.safetensors").write_text("precious")
    with pytest.raises(OutputExistsError):
        store.add(offered)
    assert files(store.user_folder) == ["mine.safetensors"]


@pytest.mark.parametrize("damage", ["weights", "card", "absent"])
def test_a_damaged_model_is_not_added_and_leaves_nothing(store, offered, damage):
    if damage == "weights":
        offered.with_suffix(".safetensors").write_bytes(b"no weights")
    elif damage == "card":
        offered.write_text("{")
    else:
        offered.unlink()
    with pytest.raises(DamagedModelError):
        store.add(offered)
    assert files(store.user_folder) == []


def test_a_bundled_model_is_not_removed(store):
    with pytest.raises(BundledModelError, match="“tiny” comes with CTDenoise and stays"):
        store.remove("tiny")
    store.verify("tiny")


@pytest.mark.parametrize("name", ["other", "../bundled/tiny", "", "mine.json"])
def test_only_a_model_of_the_user_can_be_removed(store, offered, name):
    store.add(offered)
    with pytest.raises(UnknownModelError, match="those that can be removed are: mine"):
        store.remove(name)
    assert names(store) == ["tiny", "mine"]


def test_a_damaged_card_is_reported_and_the_others_are_listed(store, offered):
    store.add(offered)
    broken = store.user_folder / "broken.json"
    broken.write_text("{")
    assert names(store) == ["tiny", "mine"]
    assert [card.path for card in store.damaged()] == [broken]
    assert "broken.json” is not readable JSON" in store.damaged()[0].reason
    with pytest.raises(DamagedModelError, match=r"broken\.json” is not readable JSON"):
        store.card("broken")


def test_a_model_with_a_damaged_card_can_be_removed(store, offered):
    store.add(offered)
    (store.user_folder / "mine.json").write_text("{")
    store.remove("mine")
    assert files(store.user_folder) == []


def test_a_card_under_another_file_name_is_damaged(store, offered):
    store.add(offered)
    (store.user_folder / "mine.json").rename(store.user_folder / "yours.json")
    assert names(store) == ["tiny"]
    assert "is of “mine”; rename it to “mine.json”" in store.damaged()[0].reason


def test_a_user_s_model_cannot_take_the_place_of_a_bundled_one(store):
    save_tiny_model(store.user_folder, name="tiny", network=tiny_network(seed=1))
    assert store.model("tiny").bundled
    assert "has the name of a model that comes with CTDenoise" in store.damaged()[0].reason
    store.remove("tiny")
    assert files(store.user_folder) == []
    store.verify("tiny")


def test_hidden_files_are_not_taken_for_cards(store):
    store.user_folder.mkdir()
    (store.user_folder / "._mine.json").write_bytes(b"\x00\x05\x16\x07")
    assert store.damaged() == ()


def test_verifying_does_all_checks_of_loading(store, offered):
    store.add(offered)
    store.verify("mine")
    card = store.user_folder / "mine.json"
    content = json.loads(card.read_text(encoding="utf-8"))
    card.write_text(json.dumps(content | {"context": 2}), encoding="utf-8")
    with pytest.raises(DamagedModelError, match="2 sections of context"):
        store.verify("mine")


def test_bundled_models_shipped_with_this_checkout_are_whole(monkeypatch, tmp_path):
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    shipped = ModelStore.default()
    assert shipped.damaged() == ()
    for card in shipped.cards():
        shipped.verify(card.name)

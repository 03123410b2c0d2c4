"""Figures of the machine are kept where they can be, and are no trouble where not."""

from __future__ import annotations

import json

import pytest

from CTDenoiseLib.inference.paces import Paces


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "paces.json"


def test_what_was_kept_is_there_the_next_time(path):
    Paces(path).put("cpu", 1.5)
    assert Paces(path).get("cpu") == 1.5
    assert Paces(path).get("cuda:0") is None


def test_what_another_program_kept_meanwhile_stays(path):
    mine, other = Paces(path), Paces(path)
    other.put("other", 2.0)
    mine.put("mine", 3.0)
    assert (Paces(path).get("other"), Paces(path).get("mine")) == (2.0, 3.0)


@pytest.mark.parametrize("content", ["", "{", "[1]", "null", '{"cpu": "fast"}', '{"cpu": -1}', '{"cpu": NaN}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(path, content):
    path.parent.mkdir()
    path.write_text(content)
    paces = Paces(path)
    assert paces.get("cpu") is None
    paces.put("cpu", 1.5)
    assert json.loads(path.read_text()) == {"cpu": 1.5}


def test_where_nothing_can_be_written_it_is_known_as_long_as_the_program_runs(tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    paces = Paces(tmp_path / "cache" / "paces.json")
    paces.put("cpu", 1.5)
    assert paces.get("cpu") == 1.5


def test_the_folder_is_that_of_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("CTDENOISE_CACHE", str(tmp_path / "mine"))
    Paces.of_this_user().put("cpu", 1.5)
    assert list(tmp_path.glob("mine/*.json"))

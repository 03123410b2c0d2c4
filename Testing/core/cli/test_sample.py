from __future__ import annotations

import pytest

from CTDenoiseLib.samples import SAMPLES, SampleError


@pytest.fixture
def fetched(monkeypatch):
    """Stands in for the download; `Testing/core/test_samples.py` tests it."""
    calls = []
    monkeypatch.setattr("CTDenoiseLib.cli.sample.fetch", lambda name, folder: calls.append((name, folder)))
    return calls


def test_a_sample_goes_to_the_folder_and_its_licence_is_pointed_out(ctdenoise, fetched, tmp_path):
    answer = ctdenoise("sample", "catphan", tmp_path / "phantom")
    assert fetched == [("catphan", tmp_path / "phantom")]
    assert "README.txt" in answer.out
    assert SAMPLES["catphan"].title in answer.out


def test_machines_get_folder_and_licence(ctdenoise, fetched, tmp_path):
    content = ctdenoise("sample", "lung", tmp_path / "lung", "--json").content
    assert content["folder"] == str(tmp_path / "lung")
    assert content["licence"].startswith("BSD-3-Clause")


def test_an_unknown_sample_lists_those_there_are(ctdenoise, tmp_path):
    answer = ctdenoise("sample", "chest", tmp_path / "chest")
    assert answer.code == 2
    assert "catphan, lung" in answer.err


def test_a_failed_download_is_told_in_a_sentence(ctdenoise, monkeypatch, tmp_path):
    def fails(name, folder):
        raise SampleError("It could not be downloaded.")

    monkeypatch.setattr("CTDenoiseLib.cli.sample.fetch", fails)
    answer = ctdenoise("sample", "lung", tmp_path / "lung")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.splitlines()[-1] == "It could not be downloaded."

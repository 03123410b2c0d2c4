"""The benchmark of the first section runs and its JSON says what it promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.worker_start import main


def test_json_tells_how_long_the_first_section_takes(
    small_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CTDENOISE_MODELS", str(small_model))
    options = ["--model", "tiny", "--side", "64", "--rounds", "1", "--backend", "cpu", "--precision", "fp32"]
    assert main([*options, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert 0 < figures["ready_seconds"] < figures["model_loaded_seconds"] < figures["cold_seconds"]
    assert 0 < figures["warm_seconds"] < figures["cold_seconds"]
    alone = figures["network_alone_seconds"]
    assert figures["cold_seconds_beyond_one_slice"] == pytest.approx(figures["cold_seconds"] - alone)
    assert figures["warm_slice_times"] == pytest.approx(figures["warm_seconds"] / alone)
    assert figures["matrix"] == [64, 64]


def test_a_model_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]):
    assert main(["--model", "nosuch"]) == 2
    assert "nosuch" in capsys.readouterr().err

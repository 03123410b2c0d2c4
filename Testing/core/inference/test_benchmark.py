"""The benchmark script runs and its JSON says what it promises."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from support.tiny_model import save_tiny_model

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "inference.py"


@pytest.fixture
def benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, with the tiny model in the user's folder and a small matrix product."""
    save_tiny_model(tmp_path)
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    specification = importlib.util.spec_from_file_location("benchmark_of_inference", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(__import__("sys").modules, "benchmark_of_inference", module)
    specification.loader.exec_module(module)
    monkeypatch.setitem(module.MATMUL_SIDE, "cpu", 64)
    return module


def test_json_is_one_object_with_the_promised_figures(benchmark, capsys):
    options = ["--model", "tiny", "--side", "70", "--slices", "2", "--rounds", "1", "--backend", "cpu"]
    assert benchmark.main([*options, "--precision", "fp32", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    for name in ("speedup_vs_monai", "speedup_vs_eager_fp32", "share_of_matmul_peak"):
        assert figures[name] > 0
    assert figures["peak_memory_bytes"] >= 0
    assert figures["noise_sd_hu"] > 1
    assert figures["deviation_rms_hu"] <= figures["deviation_max_hu"] < 0.01


def test_an_unknown_model_is_one_sentence(benchmark, capsys):
    assert benchmark.main(["--model", "nowhere", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nowhere" in captured.err

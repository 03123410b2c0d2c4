"""The script that fits the cost model finds what the times were made of, and prints what belongs into the code."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "cost.py"


@pytest.fixture
def benchmark(monkeypatch):
    """The script, with small cases that are measured in this process."""
    specification = importlib.util.spec_from_file_location("benchmark_of_cost", SCRIPT)
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "benchmark_of_cost", module)
    specification.loader.exec_module(module)
    cases = [module.Case("plain-cnn", {"filters": width}, side, side) for width in (1, 4) for side in (32, 64)]
    monkeypatch.setattr(module, "CASES", cases)
    monkeypatch.setattr(module, "measure_apart", module.measure)
    monkeypatch.setattr(module, "probe_seconds", lambda _: 0.5)
    return module


def test_coefficients_of_exact_times_are_found_again(benchmark):
    terms = np.array([benchmark.work_terms(case) for case in benchmark.CASES])
    truth = np.array([2e-12, 3e-10, 0.0, 1e-3])
    assert benchmark.fit(terms, terms @ truth) @ terms.T == pytest.approx(terms @ truth)


def test_the_answer_holds_table_verdict_and_lines_for_the_code(benchmark, capsys):
    assert benchmark.main(["--precision", "fp32", "--rounds", "1"]) == 0
    text = capsys.readouterr().out
    assert "| plain-cnn, filters 4 | 64 × 64 |" in text
    assert "Largest residual" in text
    assert '"fp32": Coefficients(flop=' in text


def test_machines_get_json(benchmark, capsys):
    assert benchmark.main(["--precision", "fp32", "--rounds", "1", "--every", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["precisions"]["fp32"]
    assert len(found["cases"]) == 2
    assert found["coefficients"]["probe"] == 0.5

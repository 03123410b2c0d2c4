"""From DICOM to DICOM, and all figures in one table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydicom.uid import JPEGLSLossless

from benchmarks import exam, speed
from benchmarks.other_benchmark import NoFiguresError, figures_of
from benchmarks.simulated_exam import INCREMENT_MM, write_exam
from benchmarks.speed import Line, Plan
from CTDenoiseLib.dicom.find import find_series
from support.tiny_model import save_tiny_model


def test_a_simulated_exam_is_one_series_of_different_images(tmp_path):
    write_exam(tmp_path, sections=11, side=32, transfer_syntax=JPEGLSLossless)
    (series,) = find_series(tmp_path).series
    assert len(series.slices) == 11
    assert series.increment == pytest.approx(INCREMENT_MM)
    assert series.inconsistency is None


def test_a_run_over_an_exam_says_how_long_the_network_took(tmp_path, monkeypatch, capsys):
    save_tiny_model(tmp_path)
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    assert exam.main(["--simulate", "3", "--side", "32", "--model", "tiny", "--rounds", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["sections"] == 3
    assert 0 < found["network_seconds"] < found["seconds"]
    assert 0 < found["share_outside_network"] < 1
    assert found["peak_memory_bytes"] > 10**7


def test_what_is_wrong_with_an_exam_is_one_sentence(tmp_path, capsys):
    assert exam.main([str(tmp_path / "nowhere"), "--rounds", "1"]) == 2
    assert "There is no" in capsys.readouterr().err


def test_a_benchmark_that_fails_says_why():
    with pytest.raises(NoFiguresError, match="no_such_script"):
        figures_of("no_such_script.py")


@pytest.fixture
def plan() -> Plan:
    return Plan(device="cpu", precision="bf16", series=Path("exam"), scratch=None, quick=False)


def known_figures(script: str, *options: object) -> dict[str, object]:
    """Figures of a machine that reaches everything but the start, and cannot read the series."""
    if Path("exam") in options:
        raise NoFiguresError("There is no exam; check its name.")
    run = {"process_peak_bytes": 1.2e9, "over_libraries_bytes": 0.7e9}
    return {
        "inference.py": {
            "speedup_vs_monai": 8.0,
            "speedup_vs_eager_fp32": 12.0,
            "speedup_vs_monai_autocast": 4.0,
            "share_of_matmul_peak": 1.2,
            "share_of_matmul_peak_done": 0.7,
            "matmul_peak_gflop_per_second": 800.0,
            "seconds_per_slice": {"ctdenoise": 0.25},
            "slices": 1,
            "peak_memory_bytes": 10**9,
        },
        "deviation.py": {"deviation_rms_hu": 0.3, "deviation_max_hu": 2.5},
        "worker_start.py": {"cold_seconds_beyond_one_slice": 7.0, "warm_slice_times": 1.1},
        "long_run.py": {"50_sections": run, "500_sections": run},
    }[script]


def test_targets_stand_beside_the_figures(plan, monkeypatch):
    monkeypatch.setattr(speed, "figures_of", known_figures)
    lines = list(plan.lines())
    missed = [line.what for line in lines if line.reached is False]
    assert missed == [f"{model}: cold start to first section, beyond the section" for model in speed.MODELS]
    assert Line("bundled model: × MONAI sliding window", "8.00", "≥ 6", reached=True) in lines
    assert Line("full HR-CNN: × monai under autocast, channels last", "4.00") in lines
    assert sum(line.target == "≤ 1.5 GB" for line in lines) == 4


def test_what_could_not_be_measured_is_said(plan, monkeypatch):
    monkeypatch.setattr(speed, "figures_of", known_figures)
    said = [line.figure for line in plan.lines() if line.figure.startswith("not measured")]
    assert said == 2 * ["not measured: There is no exam; check its name."]


def test_the_table_is_markdown(capsys):
    lines = [Line("one", "1.00", "≥ 2", reached=False).cells, Line("other", "3.00").cells]
    speed.show({"device_name": "Any", "precision": "bf16", "machine": "Linux", "lines": lines})
    said = capsys.readouterr().out
    assert "| one | 1.00 | ≥ 2 | **no** |" in said
    assert "| other | 3.00 |  |  |" in said

"""The model that comes with CTDenoise, on sections of a real low-dose chest that it was not trained on."""

from __future__ import annotations

import shutil

import pytest

from CTDenoiseLib.dicom.find import find_series
from support.command import run_command

# Instances 111 to 115; noise of instances 1 to 70 went into the training.
INSTANCES = range(111, 116)


def test_noise_falls_and_hu_and_edges_stay(real_data, capsys, tmp_path):
    (series,) = find_series(real_data("nlst_chest_low_dose_fc51")).series
    (tmp_path / "in").mkdir()
    for section in series.slices:
        if section.instance_number in INSTANCES:
            shutil.copy(section.path, tmp_path / "in")
    words = ("run", tmp_path / "in", tmp_path / "out", "--report", tmp_path / "report.png", "--json")
    content = run_command(capsys, *words).content
    assert content["sections"] == len(INSTANCES)
    assert content["noise"]["before_hu"] == pytest.approx(33, abs=10), "noise of the liver"
    assert content["noise"]["change_percent"] < -40
    assert content["noise"]["mean_after_hu"] == pytest.approx(content["noise"]["mean_before_hu"], abs=5)
    assert abs(content["mean_shift_hu"]) < 3
    assert content["edge_ratio"] < 2
    assert (tmp_path / "report.png").stat().st_size > 100_000

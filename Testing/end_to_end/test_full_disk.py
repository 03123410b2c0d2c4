"""A disk that fills up in the middle of a run."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

DISK_BYTES = 400 * 1024


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 400 kB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("Needs a small disk of its own, which only root on Linux can make.")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", disk], capture_output=True, text=True, check=False
    )
    if mount.returncode != 0:
        pytest.skip(f"Needs a small disk of its own, and mounting one failed: {mount.stderr.strip()}")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.fixture
def large_series(make_ct_series, tmp_path):
    """1.2 MB of CT."""
    return make_ct_series(tmp_path / "in", sections=12, rows=256, columns=200)


@pytest.mark.parametrize("output", ["out", "out.nrrd", "out.nii"])
def test_a_full_disk_is_told_and_left_empty(ctdenoise, large_series, small_disk, output):
    sentence = ctdenoise("run", large_series, small_disk / output, "--model", "tiny").sentence
    assert "disk" in sentence
    assert list(small_disk.iterdir()) == []


def test_when_the_residual_does_not_fit_the_output_is_not_written_either(ctdenoise, large_series, small_disk, tmp_path):
    sentence = ctdenoise(
        "run", large_series, tmp_path / "out", "--residual", small_disk / "res", "--report", tmp_path / "report.png",
        "--model", "tiny",
    ).sentence  # fmt: skip
    assert "disk is full" in sentence
    assert list(small_disk.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "in"]

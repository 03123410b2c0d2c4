"""Ways to compute that were tried are held against the one before: what they give, and why some are left out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from benchmarks.alternatives import REFERENCE, Bench, Way, show
from benchmarks.ways_to_compute import WAYS, NotHereError
from CTDenoiseLib.inference import Backend
from support.tiny_model import save_tiny_model


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Two small sections in bf16 with the tiny model."""
    save_tiny_model(tmp_path)
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    options = argparse.Namespace(
        model="tiny", full=False, backend="cpu", precision="fp32", input=None, side=40, slices=2, json=False
    )
    return Bench.of(tmp_path, options)


@pytest.mark.parametrize("name", [REFERENCE, "ctdenoise", "eager fp32"])
def test_ways_in_float32_give_what_is_exact(bench, name):
    way = Way(name, bench)
    deviation = way.deviation()
    assert deviation["deviation_rms_hu"] <= deviation["deviation_max_hu"] < 0.01
    assert way.seconds() > 0


def test_eight_bits_are_coarser_than_bf16_but_no_nonsense(bench):
    eight = Way("int8, emulated", bench).deviation()["deviation_rms_hu"]
    bench.options.precision = "bf16"
    half = Way(REFERENCE, bench).deviation()["deviation_rms_hu"]
    noise = bench.load("exact.npy").std()
    assert half < eight < 0.1 * noise


def test_a_package_that_is_missing_is_left_out_with_the_reason(bench, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(NotHereError, match="OpenVINO is not installed"):
        Way("OpenVINO", bench)


def test_ways_for_processors_are_left_out_on_graphics_processors():
    for name in ("layer by layer, memory kept", "oneDNN Graph", "OpenVINO"):
        with pytest.raises(NotHereError, match="processors"):
            WAYS[name](None, Backend("cuda:0", "fp16"), None)


def test_the_table_says_what_was_left_out_and_what_was_not_timed(capsys):
    figures = {"deviation_rms_hu": 0.5, "deviation_max_hu": 3.0}
    ways = {REFERENCE: {"speedup": 1.0, **figures}, "int8, emulated": figures, "OpenVINO": {"left_out": "Not here."}}
    show({"ways": ways, "model": "tiny", "device_name": "any", "precision": "bf16", "threads": 2})
    said = capsys.readouterr().out
    assert "| layer by layer | 1.00 | 0.50 | 3.0 |" in said
    assert "| int8, emulated | not timed |" in said
    assert "| OpenVINO | Not here. |" in said

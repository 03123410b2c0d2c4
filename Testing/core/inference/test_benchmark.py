"""The benchmarks of the denoiser run, and their JSON says what it promises."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import psutil
import pytest

from benchmarks import deviation, inference, long_run, machine, where_time_goes
from benchmarks.multiplications import share_done
from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.models import ModelStore
from CTDenoiseLib.networks import HRCNN
from support.tiny_model import save_tiny_model

EXACT = ["--model", "tiny", "--backend", "cpu", "--precision", "fp32", "--json"]


@pytest.fixture(autouse=True)
def _tiny_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model in the user's folder, and a small matrix product."""
    save_tiny_model(tmp_path)
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path))
    monkeypatch.setitem(machine.MATMUL_SIDE, "cpu", 64)


def figures(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return json.loads(capsys.readouterr().out)


def test_json_is_one_object_with_the_promised_figures(capsys):
    options = ["--side", "70", "--slices", "2", "--rounds", "1", "--batch-sizes", "2"]
    assert inference.main([*EXACT, *options]) == 0
    found = figures(capsys)
    for name in ("speedup_vs_monai", "speedup_vs_eager_fp32", "share_of_matmul_peak"):
        assert found[name] > 0
    assert found["share_of_matmul_peak_done"] <= found["share_of_matmul_peak"]
    assert found["peak_memory_bytes"] >= 0
    assert found["noise_sd_hu"] > 1
    assert found["deviation_rms_hu"] <= found["deviation_max_hu"] < 0.01
    assert set(found["seconds_per_slice"]) == {"ctdenoise", "ctdenoise_batch_2", "monai", "eager_fp32"}


def test_half_precision_is_also_held_against_autocast(capsys):
    options = ["--model", "tiny", "--backend", "cpu", "--precision", "bf16", "--side", "70", "--rounds", "1", "--json"]
    assert inference.main(options) == 0
    found = figures(capsys)
    assert found["speedup_vs_eager_autocast"] > 0
    assert found["deviation_rms_hu_of"]["eager_autocast"] > found["deviation_rms_hu"] > 0


def test_an_unknown_model_is_one_sentence(capsys):
    assert inference.main(["--model", "nowhere", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "nowhere" in captured.err


def test_deviation_goes_through_all_sections(capsys):
    assert deviation.main([*EXACT, "--side", "40", "--slices", "2", "--all"]) == 0
    found = figures(capsys)
    assert found["sections"] == 8
    # Noise around −1000 HU reaches below what the model saw.
    assert 0.5 < found["share_of_voxels_that_count"] < 1
    assert found["deviation_rms_hu"] <= found["deviation_max_hu"] < 0.01


def test_memory_of_a_run_does_not_grow_with_the_number_of_sections():
    few, many, side = 20, 120, 256
    volume = long_run.PassingVolume(sections=few + many, side=side)
    run = Denoiser(ModelStore.default().load("tiny"), Backend.choose("cpu", "fp32")).sections(volume)
    process = psutil.Process()
    for _ in range(few):
        next(run)
    before = process.memory_info().rss
    assert len([None for _ in run]) == many
    input_output_and_noise = many * 3 * 4 * side**2
    assert process.memory_info().rss - before < input_output_and_noise / 4


def test_long_runs_are_compared(capsys, monkeypatch):
    # A process for each, as `main` has it, would cost seconds.
    monkeypatch.setattr(long_run, "in_own_process", long_run.in_this_process)
    assert long_run.main([*EXACT, "--sections", "2", "5", "--side", "40"]) == 0
    found = figures(capsys)
    assert [found[f"{number}_sections"]["sections"] for number in (2, 5)] == [2, 5]
    assert found["most_process_peak_bytes"] >= found["5_sections"]["over_libraries_bytes"] >= 0
    assert found["sections_per_second"] > 0


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_multiplications_by_winograd_count_half(precision):
    network = HRCNN(context=0, width=32, levels=1).eval()
    first, second, last = 32 * 9, 32 * 32 * 9, 32
    expected = (first + second / 2 + last) / (first + second + last)
    assert share_done(network, Backend("cpu", precision)) == pytest.approx(expected)


def test_the_look_out_finds_the_line_that_takes_the_time():
    data = bytes(2 * 10**8)

    def work() -> None:
        hashlib.sha256(data).digest()

    taken, places = where_time_goes.of_threads(work)
    # At every look the thread was there; threads that other tests have left wait elsewhere.
    found = {place.line: seconds for place, seconds in places.items() if place.where == "test_benchmark.py: work"}
    assert found == {"hashlib.sha256(data).digest()": pytest.approx(taken, rel=0.2)}


def test_where_the_time_goes_is_told_by_line(capsys):
    assert where_time_goes.main([*EXACT, "--side", "128", "--slices", "4"]) == 0
    found = figures(capsys)
    assert found["seconds_per_section"] > 0
    assert any("denoiser" in place["where"] or "conv2d" in place["line"] for place in found["places"])

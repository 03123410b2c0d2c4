"""A processor computes in half precision by default only if it was measured to gain by it."""

from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.inference import Backend, backend, half_precision
from CTDenoiseLib.inference.half_precision import processor_gain


@pytest.fixture
def machine(tmp_path, monkeypatch, device_of):
    """Makes this a new machine with bf16 instructions that are so many times as fast; returns what was measured."""
    monkeypatch.delenv("CTDENOISE_PACE")
    monkeypatch.setenv("CTDENOISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(backend, "available_devices", lambda: (device_of("cpu", "bf16", "fp32"),))

    def make(gain):
        measured = []
        monkeypatch.setattr(half_precision, "_measured_gain", lambda half: measured.append(half) or gain)
        return measured

    return make


def test_bf16_is_taken_where_it_is_faster_and_the_factor_is_said(machine):
    machine(3.96)
    chosen = Backend.choose("cpu")
    assert chosen.precision == "bf16"
    assert "measured to be 4.0 times as fast" in chosen.reason


@pytest.mark.parametrize("gain", [0.4, 1.0, 1.05])
def test_fp32_is_taken_where_bf16_gains_nothing(machine, gain):
    machine(gain)
    chosen = Backend.choose("cpu")
    assert chosen.precision == "fp32"
    assert "hardly faster in bf16" in chosen.reason


def test_the_gain_is_measured_once(machine):
    measured = machine(3.0)
    for _ in range(3):
        Backend.choose("cpu")
    assert measured == [Backend("cpu", "bf16")]


def test_who_asks_for_a_precision_waits_for_no_measurement(machine):
    measured = machine(3.0)
    assert Backend.choose("cpu", "bf16").precision == "bf16"
    assert Backend.choose("cpu", "fp32").precision == "fp32"
    assert measured == []


def test_a_given_pace_forbids_to_measure(machine, monkeypatch):
    measured = machine(0.1)
    monkeypatch.setenv("CTDENOISE_PACE", "1")
    assert Backend.choose("cpu").precision == "bf16"
    assert measured == []


def test_the_real_measurement_gives_a_factor_and_leaves_the_threads_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("CTDENOISE_PACE")
    monkeypatch.setenv("CTDENOISE_CACHE", str(tmp_path / "cache"))
    threads = torch.get_num_threads()
    assert 0.01 < processor_gain("bf16") < 100
    assert torch.get_num_threads() == threads

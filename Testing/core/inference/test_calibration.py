"""The pace of this machine: measured once, kept, and corrected by what runs took."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from CTDenoiseLib.inference import Backend, Denoiser, DenoiseStatistics, calibration, paces
from CTDenoiseLib.inference.calibration import (
    CalibrationError,
    calibrated_pace,
    known_pace,
    pace_of,
    probe_seconds,
    remember_run,
)
from CTDenoiseLib.inference.cost import Pace, expected
from CTDenoiseLib.inference.reference_machine import PROCESSOR

SHAPE = (10, 64, 64)


@pytest.fixture
def new_machine(tmp_path, monkeypatch):
    """Nothing was measured here before, and it is not forbidden."""
    monkeypatch.delenv("CTDENOISE_PACE")
    monkeypatch.setenv("CTDENOISE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def measured(new_machine, monkeypatch):
    """The backends that were measured; each takes three times as long as the reference machine."""
    backends = []

    def take_three_times_as_long(backend):
        backends.append(backend)
        return 3 * PROCESSOR[backend.precision].probe

    monkeypatch.setattr(calibration, "probe_seconds", take_three_times_as_long)
    return backends


@pytest.fixture
def denoiser(model, exact):
    return Denoiser(model, exact)


def statistics(*, sections, seconds):
    return DenoiseStatistics(sections=sections, seconds=seconds, passed_through=0, batch_size=1, tiles=1, notes=())


def begin_another_program():
    paces._kept_open.cache_clear()


def test_a_device_is_measured_once_and_never_again(measured, exact):
    assert calibrated_pace(exact) == pytest.approx(3.0)
    assert calibrated_pace(exact) == pytest.approx(3.0)
    begin_another_program()
    assert calibrated_pace(exact) == pytest.approx(3.0)
    assert len(measured) == 1


def test_each_precision_and_each_number_of_threads_has_a_pace_of_its_own(measured, exact):
    calibrated_pace(exact)
    calibrated_pace(Backend("cpu", "bf16"))
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        calibrated_pace(exact)
    finally:
        torch.set_num_threads(threads)
    assert len(measured) == 3


def test_what_another_version_measured_does_not_count(measured, exact, monkeypatch):
    calibrated_pace(exact)
    monkeypatch.setattr("CTDenoiseLib.inference.probe.__version__", "another")
    calibrated_pace(exact)
    assert len(measured) == 2


def test_a_given_pace_is_taken_without_measuring(measured, exact, monkeypatch):
    monkeypatch.setenv("CTDENOISE_PACE", "2.5")
    assert calibrated_pace(exact) == 2.5
    assert measured == []


@pytest.mark.parametrize("given", ["fast", "0", "-1", "inf", "nan"])
def test_a_given_pace_that_is_none_is_refused_in_a_sentence(exact, monkeypatch, given):
    monkeypatch.setenv("CTDENOISE_PACE", given)
    with pytest.raises(CalibrationError, match=f"CTDENOISE_PACE is “{given}”; set it to a positive number"):
        calibrated_pace(exact)


def test_the_processor_is_measured_in_a_moment_and_chance_stays_as_it_was(new_machine, exact):
    state = torch.get_rng_state()
    assert 0 < probe_seconds(exact) < 10
    assert torch.equal(torch.get_rng_state(), state)


def test_the_last_run_of_a_model_tells_more_than_the_calibration(measured, denoiser):
    assert pace_of(denoiser) == Pace(pytest.approx(3.0))
    reference = expected(denoiser, shape=SHAPE, pace=Pace(1.0))
    remember_run(denoiser, shape=SHAPE, figures=statistics(sections=8, seconds=5 * 8 * reference.seconds_per_section))
    begin_another_program()
    assert pace_of(denoiser) == Pace(pytest.approx(5.0), from_last_run=True)


@pytest.mark.parametrize("changes", [{"sections": 4}, {"tiles": 6}])
def test_a_run_of_a_few_sections_or_in_tiles_tells_nothing(measured, denoiser, changes):
    remember_run(denoiser, shape=SHAPE, figures=replace(statistics(sections=8, seconds=100.0), **changes))
    assert not pace_of(denoiser).from_last_run


def test_what_is_known_is_told_without_measuring(measured, denoiser):
    assert known_pace(denoiser) is None
    assert measured == []
    calibrated_pace(denoiser.backend)
    assert known_pace(denoiser) == Pace(pytest.approx(3.0))


def test_several_devices_share_the_sections(measured, monkeypatch):
    monkeypatch.setattr(Backend, "parts", (Backend("cpu", "fp32"), Backend("cpu", "bf16")))
    assert calibrated_pace(Backend("cuda:all", "fp32")) == pytest.approx(1.5)
    assert len(measured) == 2

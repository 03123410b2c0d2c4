"""What a run is expected to cost: grows with the work, and knows of padding, tiles and the device's pace."""

from __future__ import annotations

import hypothesis
import hypothesis.strategies as st
import pytest

from CTDenoiseLib.inference import Backend, Denoiser, predictor
from CTDenoiseLib.inference import cost as cost_model
from CTDenoiseLib.inference.cost import Pace, expected, section_seconds
from CTDenoiseLib.inference.network_work import NetworkWork
from CTDenoiseLib.inference.predictor import NoisePredictor
from CTDenoiseLib.inference.reference_machine import coefficients

WORK = st.builds(NetworkWork, st.floats(0, 1e7), st.floats(0, 1e5), st.just(0), st.integers(1, 60))
PIXELS = st.integers(1, 2**24)


@pytest.fixture
def denoiser(model, exact):
    return Denoiser(model, exact)


def cost(denoiser, *, sections=10, rows=64, columns=64, pace=1.0):
    return expected(denoiser, shape=(sections, rows, columns), pace=Pace(pace))


@hypothesis.given(network=WORK, pixels=PIXELS, more=st.integers(0, 2**20), precision=st.sampled_from(["fp32", "bf16"]))
def test_more_pixels_never_take_less_time(network, pixels, more, precision):
    costs = coefficients(precision)
    fewer = section_seconds(network, costs, pixels=pixels)
    assert 0 < fewer <= section_seconds(network, costs, pixels=pixels + more)


@hypothesis.given(network=WORK, flop=st.floats(0, 1e6), values=st.floats(0, 1e4), pixels=PIXELS)
def test_a_larger_network_never_takes_less_time(network, flop, values, pixels):
    larger = NetworkWork(network.flop + flop, network.values + values, 0, network.layers + 1)
    costs = coefficients("bf16")
    assert section_seconds(network, costs, pixels=pixels) <= section_seconds(larger, costs, pixels=pixels)


def test_every_section_costs_the_same_time_and_no_more_memory(denoiser):
    one, many = cost(denoiser, sections=1), cost(denoiser, sections=500)
    assert many.seconds == pytest.approx(500 * one.seconds)
    assert many.memory_bytes == one.memory_bytes


def test_a_side_costs_what_its_padding_makes_of_it(denoiser):
    # The network pools twice: sides are padded to multiples of 4.
    assert cost(denoiser, rows=61, columns=62) == cost(denoiser, rows=64, columns=64)
    assert cost(denoiser, rows=65).seconds > cost(denoiser, rows=64).seconds


def test_a_slow_device_takes_as_much_longer_as_it_is_slower(denoiser):
    assert cost(denoiser, pace=3.0).seconds == pytest.approx(3 * cost(denoiser).seconds)


def test_half_precision_saves_time(model, exact):
    half = Denoiser(model, Backend("cpu", "bf16"))
    assert cost(half, rows=512, columns=512).seconds < cost(Denoiser(model, exact), rows=512, columns=512).seconds


@pytest.fixture
def little_memory(denoiser, monkeypatch):
    """Half of what a section of 512² needs."""
    share = 0.5 * denoiser.execution.bytes_per_pixel * 512**2
    for module in (cost_model, predictor):
        monkeypatch.setattr(module, "free_memory", lambda _: share / predictor.PLANNED_SHARE)


def test_tiles_take_more_time_and_less_memory(denoiser, request, caplog):
    whole = cost(denoiser, rows=512, columns=512)
    request.getfixturevalue("little_memory")
    tiled = cost(denoiser, rows=512, columns=512)
    assert tiled.seconds > whole.seconds
    assert tiled.memory_bytes < whole.memory_bytes
    assert caplog.text == ""


def test_tiles_are_those_that_the_run_will_take(denoiser, little_memory):
    execution, backend = denoiser.execution, denoiser.backend
    plan = NoisePredictor(execution, backend, shape=(512, 512), batch_size=None)
    assert len(plan.tiling) > 1
    assert cost_model._tiling(execution, backend, 512, 512) == plan.tiling


def test_memory_holds_the_section_at_work_and_those_kept(denoiser):
    section = 4 * 64**2
    assert cost(denoiser, sections=1).memory_bytes > denoiser.execution.bytes_per_pixel * 64**2 + 2 * 3 * section

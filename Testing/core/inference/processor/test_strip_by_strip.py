"""Whole networks strip by strip against PyTorch in float64, for any size, and as a caller meets them."""

from __future__ import annotations

import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseLib.inference.processor import StripByStrip, section_pass
from CTDenoiseLib.inference.tiles import tilings

# Largest deviation in standard deviations of the noise. float32: roundings to 24 bits and the exponential function's
# 3e-6, in some layers. bf16: in some layers half a unit of the 8th bit, 0.002 of numbers of a few standard deviations,
# and a few times more with Winograd's transforms.
ALLOWED = {torch.float32: 1e-4, torch.bfloat16: 0.1}
TYPES = list(ALLOWED)


@pytest.fixture(autouse=True)
def two_threads(set_threads):
    set_threads(2)


@pytest.fixture(scope="session")
def windows_for(numbers):
    """Makes windows for a network from the number of cells of its stride along y and x."""
    return lambda network, *cells, batch=1: numbers(
        batch, 2 * network.context + 1, *(cell * network.stride for cell in cells)
    )


def truth_of(network, windows):
    with torch.inference_mode():
        truth = network.double()(windows.double())[:, 0]
    network.float()
    return truth


def assert_close(noise, truth, allowed):
    assert (noise.shape, noise.dtype) == (truth.shape, torch.float32)
    scale = truth.std() if truth.numel() > 64 else truth.abs().max()
    assert (noise - truth).abs().max() <= allowed * scale


@pytest.mark.parametrize("dtype", TYPES)
def test_a_section_is_that_of_pytorch(wide_network, windows_for, dtype):
    windows = windows_for(wide_network, 5, 7)
    noise = StripByStrip(wide_network, dtype).noise(windows)
    assert_close(noise, truth_of(wide_network, windows), ALLOWED[dtype])


@pytest.mark.parametrize("dtype", TYPES)
def test_networks_too_narrow_for_winograd_too(folded, windows_for, dtype):
    network = folded("hrcnn", width=1, levels=4, context=1)
    windows = windows_for(network, 3, 2)
    assert_close(StripByStrip(network, dtype).noise(windows), truth_of(network, windows), ALLOWED[dtype])


@pytest.fixture(scope="session")
def kept(folded):
    """Networks and how they are computed, the same for many sizes one after the other."""
    networks = [folded(name) for name in ("hrcnn", "unet", "plain-cnn")]
    return [(network, StripByStrip(network, dtype), dtype) for network in networks for dtype in TYPES]


@settings(max_examples=40)
@given(which=st.integers(0, 5), rows=st.integers(1, 9), columns=st.integers(1, 5), threads=st.sampled_from([1, 2, 5]))
def test_any_size_after_any_other_with_any_number_of_threads(kept, windows_for, *, which, rows, columns, threads):
    # One cell is a single pixel at the deepest level; plain networks have a stride of 1, so odd sizes are among them.
    network, execution, dtype = kept[which]
    windows = windows_for(network, rows, columns)
    torch.set_num_threads(threads)
    assert_close(execution.noise(windows), truth_of(network, windows), ALLOWED[dtype])


def test_each_section_of_a_batch_is_computed_by_itself(wide_network, windows_for):
    execution = StripByStrip(wide_network, torch.float32)
    windows = windows_for(wide_network, 2, 3, batch=3)
    together = execution.noise(windows)
    for window, noise in zip(windows, together, strict=True):
        torch.testing.assert_close(execution.noise(window[None])[0], noise, rtol=0, atol=0)


@pytest.mark.parametrize("dtype", TYPES)
def test_the_same_section_gives_the_same_bits(wide_network, windows_for, dtype):
    windows = windows_for(wide_network, 3, 3)
    execution = StripByStrip(wide_network, dtype)
    noise = execution.noise(windows)
    assert torch.equal(execution.noise(windows), noise)
    assert torch.equal(StripByStrip(wide_network, dtype).noise(windows), noise)


@pytest.mark.parametrize("dtype", TYPES)
def test_the_layout_of_a_window_does_not_matter(wide_network, windows_for, dtype):
    windows = windows_for(wide_network, 3, 3)
    execution = StripByStrip(wide_network, dtype)
    noise = execution.noise(windows).double()
    larger = torch.zeros(2, windows.shape[1] + 2, windows.shape[2] + 3, windows.shape[3] + 5)
    part = larger[1:, 1:-1, 2:-1, 1:-4]
    part.copy_(windows)
    for same in (windows.contiguous(memory_format=torch.channels_last), part):
        # oneDNN may add up in another order.
        assert_close(execution.noise(same), noise, 1e-5)


def test_the_number_of_threads_changes_no_more_than_the_last_digits(wide_network, windows_for, set_threads):
    execution = StripByStrip(wide_network, torch.float32)
    windows = windows_for(wide_network, 6, 4)
    noise = {}
    for threads in (1, 2, 7, 2):
        set_threads(threads)
        found = execution.noise(windows)
        # The same bits for the same number.
        assert torch.equal(noise.setdefault(threads, found), found)
    for found in noise.values():
        assert_close(found, noise[1].double(), 1e-5)


def test_the_result_is_the_callers(wide_network, windows_for):
    execution = StripByStrip(wide_network, torch.bfloat16)
    windows = windows_for(wide_network, 2, 2)
    before = windows.clone()
    noise = execution.noise(windows)
    kept = noise.clone()
    execution.noise(-windows)
    assert torch.equal(noise, kept)
    assert torch.equal(windows, before)


def test_the_network_is_not_changed_nor_needed_any_more(folded, windows_for):
    network = folded("hrcnn")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    windows = windows_for(network, 2, 2)
    execution = StripByStrip(network, torch.bfloat16)
    noise = execution.noise(windows)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    for parameter in network.parameters():
        parameter.data.zero_()
    assert torch.equal(execution.noise(windows), noise)


@pytest.mark.parametrize("dtype", TYPES)
def test_tiles_give_the_result_of_the_whole_section(folded, numbers, dtype):
    network = folded("hrcnn", width=32, levels=2)
    execution = StripByStrip(network, dtype)
    windows = numbers(1, 7, 64, 80)
    whole = execution.noise(windows).double()
    tiling = list(tilings(64, 80, halo=network.receptive_radius, stride=network.stride))[-1]
    assert len(tiling) > 1
    tiles = torch.full_like(whole, torch.nan)
    for row, column in tiling:
        noise = execution.noise(windows[:, :, row.read, column.read])
        tiles[:, row.write, column.write] = noise[:, row.keep, column.keep].double()
    # Where a tile begins, the four rows that Winograd's convolutions take together begin elsewhere.
    assert_close(tiles.float(), whole, ALLOWED[dtype])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("dtype", TYPES)
def test_what_is_not_finite_in_a_window_comes_out_as_not_finite(wide_network, windows_for, dtype, value):
    windows = windows_for(wide_network, 3, 3).clone()
    y, x = windows.shape[2] // 2, windows.shape[3] // 2
    windows[0, wide_network.context, y, x] = value
    noise = StripByStrip(wide_network, dtype).noise(windows)
    assert not noise[0, y, x].isfinite()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("dtype", TYPES)
def test_what_is_not_finite_in_any_weight_comes_out_as_not_finite(folded, windows_for, dtype, value):
    network = folded("hrcnn", width=32, levels=2)
    windows = windows_for(network, 4, 4)
    for name, parameter in network.named_parameters():
        number = parameter.data.flatten()[0].clone()
        parameter.data.flatten()[0] = value
        assert not StripByStrip(network, dtype).noise(windows).isfinite().all(), name
        parameter.data.flatten()[0] = number


def test_numbers_that_overflow_come_out_as_not_finite(folded, windows_for):
    network = folded("plain-cnn")
    for layer in network.layers[::2]:
        layer.weight.data *= 1e12
    noise = StripByStrip(network, torch.bfloat16).noise(windows_for(network, 9, 9))
    assert not noise.isfinite().all()


@pytest.mark.parametrize("mode", [torch.enable_grad, torch.no_grad, torch.inference_mode])
def test_no_gradients_are_recorded_whatever_the_caller_records(folded, windows_for, mode):
    network = folded("hrcnn", width=32, levels=2)
    with mode():
        execution = StripByStrip(network, torch.float32)
        windows = windows_for(network, 2, 2)
        noise = execution.noise(windows)
        assert not noise.requires_grad
        assert not (noise * 2).requires_grad
    # Made and used in another mode.
    assert torch.equal(execution.noise(windows.clone()), noise)


class StoppedError(Exception):
    """What a check raises."""


def test_a_check_is_asked_before_each_layer_and_ends_the_pass(wide_network, windows_for):
    execution = StripByStrip(wide_network, torch.float32)
    windows = windows_for(wide_network, 2, 2, batch=2)
    asked = []
    noise = execution.noise(windows, lambda: asked.append(0))
    layers = sum(1 for module in wide_network.modules() if isinstance(module, (torch.nn.Conv2d, torch.nn.MaxPool2d)))
    assert len(asked) >= 2 * layers
    left = iter(range(5))

    def stop():
        if next(left, None) is None:
            raise StoppedError

    with pytest.raises(StoppedError):
        execution.noise(windows, stop)
    assert torch.equal(execution.noise(windows), noise)


def test_an_error_in_a_strip_is_raised_and_the_next_section_is_right(folded, windows_for, monkeypatch):
    network = folded("hrcnn", width=32, levels=2)
    execution = StripByStrip(network, torch.float32)
    windows = windows_for(network, 8, 8)
    noise = execution.noise(windows)

    def run_out(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(section_pass.SectionPass, "_run", run_out)
        with pytest.raises(MemoryError):
            execution.noise(windows)
    assert torch.equal(execution.noise(windows), noise)


def test_two_threads_may_use_it_at_once(wide_network, windows_for):
    execution = StripByStrip(wide_network, torch.bfloat16)
    sizes = [(2, 2), (3, 2), (2, 3), (4, 4)]
    alone = [execution.noise(windows_for(wide_network, *size)) for size in sizes]
    together = threading.Barrier(4)

    def use(size):
        # As in the threads of a worker, PyTorch's number of threads is that of the process.
        together.wait(timeout=30)
        return [execution.noise(windows_for(wide_network, *size)) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        for expected, found in zip(alone, pool.map(use, sizes), strict=True):
            assert all(torch.equal(noise, expected) for noise in found)


def test_the_memory_of_a_smaller_section_goes_before_that_of_a_larger_one_comes(folded, numbers):
    execution = StripByStrip(folded("plain-cnn"), torch.float32)
    tracemalloc.start()
    try:
        execution.noise(numbers(1, 1, 500, 500))
        tracemalloc.reset_peak()
        execution.noise(numbers(1, 1, 510, 510))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Scratch memory for strips is a fixed amount beside.
    assert peak < 1.5 * execution.bytes_per_pixel * 510**2


def test_a_plain_network_needs_window_and_noise_and_two_feature_maps(folded):
    need = StripByStrip(folded("plain-cnn"), torch.float32).bytes_per_pixel
    assert 4 * (1 + 1 + 2 * 32) <= need < 1.1 * 4 * (1 + 1 + 2 * 32)


def test_half_precision_needs_about_half_the_memory(wide_network):
    half, full = (StripByStrip(wide_network, dtype).bytes_per_pixel for dtype in (torch.bfloat16, torch.float32))
    assert 0.4 * full < half < 0.65 * full


def test_it_says_what_the_network_says(wide_network):
    execution = StripByStrip(wide_network, torch.float32)
    assert (execution.stride, execution.receptive_radius) == (wide_network.stride, wide_network.receptive_radius)
    assert execution.description
    assert execution.notes == ()

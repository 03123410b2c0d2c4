from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.inference import memory
from CTDenoiseLib.inference.lower import lower_precision
from CTDenoiseLib.networks import HRCNN, PlainCNN


def need(network):
    return memory.bytes_per_pixel(network.eval()) / memory.SCRATCH_FACTOR


def test_a_plain_network_needs_its_input_and_two_feature_maps_at_a_time():
    # 64 filters of 4 bytes, before and after a convolution (ReLU works in place), and one channel of input.
    assert need(PlainCNN(filters=64)) == 2 * 64 * 4 + 4


def test_a_u_shaped_network_also_keeps_what_its_skips_join():
    finest = 8 * 4
    assert 4 * finest < need(HRCNN(width=8)) < 8 * finest


def test_half_precision_needs_half_the_memory():
    network = HRCNN(width=8)
    assert 0.5 * need(network) < need(lower_precision(network, torch.bfloat16)) < 0.6 * need(network)


def test_the_network_stays_where_it_is():
    network = PlainCNN()
    need(network)
    assert next(network.parameters()).device.type == "cpu"


def test_a_container_limit_counts_as_much_as_the_memory_of_the_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_CONTROL_GROUP", tmp_path)
    machine = memory.free_memory("cpu")
    assert machine > 3000
    (tmp_path / "memory.max").write_text("10000\n")
    (tmp_path / "memory.current").write_text("8000\n")
    (tmp_path / "memory.stat").write_text("anon 5000\ninactive_file 1000\n")
    assert memory.free_memory("cpu") == 3000
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory("cpu") > 3000


def test_errors_that_are_no_lack_of_memory_are_told_apart():
    assert not memory.is_out_of_memory(RuntimeError("The size of tensor a (3) must match the size of tensor b (4)"))
    assert not memory.is_out_of_memory(RuntimeError("could not create a primitive descriptor for a deconvolution"))
    assert not memory.is_out_of_memory(ValueError("out of memory"))


def test_real_exhaustion_is_recognised():
    with pytest.raises(RuntimeError) as caught:
        # More than any processor can address, so that no machine is so generous as to promise it.
        torch.empty(2**60, dtype=torch.uint8)
    assert memory.is_out_of_memory(caught.value)

from __future__ import annotations

import pytest
import torch

from CTDenoiseLib.inference import Backend, BackendError, available_devices, backend, devices


@pytest.fixture
def machine(monkeypatch, device_of):
    """Makes this machine have the devices that a test names."""

    def make(*found):
        monkeypatch.setattr(backend, "available_devices", lambda: (*found, device_of("cpu", "bf16", "fp32")))

    return make


def test_the_processor_is_always_there_and_last():
    assert available_devices()[-1].name == "cpu"
    assert "fp32" in available_devices()[-1].precisions
    assert 0 < available_devices()[-1].free_memory <= available_devices()[-1].total_memory


def test_auto_takes_the_graphics_processor_with_the_most_free_memory_and_says_so(machine, device_of):
    machine(device_of("cuda:0", "fp16", "fp32", free=1), device_of("cuda:1", "fp16", "fp32", free=2))
    chosen = Backend.choose()
    assert (chosen.device, chosen.precision) == ("cuda:1", "fp16")
    assert "most free memory" in chosen.reason
    assert "fp16" in chosen.reason


def test_auto_takes_metal_before_the_processor(machine, device_of):
    machine(device_of("mps", "fp32", "fp16"))
    assert Backend.choose().device == "mps"


def test_auto_on_a_machine_without_graphics_processor_says_why_it_takes_the_processor(machine):
    machine()
    chosen = Backend.choose()
    assert (chosen.device, chosen.precision) == ("cpu", "bf16")
    assert "graphics processor" in chosen.reason


def test_cuda_without_a_number_is_the_first(machine, device_of):
    machine(device_of("cuda:0"), device_of("cuda:1"))
    assert Backend.choose("CUDA").device == "cuda:0"


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:3", "mps"])
def test_a_named_device_that_is_not_there_is_an_error_that_names_what_is(machine, name):
    machine()
    with pytest.raises(BackendError, match=r"There is no device .* here; there is cpu \(Made-up cpu\), and .* PyTorch"):
        Backend.choose(name)


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cpu:0", ""])
def test_a_name_that_is_no_device_is_refused(name):
    with pytest.raises(BackendError, match="names no device"):
        Backend.choose(name)


def test_a_precision_the_device_cannot_do_is_an_error_that_names_what_it_does(machine):
    machine()
    with pytest.raises(BackendError, match="cannot compute in fp16; it does bf16, fp32"):
        Backend.choose("cpu", "fp16")


def test_a_name_that_is_no_precision_is_refused():
    with pytest.raises(BackendError, match="names no precision"):
        Backend.choose("cpu", "fp8")


def test_what_was_asked_for_is_said_to_be_asked_for(exact):
    assert exact.reason.count("was asked for") == 2


def test_a_processor_with_bf16_instructions_takes_them_on_its_own(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert Backend.choose("cpu").precision == "bf16"


def test_a_processor_without_bf16_instructions_computes_in_float32_alone(monkeypatch):
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.setattr(torch.cpu, name, lambda: False, raising=False)
    assert Backend.choose("cpu").precision == "fp32"
    with pytest.raises(BackendError, match="cannot compute in bf16"):
        Backend.choose("cpu", "bf16")


@pytest.mark.parametrize(
    ("capability", "precisions"),
    [
        ((6, 1), {"fp32"}),
        ((7, 5), {"fp32", "fp16"}),
        ((8, 0), {"fp32", "fp16", "bf16"}),
        ((12, 0), {"fp32", "fp16", "bf16"}),
    ],
)
def test_old_graphics_processors_do_not_offer_what_they_would_emulate(capability, precisions):
    assert set(devices.cuda_precisions(capability)) == precisions


def test_the_device_has_the_name_its_maker_gave_it(exact):
    assert exact.device_name == available_devices()[-1].description
    assert exact.device_name not in ("", "cpu")

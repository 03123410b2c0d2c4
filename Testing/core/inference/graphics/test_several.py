"""Several graphics processors by one name; where they are missing, the processor stands for two of them."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.inference import Backend, BackendError, Denoiser, NotFiniteError, backend, denoiser
from CTDenoiseLib.inference.graphics import several
from CTDenoiseLib.inference.graphics.streams import PlainStreams
from CTDenoiseLib.volume import Volume


@pytest.fixture
def machine(monkeypatch, device_of):
    """Makes this machine have the devices that a test names."""

    def make(*found):
        monkeypatch.setattr(backend, "available_devices", lambda: (*found, device_of("cpu", "bf16", "fp32")))
        monkeypatch.setattr(several.torch.cuda, "device_count", lambda: len(found))
        monkeypatch.setattr(several, "describe", lambda name: "Made-up cuda")

    return make


class TwoProcessors(Backend):
    """Two devices, both the processor."""

    @property
    def parts(self):
        return (Backend(self.device, self.precision),) * 2


@pytest.fixture(params=[0, 1], ids=["in turn", "ahead"])
def two(monkeypatch, request):
    """Two devices, which start so many batches ahead."""
    monkeypatch.setattr(denoiser, "streams_of", lambda part: PlainStreams(part.device, batches_ahead=request.param))
    return TwoProcessors("cpu", "fp32")


def test_all_of_them_compute_in_what_each_can(machine, device_of):
    machine(device_of("cuda:0", "fp16", "bf16", "fp32"), device_of("cuda:1", "fp16", "fp32"))
    chosen = Backend.choose("cuda:all")
    assert (chosen.device, chosen.precision) == ("cuda:all", "fp16")
    assert "cuda:all (2 × Made-up cuda) was asked for" in chosen.reason
    with pytest.raises(BackendError, match="cannot compute in bf16"):
        Backend.choose("cuda:all", "bf16")


def test_the_record_names_them_all(machine, device_of):
    machine(device_of("cuda:0", "fp16"), device_of("cuda:1", "fp16"), device_of("cuda:2", "fp16"))
    chosen = Backend.choose("cuda:all")
    assert chosen.device_name == "3 × Made-up cuda"
    assert [part.device for part in chosen.parts] == ["cuda:0", "cuda:1", "cuda:2"]
    assert {part.precision for part in chosen.parts} == {"fp16"}


def test_different_ones_are_named_each(monkeypatch, machine, device_of):
    machine(device_of("cuda:0", "fp16"), device_of("cuda:1", "fp16"))
    monkeypatch.setattr(several, "describe", lambda name: f"Made-up {name[-1]}")
    assert Backend.choose("cuda:all").device_name == "Made-up 0 + Made-up 1"


def test_a_machine_without_any_says_so(machine):
    machine()
    with pytest.raises(BackendError, match="There is no device cuda:all here; there is cpu"):
        Backend.choose("cuda:all")


def test_a_single_device_is_its_only_part(exact):
    assert exact.parts == (exact,)


@pytest.mark.parametrize(("batch_size", "order"), [(1, None), (2, [6, 2, 3, 0, 5]), (4, None)])
def test_two_give_what_one_gives_in_the_order_asked_for(model, two, soft_tissue, batch_size, order):
    one, both = (
        list(Denoiser(model, devices, batch_size=batch_size).sections(soft_tissue, order=order))
        for devices in (two.parts[0], two)
    )
    assert [section.index for section in both] == [section.index for section in one]
    for first, second in zip(one, both, strict=True):
        np.testing.assert_array_equal(first.output, second.output)
        np.testing.assert_array_equal(first.noise, second.noise)


def test_both_have_their_share(model, two, soft_tissue):
    run = Denoiser(model, two, batch_size=1).sections(soft_tissue)
    list(run)
    shares = [lane.started for lane in run._lanes]
    assert sum(shares) == 7
    assert min(shares) >= 3


def test_what_both_want_is_read_once(quarter, two, soft_tissue):
    read = []

    class Counted(Volume):
        def section(self, index):
            read.append(index)
            return super().section(index)

    list(Denoiser(quarter, two, batch_size=2).sections(Counted(soft_tissue.hu)))
    assert sorted(read) == list(range(7))


def test_an_error_is_told_in_its_turn(quarter, two, soft_tissue):
    hu = soft_tissue.hu.copy()
    hu[4, 3, 3] = np.nan
    run = Denoiser(quarter, two, batch_size=1).sections(Volume(hu))
    assert [next(run).index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(NotFiniteError, match="Section 5 of 7"):
        next(run)


def test_notes_of_both_are_told_once(model, two, soft_tissue):
    run = Denoiser(model, two).sections(soft_tissue)
    for lane in run._lanes:
        lane._predictor.notes.append("The memory ran out.")
    assert run.statistics.notes == ("The memory ran out.",)

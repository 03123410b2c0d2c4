"""How a network is computed: what suits the device best, else layer by layer, and then the user is told why."""

from __future__ import annotations

import logging
import sys
import tempfile

import pytest
import torch
from torch import nn

from CTDenoiseLib.inference import Backend, Denoiser
from CTDenoiseLib.inference.execution import LayerByLayer, execution_of
from CTDenoiseLib.networks import DenoisingNetwork
from support.network_probe import random_sections
from support.tiny_model import tiny_network

PACKAGE = "CTDenoiseLib.inference.processor"


class Residual(DenoisingNetwork):
    """Adds features to features, which the quick way does not know."""

    context, stride, receptive_radius = 1, 1, 2

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.second = nn.Conv2d(4, 4, 3, padding=1)
        self.noise = nn.Conv2d(4, 1, 1)

    def forward(self, sections):
        features = self.first(sections)
        return self.noise(features + self.second(features))


class Normalised(DenoisingNetwork):
    """Has a layer that the quick way does not know."""

    context, stride, receptive_radius = 1, 1, 100

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.GroupNorm(2, 4), nn.Conv2d(4, 1, 1))

    def forward(self, sections):
        return self.layers(sections)


class Strided(DenoisingNetwork):
    """Goes down by a convolution instead of a pooling."""

    context, stride, receptive_radius = 1, 2, 3

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1, stride=2), nn.ConvTranspose2d(4, 1, 2, stride=2))

    def forward(self, sections):
        return self.layers(sections)


@pytest.fixture(params=["fp32", "bf16"])
def backend(request):
    return Backend("cpu", request.param)


def assert_right(execution, network, precision):
    """The noise is that of the network in float32, but for roundings to 24 or to 8 bits in some layers."""
    sections = random_sections(network, 16, 24)
    with torch.inference_mode():
        truth = network(sections)[:, 0]
        noise = execution.noise(sections)
    assert (noise.shape, noise.dtype) == (truth.shape, torch.float32)
    allowed = {"fp32": 1e-4, "bf16": 0.1}[precision]
    assert (noise - truth).abs().max() <= allowed * truth.std()


def test_every_network_takes_the_quick_way_on_the_processor(any_network, backend):
    execution = execution_of(any_network, backend)
    assert "strip by strip" in execution.description
    assert execution.notes == ()


def test_batch_norm_is_folded_and_the_network_not_changed(backend):
    network = tiny_network(context=1, width=4, levels=3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert_right(execution_of(network, backend), network, backend.precision)
    after = network.state_dict()
    assert all(torch.equal(after[name], value) for name, value in before.items())


@pytest.mark.parametrize("network", [Residual(), Normalised(), Strided()], ids=lambda network: type(network).__name__)
def test_a_network_with_unknown_layers_is_computed_layer_by_layer_and_that_is_said(network, backend, caplog):
    with caplog.at_level(logging.WARNING):
        execution = execution_of(network.eval(), backend)
    assert isinstance(execution, LayerByLayer)
    assert execution.description == "layer by layer"
    (note,) = execution.notes
    assert note.startswith("The quick way to compute on the processor cannot be taken: ")
    assert [record.message for record in caplog.records] == [note]
    assert_right(execution, network, backend.precision)


def test_the_user_is_told_in_the_statistics_of_a_run(model_of, exact, soft_tissue):
    run = Denoiser(model_of(Residual()), exact).sections(soft_tissue)
    list(run)
    assert "The quick way to compute on the processor cannot be taken" in run.statistics.notes[0]


@pytest.fixture
def loaded_anew(monkeypatch):
    """Has the kernels loaded once more when they are asked for, and forgets them at the end."""
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
        monkeypatch.delitem(sys.modules, name)
    yield
    for name in [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]:
        del sys.modules[name]


@pytest.mark.parametrize("module", ["numba", "llvmlite"])
def test_without_numba_a_network_is_computed_layer_by_layer(loaded_anew, monkeypatch, backend, module):
    monkeypatch.setitem(sys.modules, module, None)
    network = tiny_network()
    execution = execution_of(network, backend)
    assert execution.description == "layer by layer"
    assert "numba cannot be loaded" in execution.notes[0]
    assert_right(execution, network, backend.precision)


@pytest.mark.parametrize(
    "error", [OSError("no library"), RuntimeError("wrong version"), AttributeError("no such name")]
)
def test_a_broken_numba_is_as_good_as_none(loaded_anew, monkeypatch, exact, error):
    class Broken:
        def __getattr__(self, name):
            raise error

    monkeypatch.setitem(sys.modules, "numba", Broken())
    execution = execution_of(tiny_network(), exact)
    assert execution.description == "layer by layer"
    assert "numba cannot be loaded" in execution.notes[0]


def test_kernels_that_cannot_be_kept_on_disk_are_no_error(loaded_anew, monkeypatch, quarter, exact):
    def refuse(*_, **__):
        raise PermissionError("a folder that is only to be read")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    execution = execution_of(quarter.network, exact)
    assert_right(execution, quarter.network, "fp32")


def test_without_one_dnn_a_network_is_computed_layer_by_layer(monkeypatch, backend):
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    execution = execution_of(tiny_network(), backend)
    assert execution.description == "layer by layer"
    # PyTorch has nothing better then.
    assert execution.notes == ()


def test_layer_by_layer_a_check_is_asked_before_each_layer(any_network):
    execution = LayerByLayer(any_network)
    asked = []
    execution.noise(random_sections(any_network, 32, 32), lambda: asked.append(0))
    leaves = [module for module in any_network.modules() if not any(module.children())]
    assert len(asked) >= len(leaves)

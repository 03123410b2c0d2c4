"""Small models and volumes for the tests of inference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from CTDenoiseLib.inference import Backend, Device
from CTDenoiseLib.models import Model, ModelStore
from CTDenoiseLib.networks import DenoisingNetwork, create, names
from CTDenoiseLib.volume import Acquisition, Volume
from support.tiny_model import tiny_store


class SharesOfTheWindow(DenoisingNetwork):
    """Calls a given share of each section of the window noise, so that a test knows the right result."""

    stride = 4
    receptive_radius = 0

    def __init__(self, *shares: float) -> None:
        super().__init__()
        self.context = len(shares) // 2
        self.layer = nn.Conv2d(len(shares), 1, kernel_size=1, bias=False)
        self.layer.weight.data[0, :, 0, 0] = torch.tensor(shares)

    def forward(self, sections: Tensor) -> Tensor:
        return self.layer(sections)


@pytest.fixture(params=names())
def any_network(request: pytest.FixtureRequest) -> DenoisingNetwork:
    """Each network of the registry, narrow where it is known how."""
    narrow = {"hrcnn": {"width": 2}, "unet": {"width": 2}, "plain-cnn": {"filters": 2}}
    return create(request.param, narrow.get(request.param, {})).eval()


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return tiny_store(tmp_path)


@pytest.fixture
def model(store: ModelStore) -> Model:
    """An HR-CNN of three levels and four filters with random weights."""
    return store.load("tiny")


@pytest.fixture
def model_of(model: Model) -> Callable[..., Model]:
    """Makes a model of any network; further arguments change its card."""

    def make(network: DenoisingNetwork, **changes: object) -> Model:
        return Model(card=replace(model.card, context=network.context, **changes), network=network.eval())

    return make


@pytest.fixture
def quarter(model_of: Callable[..., Model]) -> Model:
    """Calls a quarter of the centre section noise."""
    return model_of(SharesOfTheWindow(0.0, 0.25, 0.0))


@pytest.fixture
def section_before(model_of: Callable[..., Model]) -> Model:
    """Calls the section three places before noise."""
    return model_of(SharesOfTheWindow(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))


@pytest.fixture
def exact() -> Backend:
    """The processor in float32."""
    return Backend.choose("cpu", "fp32")


@pytest.fixture
def soft_tissue(rng: np.random.Generator) -> Volume:
    """Seven sections of 20 × 27 voxels around 50 HU."""
    return Volume(rng.normal(50, 30, (7, 20, 27)).astype(np.float32), acquisition=Acquisition(modality="CT"))


@pytest.fixture
def device_of() -> Callable[..., Device]:
    """Makes a device that need not be there."""

    def make(name: str, *precisions: str, free: int = 8 * 2**30) -> Device:
        kind = name.partition(":")[0]
        return Device(
            name=name,
            kind=kind,
            description=f"Made-up {kind}",
            free_memory=free,
            total_memory=16 * 2**30,
            precisions=precisions or ("fp32",),
        )

    return make

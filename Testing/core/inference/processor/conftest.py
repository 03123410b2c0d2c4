"""Networks folded for the processor, numbers for them, and Winograd's transforms by another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from CTDenoiseLib.inference.fold import fold_batch_norm
from CTDenoiseLib.inference.processor import winograd
from CTDenoiseLib.networks import DenoisingNetwork, create

# Wide enough for Winograd's convolutions, which want 32 channels, at least at the coarser levels.
WIDE = {"hrcnn": {"width": 32, "levels": 3}, "unet": {"width": 8}, "plain-cnn": {"filters": 32}}


@pytest.fixture(scope="session")
def folded() -> Callable[..., DenoisingNetwork]:
    """Makes a network with random weights, batch norm folded."""

    def make(name: str, **configuration: object) -> DenoisingNetwork:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            return fold_batch_norm(create(name, configuration or WIDE[name]).eval())

    return make


@pytest.fixture(params=sorted(WIDE))
def wide_network(request: pytest.FixtureRequest, folded: Callable[..., DenoisingNetwork]) -> DenoisingNetwork:
    """Each network, wide enough for Winograd's convolutions."""
    return folded(request.param)


@pytest.fixture(scope="session")
def numbers() -> Callable[..., Tensor]:
    """Makes normally distributed float32 of a shape, the same for the same shape."""
    return lambda *shape: torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture
def set_threads() -> Iterator[Callable[[int], None]]:
    """Sets how many threads PyTorch takes, until the end of the test."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def kernel_transform() -> NDArray[np.float64]:
    """G, shape (6, 3): what becomes of each tap."""
    taps = torch.eye(3).reshape(3, 1, 3, 1)
    return winograd.transform_kernel(taps, torch.float32)[:, :, 0, 0, 0].double().numpy()


@pytest.fixture(scope="session")
def output_transform() -> NDArray[np.float64]:
    """A^T, shape (4, 6), of Toom and Cook's method: the powers of the points, and infinity."""
    powers = np.array(winograd.POINTS) ** np.arange(winograd.ROWS)[:, None]
    return np.column_stack([powers, [0, 0, 0, 1]])


@pytest.fixture(scope="session")
def shifts() -> NDArray[np.float64]:
    """What each tap alone does, shape (3 · 4, 6): the six inputs shifted by its number."""
    return np.vstack([np.eye(winograd.ROWS, winograd.FACTORS, k=tap) for tap in range(3)])


@pytest.fixture(scope="session")
def to_results(kernel_transform: NDArray[np.float64], output_transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """A^T diag(G e) for each tap e, shape (3 · 4, 6); times B^T it must give the shifts."""
    return np.vstack([output_transform * kernel_transform[:, tap] for tap in range(3)])


@pytest.fixture(scope="session")
def input_transform(to_results: NDArray[np.float64], shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """B^T, shape (6, 6), as the other two transforms leave it to be."""
    transform: NDArray[np.float64] = np.linalg.lstsq(to_results, shifts, rcond=None)[0]
    return transform

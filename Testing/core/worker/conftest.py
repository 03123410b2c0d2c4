"""A worker process that the tests of a file share, and one that a test may do to what it likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.networks import HRCNN
from support.ct_series import anatomy
from support.tiny_model import save_tiny_model
from support.worker_bench import WorkerBench


@pytest.fixture(scope="session")
def slow_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model “slow”, which takes seconds for a large section, in many layers."""
    folder = tmp_path_factory.mktemp("slow_model")
    save_tiny_model(folder, name="slow", network=HRCNN(context=0, width=16, levels=4))
    return folder


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, small_model: Path) -> Iterator[WorkerBench]:
    """A worker with the model “tiny”."""
    shared = WorkerBench(tmp_path_factory.mktemp("jobs"))
    shared.client.load_model(small_model, "tiny", "cpu", "fp32")
    shared.wait_until(lambda: shared.client.loaded)
    yield shared
    shared.close()


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[WorkerBench]:
    """A worker for one test alone, not started yet; it computes in one thread, so that what is slow is so anywhere."""
    own = WorkerBench(tmp_path, {"OMP_NUM_THREADS": "1"})
    yield own
    own.close()


@pytest.fixture
def hu() -> np.ndarray:
    """A body section of 9 × 48 × 40 voxels, int16."""
    return np.rint(anatomy()).astype(np.int16)

"""A worker that trains, shared by all tests, and one that a test may do to what it likes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from CTDenoiseTrainLib.runs.run_folder import RunFolder
from support.tiny_run import make_run, tiny_recipe
from support.training_job import training_bench
from support.worker_bench import WorkerBench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerBench]:
    """A worker that trains."""
    shared = training_bench(tmp_path_factory.mktemp("jobs"))
    yield shared
    shared.close()


@pytest.fixture
def own_bench(tmp_path: Path) -> Iterator[WorkerBench]:
    """A worker that trains, for one test alone, not started yet."""
    own = training_bench(tmp_path)
    yield own
    own.close()


@pytest.fixture
def endless_run(tmp_path: Path) -> RunFolder:
    """A run that does not end while a test lasts."""
    return make_run(tmp_path / "endless", tiny_recipe(epochs=100_000, patience=0))

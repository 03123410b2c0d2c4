"""Fixtures of the tests on Slicer's own scene."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from CTDenoiseLib.worker.workplace import Workplace
from support.worker_bench import WorkerBench

if TYPE_CHECKING:
    from support.session_bench import SessionBench
    from support.slicer_scene import SlicerScene

if importlib.util.find_spec("slicer") is None:  # slicer-core, 3D Slicer's own scene as a Python package
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def slicer_scene() -> Iterator[SlicerScene]:
    """An empty scene as in a 3D Slicer that was just started."""
    from support.slicer_scene import new_slicer_scene

    with new_slicer_scene() as parts:
        yield parts


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    """A folder for the files of volumes."""
    place = Workplace(tmp_path)
    yield place
    place.close()


@pytest.fixture(scope="module")
def session_worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerBench]:
    """A worker that the tests of a file share."""
    worker = WorkerBench(tmp_path_factory.mktemp("worker"), {"OMP_NUM_THREADS": "1"})
    yield worker
    worker.close()


@pytest.fixture
def session_bench(
    slicer_scene: SlicerScene, session_worker: WorkerBench, workplace: Workplace, small_model: Path
) -> Iterator[SessionBench]:
    """Runs denoise sessions with the model “tiny”."""
    from support.session_bench import SessionBench

    bench = SessionBench(slicer_scene, session_worker, workplace, small_model)
    yield bench
    bench.close()

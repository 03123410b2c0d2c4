"""A denoised CT series in a scene, and what saves it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from support.denoised_volume import Exporter
    from support.slicer_scene import SlicerScene
    from support.worker_bench import WorkerBench

if importlib.util.find_spec("slicer") is None:  # as in the folder above
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerBench]:
    """A worker without a model, started by the first export."""
    from support.worker_bench import WorkerBench

    shared = WorkerBench(tmp_path_factory.mktemp("jobs"))
    yield shared
    shared.close()


@pytest.fixture
def source(make_ct_series: Callable[..., Path], tmp_path: Path) -> Path:
    """Folder of a small CT series with padding."""
    return make_ct_series(tmp_path / "source", padding=-2000)


@pytest.fixture
def load(slicer_scene: SlicerScene) -> Callable[..., Any]:
    """Loads a series and puts a result beside it, which is returned; see `add_result`."""
    from support.denoised_volume import add_result
    from support.loaded_series import load_series

    return lambda series, **options: add_result(slicer_scene, load_series(slicer_scene, series), **options)


@pytest.fixture
def output(load: Callable[..., Any], source: Path) -> Any:
    """The result of the small CT series."""
    return load(source)


@pytest.fixture
def exporter(bench: WorkerBench, source: Path, tmp_path: Path) -> Exporter:
    """Saves results of the small CT series, with temporary files in a folder “temporary”."""
    from support.denoised_volume import Exporter
    from support.header_files import HeaderFiles

    (tmp_path / "temporary").mkdir()
    return Exporter(bench, HeaderFiles(source), tmp_path / "temporary")


@pytest.fixture
def nothing_is_left(tmp_path: Path) -> Callable[[], bool]:
    """Whether there is nothing but the source, and no temporary file."""
    return lambda: (
        sorted(entry.name for entry in tmp_path.iterdir()) == ["source", "temporary"]
        and not list((tmp_path / "temporary").iterdir())
    )

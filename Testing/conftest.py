"""Fixtures that tests of every part share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest

from CTDenoiseLib.samples import SampleError, fetch
from CTDenoiseLib.volume import Acquisition, Geometry, Volume
from support import ct_series
from support.command import Answer, run_command

if "PYTEST_XDIST_WORKER" in os.environ:
    # Several processes run tests at a time: each, and the programs it starts, keeps to one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parents[1]
IN_CI = bool(os.environ.get("CI"))

# Other work on the machine must not fail a test, nor may chance in CI.
hypothesis.settings.register_profile("CTDenoise", deadline=None, derandomize=IN_CI)
hypothesis.settings.load_profile("CTDenoise")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers, the same in every run."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session", autouse=True)
def no_models_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and programs they start, see no models but the bundled ones and their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTDENOISE_MODELS", str(tmp_path_factory.mktemp("user_models")))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_figures_of_the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests, and programs they start, measure nothing on their own and leave the user's cache alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CTDENOISE_PACE", "1")
        patch.setenv("CTDENOISE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """Finds real CT by the name of its folder in the test data, which is no part of the repository."""
    root = Path(os.environ.get("CTDENOISE_TEST_DATA") or REPOSITORY.parent / "shared" / "data")

    def find(name: str) -> Path:
        if not (root / name).exists():
            pytest.skip(
                f"Needs real CT: {root / name} is missing; the variable CTDENOISE_TEST_DATA names another place."
            )
        return root / name

    return find


@pytest.fixture(scope="session")
def catphan_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the sample “catphan”. CI must get it; elsewhere the test is skipped."""
    try:
        return fetch("catphan", tmp_path_factory.mktemp("sample") / "catphan")
    except SampleError as error:
        message = f"Needs the sample “catphan”: {error}"
        pytest.fail(message) if IN_CI else pytest.skip(message)


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """Finds a program of the system by name, such as "dciodvfy". CI must have it; elsewhere the test is skipped."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            message = f"The program {name} is missing; Testing/tools/system-packages tests installs it."
            pytest.fail(message) if IN_CI else pytest.skip(message)
        return path

    return find


@pytest.fixture
def make_ct_series() -> Callable[..., Path]:
    """Writes a small synthetic CT series; see `support.ct_series.make_ct_series`."""
    return ct_series.make_ct_series


@pytest.fixture
def tiny_volume() -> Volume:
    """A body section of 9 × 48 × 40 voxels: soft tissue with 20 HU of noise, a ring of bone, air around."""
    return Volume(
        ct_series.anatomy(),
        Geometry(spacing=(1.0, 0.5, 0.5)),
        Acquisition(description="Synthetic thorax", modality="CT", kernel=("Qr89",), section_thickness=1.0),
    )


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model “tiny”, which looks at 3 sections."""
    from support.tiny_model import save_tiny_model, tiny_network  # torch, which most tests can do without

    folder = tmp_path_factory.mktemp("small_model")
    save_tiny_model(folder, network=tiny_network(width=2, levels=2))
    return folder


@pytest.fixture
def ctdenoise(
    small_model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Runs a `ctdenoise` command line given as separate words, with the model “tiny” among the user's."""
    monkeypatch.setenv("CTDENOISE_MODELS", str(small_model))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: run_command(capsys, *words)

"""Fixtures of the tests on the panel of CT Denoise Train; those of Testing/panel/conftest.py work here, too."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.scripted_trainer import ScriptedTrainer
from support.training_job import TRAINING_WORKER
from support.training_user import TrainingUser


@pytest.fixture
def users_folders(tmp_path: Path, small_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the user's “models”, of which “tiny” is one, and “runs”, of which there are none."""
    monkeypatch.setenv("CTDENOISE_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path / "models"))
    # With more threads, small layers take longer, and much longer beside other programs.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    shutil.copytree(small_model, tmp_path / "models")
    return tmp_path


@pytest.fixture
def trainer(slicer_host, load_module, spin, users_folders, quick_workers) -> TrainingUser:
    """The panel in the hands of a user (`support.training_user`) with these folders; to be opened by the test."""
    return TrainingUser(slicer_host, spin, load_module)


@pytest.fixture
def scripted(trainer: TrainingUser, monkeypatch: pytest.MonkeyPatch) -> ScriptedTrainer:
    """A worker that says what the test wants, in place of the real one."""
    qprocess_transport = importlib.import_module("CTDenoisePanel.qprocess_transport")
    worker, real = ScriptedTrainer(), qprocess_transport.worker_transport

    def transport(*module: str) -> Any:
        return worker if module == (TRAINING_WORKER,) else real(*module)

    monkeypatch.setattr(qprocess_transport, "worker_transport", transport)
    return worker


@pytest.fixture
def pair(trainer: TrainingUser, tmp_path: Path) -> tuple[Any, Any]:
    """A sharp and a smooth reconstruction of one body, loaded from DICOM."""
    smooth = trainer.add_series(tmp_path / "smooth", noise_hu=5.0, kernel="Br56", description="Smooth", series_number=2)
    return trainer.add_series(tmp_path / "sharp", noise_hu=30.0, kernel="Qr89", description="Sharp", seed=1), smooth

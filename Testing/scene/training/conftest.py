"""Fixtures of the tests on training in Slicer's scene."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from CTDenoiseTrainLib.training.news import EpochNews
    from support.slicer_scene import SlicerScene
    from support.training_scene import TrainingScene


@pytest.fixture
def training_scene(slicer_scene: SlicerScene, tmp_path: Path) -> Iterator[TrainingScene]:
    """A scene with volumes to train with, and a worker that says what the test wants."""
    from support.training_scene import TrainingScene

    scene = TrainingScene(slicer_scene, tmp_path)
    yield scene
    scene.close()


@pytest.fixture(scope="session")
def finished_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run “stopped”, that was stopped after its first epoch."""
    from CTDenoiseTrainLib.runs.start import train_run
    from support.tiny_run import make_run

    parent = tmp_path_factory.mktemp("runs")
    train_run(make_run(parent / "stopped"), observer=_StopAfterAnEpoch())
    return parent


@pytest.fixture
def stopped_run_folder(finished_runs: Path, tmp_path: Path) -> Path:
    """A run of one's own that was stopped after its first epoch."""
    return Path(shutil.copytree(finished_runs / "stopped", tmp_path / "stopped"))


class _StopAfterAnEpoch:
    def __init__(self) -> None:
        self._epochs = 0

    def check(self) -> None:
        from CTDenoiseTrainLib.training.news import StoppedError

        if self._epochs == 1:
            raise StoppedError

    def on_step(self, news: object) -> None:
        pass

    def on_epoch(self, news: EpochNews) -> None:
        self._epochs = news.epoch

    def on_note(self, sentence: str) -> None:
        pass

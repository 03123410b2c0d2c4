"""Two made-up chests, and the experiment so small that it takes seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from CTDenoiseLib.inference import Backend
from CTDenoiseTrainLib.experiments.experiment import Scale
from CTDenoiseTrainLib.experiments.workbench import Workbench
from CTDenoiseTrainLib.experiments.zhang2024.experiment import Zhang2024
from CTDenoiseTrainLib.experiments.zhang2024.scans import Scans
from CTDenoiseTrainLib.experiments.zhang2024.settings import Retraining, Settings, Training

TINY = Settings(
    matrix=64,
    views=60,
    training_pictures=4,
    validation_pictures=1,
    test_pictures=2,
    width=2,
    training=Training(side=32, batch=2, steps=8, steps_per_epoch=4),
    retrainings=(Retraining(share=0.2, steps=4), Retraining(share=0.5, steps=4)),
    retraining_steps_per_epoch=2,
)
TISSUE_HU = (10.0, 60.0)
"""Of the two chests: so that a picture tells whose it is."""


class QuietWatcher:
    """Keeps the names of the stages."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def step(self, name: str) -> None:
        self.stages.append(name)

    def count(self, done: int, total: int) -> None:
        """Not kept."""

    def note(self, sentence: str) -> None:
        """Not kept."""


def made_up_chest(tissue_hu: float) -> np.ndarray:
    """An ellipse of tissue with two lungs, twelve times."""
    y, x = np.mgrid[-1:1:96j, -1:1:96j]
    body = np.where(np.hypot(y / 0.6, x / 0.8) < 1, tissue_hu, -1000.0)
    lungs = np.hypot(y / 0.3, (np.abs(x) - 0.4) / 0.25) < 1
    return np.repeat(np.where(lungs, -850.0, body)[None], 12, axis=0).astype(np.float32)


@pytest.fixture(scope="session")
def chests() -> list[np.ndarray]:
    """Two patients."""
    return [made_up_chest(hu) for hu in TISSUE_HU]


@pytest.fixture(scope="session")
def chest_folder(tmp_path_factory: pytest.TempPathFactory, chests: list[np.ndarray]) -> Path:
    """The same as files, named as the openly licensed ones are."""
    folder = tmp_path_factory.mktemp("lung")
    for number, chest in enumerate(chests, 1):
        SimpleITK.WriteImage(
            SimpleITK.GetImageFromArray(chest.astype(np.int16)), str(folder / f"lung{number}_image.nrrd")
        )
    return folder


@pytest.fixture(scope="session")
def experiment() -> Zhang2024:
    """The experiment at a scale of seconds."""
    return Zhang2024(scales={Scale.QUICK: TINY})


@pytest.fixture
def open_bench(experiment: Zhang2024, chest_folder: Path):
    """Opens a folder for the experiment, with a watcher of its own."""

    def opened(folder: Path, watcher: QuietWatcher | None = None) -> Workbench:
        return Workbench.open(
            folder,
            experiment,
            Scale.QUICK,
            backend=Backend.choose("cpu", "fp32"),
            watcher=watcher or QuietWatcher(),
            data=chest_folder,
        )

    return opened


@pytest.fixture
def scans(open_bench, tmp_path: Path) -> Scans:
    """Scans of made-up pictures."""
    return Scans(open_bench(tmp_path / "experiment"), TINY)

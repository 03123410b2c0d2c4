"""Sessions of training in a real scene, with a worker that says what the test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from CTDenoiseLib.worker.client import WorkerClient
from CTDenoiseTrainLib.recipe.content import Recipe
from CTDenoiseTrainScene.case_volumes import CaseVolumes
from CTDenoiseTrainScene.training_session import TrainingSession
from CTDenoiseTrainScene.training_state import TrainingState

from .ct_series import anatomy
from .scripted_trainer import ScriptedTrainer
from .slicer_scene import SlicerScene
from .tiny_run import tiny_recipe


class TrainingScene:
    """A scene with volumes to train with.

    Args:
        parts: The scene.
        folder: For run folders.

    Attributes:
        trainer: The worker.
        said: Each state, and the sentences of notes and failures, as they came.
    """

    def __init__(self, parts: SlicerScene, folder: Path) -> None:
        self.parts = parts
        self.folder = folder
        self.trainer = ScriptedTrainer()
        self.said: list[TrainingState | str] = []
        self.sessions: list[TrainingSession] = []
        self.low = parts.add_volume(anatomy((20, 48, 40), noise_hu=30.0, seed=1).astype("int16"), name="Low dose")
        self.full = parts.add_volume(anatomy((20, 48, 40), noise_hu=5.0).astype("int16"), name="Full dose")

    @property
    def recipe(self) -> Recipe:
        """Pairs of dose, whose cases are left to the volumes."""
        return tiny_recipe()

    @property
    def cases(self) -> list[CaseVolumes]:
        """The volumes in their roles."""
        return [CaseVolumes(noisy=self.low, clean=self.full)]

    def session(self, name: str = "run", **options: Any) -> TrainingSession:
        """A session that has not begun."""
        client = WorkerClient(lambda: self.trainer)
        session = TrainingSession(self.parts.scene, client, self.folder / name, **options)
        session.state_changed.connect(self.said.append)
        session.note.connect(self.said.append)
        session.failed.connect(self.said.append)
        self.sessions.append(session)
        return session

    def prepare(self, session: TrainingSession) -> None:
        """Copy the volumes, and have the worker ready for the request that follows."""
        while session.work(0.001):
            pass
        self.trainer.get_ready()

    def started(self, name: str = "run") -> TrainingSession:
        """A session that trains."""
        session = self.session(name)
        session.start(self.recipe, self.cases)
        self.prepare(session)
        return session

    def close(self) -> None:
        """Close what the test left open."""
        for session in self.sessions:
            session.close()

"""The training that is on or was last: one session after the other, and the views that follow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseTrainScene.resumable import new_run_folder
from CTDenoiseTrainScene.training_session import TrainingSession
from CTDenoiseTrainScene.training_state import TrainingState

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseTrainLib.recipe.content import Recipe
    from CTDenoiseTrainLib.runs.run_result import RunResult
    from CTDenoiseTrainLib.worker.messages import DataSeen, Kept, StepDone, Trained
    from CTDenoiseTrainScene.case_volumes import CaseVolumes
    from CTDenoiseTrainScene.training_layout import TrainingLayout


@dataclass(frozen=True)
class Outcome:
    """What a training came to.

    Attributes:
        reason: Why it ended, in a sentence.
        epochs: Epochs done.
        best_epoch: Which gave the weights that can be kept.
        better: Whether training was worth it, by the figures.
        table: Figures before and after on sections that were held out: (name, before, after), as texts.
    """

    reason: str
    epochs: int
    best_epoch: int
    better: bool
    table: tuple[tuple[str, str, str], ...]


class TrainingRunner:
    """Runs sessions.

    Args:
        scene: Holds the volumes.
        client: Of the worker that trains.
        headers: DICOM headers of the volumes.
        layout: Shows the session; `None` where there are no views.

    Attributes:
        session: The present one; `None` before the first.
        state_changed: Emits the state.
        progress: Emits how much of the volumes is copied, from 0 to 1.
        step_done: Emits how far training is.
        data_seen: Emits what there is to look at.
        trained: Emits the figures at the end.
        kept: Emits when the model is in the store.
        note: Emits a sentence worth reading.
        failed: Emits the sentence that says why something failed.
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        client: WorkerClient,
        headers: HeaderSource,
        layout: TrainingLayout | None,
    ) -> None:
        self.session: TrainingSession | None = None
        self.state_changed: Signal[TrainingState] = Signal()
        self.progress: Signal[float] = Signal()
        self.step_done: Signal[StepDone] = Signal()
        self.data_seen: Signal[DataSeen] = Signal()
        self.trained: Signal[Trained] = Signal()
        self.kept: Signal[Kept] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self._scene = scene
        self._client = client
        self._headers = headers
        self._layout = layout

    @property
    def state(self) -> TrainingState:
        """Of the present session."""
        return TrainingState.IDLE if self.session is None else self.session.state

    @property
    def begun(self) -> bool:
        """Whether a run has begun and is neither kept nor discarded: nothing else may take its place."""
        session = self.session
        if session is None or self.kept_as or session.state is TrainingState.DISCARDED:
            return False
        run = session.run_state
        return session.state.training or (run is not None and (run.last_checkpoint_time is not None or run.has_result))

    @property
    def kept_as(self) -> str:
        """Name of the model that the run was kept as; empty if it was not."""
        run = self.session.run_state if self.session is not None else None
        return (run.kept_as or "") if run is not None else ""

    @property
    def outcome(self) -> Outcome | None:
        """What the training came to; `None` before its end."""
        session = self.session
        if session is None or session.state.training or session.state is TrainingState.DISCARDED:
            return None
        written = _result_in(session.folder)
        if written is not None:
            return Outcome(written.reason, written.epochs, written.best_epoch, written.better, written.table)
        told = session.result
        return told and Outcome(told.reason, told.epochs, told.best_epoch, told.best_epoch > 0, told.table)

    def look(self, recipe: Recipe, cases: Sequence[CaseVolumes]) -> None:
        """Show what there is to train with."""
        self._session_to_begin(recipe.name).look(recipe, cases)

    def start(self, recipe: Recipe, cases: Sequence[CaseVolumes]) -> None:
        """Train."""
        self._session_to_begin(recipe.name).start(recipe, cases)

    def open(self, folder: Path) -> None:
        """Take up a run on the disk, to resume, keep or discard it."""
        self._take(TrainingSession(self._scene, self._client, folder, headers=self._headers))

    def work(self, budget_seconds: float) -> bool:
        """Go on with the session for a while; whether to be called again."""
        session = self.session
        return session is not None and (session.work(budget_seconds) or session.state.busy)

    def close(self) -> None:
        """Cancel what is on, and forget it; its last checkpoint stays."""
        self._take(None)

    def _session_to_begin(self, name: str) -> TrainingSession:
        """The session that has not begun to train yet, else a new one."""
        if self.session is None or not self.session.can_look:
            self._take(TrainingSession(self._scene, self._client, new_run_folder(name), headers=self._headers))
        assert self.session is not None
        return self.session

    def _take(self, session: TrainingSession | None) -> None:
        before, self.session = self.session, session
        if before is not None:
            before.close()
        if session is not None:
            session.state_changed.connect(self.state_changed.emit)
            session.progress.connect(self.progress.emit)
            session.step_done.connect(self.step_done.emit)
            session.data_seen.connect(self.data_seen.emit)
            session.trained.connect(self.trained.emit)
            session.kept.connect(self.kept.emit)
            session.note.connect(self.note.emit)
            session.failed.connect(self.failed.emit)
        if self._layout is not None:
            self._layout.follow(session)
        self.state_changed.emit(self.state)


def _result_in(folder: Path) -> RunResult | None:
    """The result that a training of an earlier session left."""
    from CTDenoiseTrainLib.runs.run_folder import RunFolder
    from CTDenoiseTrainLib.runs.run_result import RunResult

    try:
        return RunResult.read(RunFolder(folder).result)
    except CTDenoiseError:
        return None

"""One training run from the user's volumes to a model in the store, whatever happens to scene and worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseScene.scene_guard import SceneGuard
from CTDenoiseTrainLib.worker.messages import (
    Continue,
    DataSeen,
    KeepModel,
    Pause,
    Paused,
    Stop,
    Train,
)

from .resumable import discard_run, recipe_of_run, run_state
from .training_data import TrainingData
from .training_state import TrainingState
from .training_story import TrainingStory

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.job import Job
    from CTDenoiseLib.worker.message_base import JobDone, JobInstruction, JobNews, JobRequest
    from CTDenoiseScene.headers import HeaderSource
    from CTDenoiseTrainLib.recipe.content import Recipe
    from CTDenoiseTrainLib.runs.run_state import RunState

    from .case_volumes import CaseVolumes

__all__ = ["TrainingSession", "TrainingState"]

# In which states something new may begin, and in which a run may be gone on with.
_MAY_BEGIN = (TrainingState.IDLE, TrainingState.READY, TrainingState.FAILED, TrainingState.CANCELLED)
_MAY_GO_ON = (TrainingState.IDLE, TrainingState.DONE, TrainingState.FAILED, TrainingState.CANCELLED)


class TrainingSession(TrainingStory):
    """Looks at the data, trains, keeps the model: all that happens with one run folder.

    Everything happens in the caller's thread, inside the methods, `work` and the client's signals. Nothing raises: what
    goes wrong is told in a sentence by `failed`; see `TrainingStory` for all signals. Training itself needs neither
    scene nor volumes once they are copied: it goes on when the scene is closed, and another session can go on with it
    from the run folder alone.

    Args:
        scene: Holds the volumes.
        client: Of a worker started from `CTDenoiseTrainLib.worker`.
        folder: The run folder; made when something is written to it. One that holds an unfinished run can be resumed.
        headers: Where DICOM headers of the volumes are kept, if anywhere.

    Attributes:
        folder: The run folder.
        recipe: What is trained by; `None` before `look`, `start` and `resume`.

    Example:
        ```
        session = TrainingSession(scene, client, folder)
        session.look(recipe, [CaseVolumes(noisy=node)])
        while session.state.busy:  # from a timer
            session.work(0.01)
        session.start(recipe, [CaseVolumes(noisy=node)])
        ```
    """

    def __init__(
        self,
        scene: slicer.vtkMRMLScene,
        client: WorkerClient,
        folder: Path,
        *,
        headers: HeaderSource | None = None,
    ) -> None:
        super().__init__()
        self.folder = folder
        self.recipe: Recipe | None = None
        self._scene = scene
        self._client = client
        self._source_id: str | None = None
        self._state = TrainingState.IDLE
        self._state_before_keeping = TrainingState.IDLE
        self._data = TrainingData(folder, headers)
        self._preparation: Generator[float, None, None] | None = None
        self._then: Callable[[], None] | None = None
        self._job: Job | None = None
        self._discarding = False
        self._run_state: RunState | None = None
        self._run_state_known = False
        self._guard = SceneGuard(scene, on_removed=self._on_removed, on_close=lambda: None)

    @property
    def state(self) -> TrainingState:
        """Where it stands."""
        return self._state

    @property
    def source_node(self) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The first volume that was copied, while it is in the scene: what the user looks at."""
        return self._scene.GetNodeByID(self._source_id) if self._source_id is not None else None

    @property
    def run_state(self) -> RunState | None:
        """What the run folder held when the state changed last; `None` if there was no run in it."""
        # A worker that was killed may leave the folder an instant later than it was given up.
        left = self._run_state is not None and self._run_state.running and not self._state.busy
        if left or not self._run_state_known:
            self._run_state, self._run_state_known = run_state(self.folder), True
        return self._run_state

    @property
    def can_look(self) -> bool:
        """Whether `look` and `start` would do something: the run has not begun, and nothing else is on."""
        return self._state in _MAY_BEGIN and not self._has_begun

    @property
    def can_resume(self) -> bool:
        """Whether `resume` would go on: after a pause, or from the last checkpoint of a run that is not complete."""
        if self._state is TrainingState.PAUSED:
            return True
        if self._state not in _MAY_GO_ON:
            return False
        run = self.run_state
        return run is not None and run.resumable

    @property
    def can_keep(self) -> bool:
        """Whether the run has ended with weights that `keep` can put into the store, and nothing else is on."""
        if self._state not in _MAY_GO_ON:
            return False
        run = self.run_state
        return run is not None and run.has_result

    def look(self, recipe: Recipe, cases: Sequence[CaseVolumes] = (), *, patches: int = 64) -> None:
        """Make noise maps, pairs and patches to look at: PREPARING, LOOKING, READY.

        Args:
            recipe: What to train by. Its own cases are replaced by the volumes.
            cases: Volumes of the scene, copied into the run folder first; none if the recipe names its images itself.
            patches: How many to draw.
        """
        if self.can_look:
            self._prepare(recipe, cases, then=partial(self._look, patches))

    def start(self, recipe: Recipe, cases: Sequence[CaseVolumes] = ()) -> None:
        """Train: PREPARING if the volumes are not copied yet, TRAINING, and DONE in the end.

        Args:
            recipe: As for `look`; it may have changed since then.
            cases: As for `look`.
        """
        if self.can_look:
            self._prepare(recipe, cases, then=self._train)

    def pause(self) -> None:
        """Have the worker wait, with a checkpoint written: PAUSING, PAUSED."""
        if self._state is TrainingState.TRAINING:
            self._instruct(Pause, TrainingState.PAUSING)

    def resume(self) -> None:
        """Go on after a pause, or from the last checkpoint of a run that was stopped or interrupted: TRAINING."""
        if self._state is TrainingState.PAUSED:
            self._instruct(Continue, TrainingState.TRAINING)
        elif self.can_resume:
            try:
                self.recipe = recipe_of_run(self.folder)
            except CTDenoiseError as error:
                self._fail(str(error))
            else:
                self._train(resume=True)

    def stop(self) -> None:
        """End the training with a checkpoint written: STOPPING, DONE. It can be resumed, and its model be kept."""
        if self._state in (TrainingState.TRAINING, TrainingState.PAUSING, TrainingState.PAUSED):
            self._instruct(Stop, TrainingState.STOPPING)

    def cancel(self) -> None:
        """End within a second what is on: CANCELLING, CANCELLED. Of a training, its last checkpoint stays."""
        if self._state is TrainingState.PREPARING:
            self._over(TrainingState.CANCELLED)
        elif self._job is not None and self._state is not TrainingState.CANCELLING:
            self._enter(TrainingState.CANCELLING)
            self._job.cancel()

    def keep(self, name: str, title: str, *, overwrite: bool = False) -> None:
        """Put the best weights into the user's store as a model: KEEPING, DONE.

        Args:
            name: Of the model: lower-case letters, digits, single hyphens.
            title: Of the model, a line for menus.
            overwrite: Whether one of the user's models of that name may be replaced.
        """
        if self.can_keep:
            self.failure, self._state_before_keeping = "", self._state
            request = KeepModel(run=str(self.folder), name=name, title=title, overwrite=overwrite)
            self._ask(request, TrainingState.KEEPING)

    def discard(self) -> None:
        """Delete the run folder, after cancelling what is on: DISCARDED. A model that was kept stays."""
        if self._state is TrainingState.DISCARDED:
            return
        self._discarding = True
        if self._state.busy:
            self.cancel()
        else:
            self._over(self._state)

    def work(self, budget_seconds: float) -> bool:
        """Copy a few sections, or see that a cancelled job ends.

        For a timer. It takes the budget and at most one section more.

        Returns:
            Whether more is waiting now; otherwise call it again at the next tick while the state is busy.
        """
        if self._state is TrainingState.CANCELLING:
            self._client.tick()
        until = time.perf_counter() + budget_seconds
        try:
            while self._preparation is not None:
                share = next(self._preparation, None)
                if share is None:
                    self._go_on()
                elif time.perf_counter() >= until:
                    self.progress.emit(share)
                    break
        except CTDenoiseError as error:
            self._fail(str(error))
        return self._preparation is not None

    def close(self) -> None:
        """Let go of scene and worker: what is on is cancelled, without waiting for the worker to say so.

        A training keeps its last checkpoint; a run that never began leaves no files.
        """
        self._guard.stop()
        job, leftover = self._job, self.recipe is not None and not self._has_begun
        if self._state.busy:
            self._over(TrainingState.CANCELLED)
        if job is not None:
            job.cancel()
        # A worker that is about to begin has the folder in use; `remove_leftovers` deletes that one later.
        if leftover and not (job is not None and isinstance(job.request, Train)):
            self._delete()

    @property
    def _has_begun(self) -> bool:
        """Whether the folder holds what came of a training, be it damaged."""
        run = self.run_state
        return run is not None and (run.last_checkpoint_time is not None or run.damage is not None or run.has_result)

    def _prepare(self, recipe: Recipe, cases: Sequence[CaseVolumes], *, then: Callable[[], None]) -> None:
        """Copy what is not copied yet and write the recipe, in `work`."""
        self.failure = ""
        try:
            self.recipe = self._data.plan(recipe, cases)
        except CTDenoiseError as error:
            self._fail(str(error))
            return
        self._source_id = next((node.GetID() for case in cases for node in case.nodes()), None)
        self._preparation, self._then = self._data.write(self.recipe), then
        self._enter(TrainingState.PREPARING)

    def _go_on(self) -> None:
        """Whatever the data were prepared for."""
        then, self._preparation, self._then = self._then, None, None
        if then is not None:
            then()

    def _look(self, patches: int) -> None:
        self._ask(self._data.look_request(patches), TrainingState.LOOKING)

    def _train(self, *, resume: bool = False) -> None:
        self.failure = ""
        self._forget()
        self._ask(Train(run=str(self.folder), resume=resume), TrainingState.TRAINING)
        self.began.emit()

    def _ask(self, request: JobRequest, state: TrainingState) -> None:
        job = self._job = self._client.run(request)
        job.note.connect(self._on_note)
        job.news.connect(self._on_news)
        job.done.connect(self._on_done)
        job.cancelled.connect(self._on_cancelled)
        job.failed.connect(self._on_failed)
        self._enter(state)

    def _instruct(self, instruction: Callable[[int], JobInstruction], state: TrainingState) -> None:
        if self._job is not None:
            self._job.tell(instruction)
            self._enter(state)

    def _on_note(self, sentence: str) -> None:
        if self._job is not None:
            self.note.emit(sentence)

    def _on_news(self, news: JobNews) -> None:
        if self._job is None:
            return
        if isinstance(news, Paused) and self._state is TrainingState.PAUSING:
            self._enter(TrainingState.PAUSED)
        self._remember(news)
        self._tell(news)

    def _on_done(self, done: JobDone) -> None:
        if self._job is None:
            return
        # Who hears of the new state finds what came with it.
        self._remember(done)
        self._over(TrainingState.READY if isinstance(done, DataSeen) else TrainingState.DONE)
        self._tell(done)

    def _on_cancelled(self) -> None:
        if self._job is not None:
            self._over(self._state_before_keeping if self._keeping else TrainingState.CANCELLED)

    def _on_failed(self, sentence: str) -> None:
        if self._job is not None:
            self._fail(sentence)

    def _fail(self, sentence: str) -> None:
        self._tell_failure(sentence)
        self._over(self._state_before_keeping if self._keeping else TrainingState.FAILED)

    @property
    def _keeping(self) -> bool:
        return self._job is not None and isinstance(self._job.request, KeepModel)

    def _on_removed(self, node: object) -> None:
        if self._state is TrainingState.PREPARING and self._data.needs(node):
            self._fail("A volume was removed from the scene before it was copied; choose the volumes again.")

    def _over(self, state: TrainingState) -> None:
        """What was on is over; whatever comes from its job now is nobody's concern."""
        if self._state is TrainingState.DISCARDED:
            return
        if self._preparation is not None:
            self._preparation.close()
        self._preparation = self._then = self._job = None
        if self._discarding:
            self._discarding = False
            state = TrainingState.DISCARDED if self._delete() else state
        self._enter(state)

    def _delete(self) -> bool:
        """Whether the run folder is gone."""
        try:
            discard_run(self.folder)
        except CTDenoiseError as error:
            self._tell_failure(str(error))
            return False
        return True

    def _enter(self, state: TrainingState) -> None:
        self._run_state_known = False
        self._state = state
        self.state_changed.emit(state)

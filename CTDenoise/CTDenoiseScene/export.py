"""Save a result as a DICOM series, a volume file or a report, while the views stay alive."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.atomic import check_file, check_folder
from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal
from CTDenoiseLib.volume_stream import check_stream_path
from CTDenoiseLib.worker.workplace import Workplace

from .export_obstacle import export_obstacle
from .export_preparation import ExportError, Material, Preparation, prepare
from .export_target import SaveReport, SaveSeries, SaveVolume, Target
from .results import Results

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.job import Job
    from CTDenoiseLib.worker.message_base import JobDone, JobRequest
    from CTDenoiseLib.worker.messages import JobProgress

    from .headers import HeaderSource

__all__ = ["ExportError", "ExportSession", "ExportState", "SaveReport", "SaveSeries", "SaveVolume", "export_obstacle"]

# Copying to a temporary file is the smaller part of the work.
_SHARE_OF_PREPARATION = 0.3


class ExportState(Enum):
    """Where an export stands. It ends in one of the last three."""

    IDLE = "idle"
    PREPARING = "preparing"  # voxels are being copied, step by step in `work`
    WRITING = "writing"  # the worker is at it
    CANCELLING = "cancelling"
    FAILED = "failed"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in (ExportState.FAILED, ExportState.DONE, ExportState.CANCELLED)


class ExportSession:
    """Saves one result once, as it is when the copying of its voxels begins.

    Everything happens in the caller's thread, inside `work` and the client's signals. Nothing raises: what goes wrong
    ends the session with a sentence, and nothing is left of an output that was not finished.

    Args:
        client: Of the worker, which does the writing after the jobs it has.
        output_node: The output of a run.
        target: What to save, and where.
        headers: Where the DICOM files of the input are known; needed for a series, used for a report.
        settle: Called before anything is copied, with the seconds it may take, until it returns `False`: whatever
            still changes the output, such as `StrengthControl.work`.
        temporary_folder: Where copies of voxels go; the system's by default.

    Attributes:
        target: As given.
        state_changed: Emits the new `ExportState`.
        progress: Emits how much is done, from 0 to 1.
        note: Emits a sentence worth reading.
        failed: Emits the sentence that says why nothing was saved, once, before the state becomes FAILED.
    """

    def __init__(  # noqa: PLR0913
        self,
        client: WorkerClient,
        output_node: slicer.vtkMRMLScalarVolumeNode,
        target: Target,
        *,
        headers: HeaderSource | None = None,
        settle: Callable[[float], bool] | None = None,
        temporary_folder: Path | None = None,
    ) -> None:
        self.target = target
        self.state_changed: Signal[ExportState] = Signal()
        self.progress: Signal[float] = Signal()
        self.note: Signal[str] = Signal()
        self.failed: Signal[str] = Signal()
        self._state = ExportState.IDLE
        self._failure = ""
        self._client = client
        self._output_node: slicer.vtkMRMLScalarVolumeNode | None = output_node
        self._headers = headers
        self._settle = settle
        self._temporary_folder = temporary_folder
        self._workplace: Workplace | None = None
        self._preparation: Preparation | None = None
        self._job: Job | None = None

    @property
    def state(self) -> ExportState:
        """Where it stands."""
        return self._state

    @property
    def failure(self) -> str:
        """The sentence that `failed` emitted, else empty."""
        return self._failure

    def start(self) -> None:
        """Begin; `work` does the rest. What stands in the way ends in FAILED with the sentence."""
        if self._state is not ExportState.IDLE:
            return
        try:
            obstacle = export_obstacle(self._output_node, type(self.target), self._headers)
            if obstacle:
                raise ExportError(obstacle)
            _check_place(self.target)
        except CTDenoiseError as error:
            self._fail(str(error))
            return
        self._enter(ExportState.PREPARING)
        node = self._output_node
        if node is not None and node.GetParentTransformNode() is not None and not isinstance(self.target, SaveReport):
            self.note.emit("The transform above the volume is not saved: the voxels stay where they were scanned.")

    def work(self, budget_seconds: float) -> bool:
        """Copy a few sections.

        For a timer. It takes the budget and at most one section more.

        Returns:
            Whether more is waiting now; otherwise call it again at the next tick while the export has not ended.
        """
        if self._state is ExportState.CANCELLING:
            self._client.tick()
        if self._state is not ExportState.PREPARING:
            return False
        until = time.perf_counter() + budget_seconds
        try:
            if self._settle is not None and self._settle(budget_seconds):
                return True
            self._prepare(until)
        except CTDenoiseError as error:
            self._fail(str(error))
        return self._state is ExportState.PREPARING

    def cancel(self) -> None:
        """Stop; nothing is left of the output. Without effect once it has ended."""
        if self._state in (ExportState.IDLE, ExportState.PREPARING):
            self._end(ExportState.CANCELLED)
        elif self._state is ExportState.WRITING and self._job is not None:
            self._enter(ExportState.CANCELLING)
            self._job.cancel()

    def close(self) -> None:
        """Cancel if need be, without waiting for the worker to say so."""
        self.cancel()
        self._end(ExportState.CANCELLED)

    def _prepare(self, until: float) -> None:
        if self._preparation is None:
            results = Results.of(self._output_node)
            if results is None:
                raise ExportError("The result was removed from the scene, so nothing was saved.")
            self._workplace = Workplace(self._temporary_folder)
            self._preparation = prepare(self.target, Material(results, self._headers, self._workplace))
        try:
            while True:
                share = next(self._preparation)
                if time.perf_counter() >= until:
                    self.progress.emit(_SHARE_OF_PREPARATION * share)
                    return
        except StopIteration as finished:
            self._write(finished.value)

    def _write(self, request: JobRequest) -> None:
        """Hand over to the worker."""
        self._preparation = None
        self.progress.emit(_SHARE_OF_PREPARATION)
        job = self._job = self._client.run(request)
        job.progress.connect(self._on_progress)
        job.note.connect(self._on_note)
        job.done.connect(self._on_done)
        job.cancelled.connect(self._on_cancelled)
        job.failed.connect(self._fail)
        self._enter(ExportState.WRITING)

    def _on_progress(self, news: JobProgress) -> None:
        if not self._state.ended:
            self.progress.emit(_SHARE_OF_PREPARATION + (1 - _SHARE_OF_PREPARATION) * news.done / news.total)

    def _on_note(self, sentence: str) -> None:
        if not self._state.ended:
            self.note.emit(sentence)

    def _on_done(self, _figures: JobDone) -> None:
        self._end(ExportState.DONE)

    def _on_cancelled(self) -> None:
        self._end(ExportState.CANCELLED)

    def _fail(self, sentence: str) -> None:
        if self._state.ended:
            return
        self._failure = sentence
        self.failed.emit(sentence)
        self._end(ExportState.FAILED)

    def _end(self, state: ExportState) -> None:
        """Let go of everything; the copies of voxels go too. Whatever comes after the first end is nobody's concern."""
        if self._state.ended:
            return
        if self._preparation is not None:
            self._preparation.close()
        if self._workplace is not None:
            self._workplace.close()
        self._preparation = self._workplace = self._job = self._settle = self._output_node = None
        self._enter(state)

    def _enter(self, state: ExportState) -> None:
        self._state = state
        self.state_changed.emit(state)


def _check_place(target: Target) -> None:
    """See that the target may be written, as far as that is known before the work.

    Raises:
        OutputExistsError: Something lies there that may not be replaced.
        VolumeStreamError: The name says no format.
    """
    if isinstance(target, SaveSeries):
        check_folder(target.folder, overwrite=target.overwrite)
        return
    check_file(target.path, overwrite=target.overwrite)
    if isinstance(target, SaveVolume):
        check_stream_path(target.path)

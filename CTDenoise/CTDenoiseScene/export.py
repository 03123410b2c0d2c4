"""Save a result as a DICOM series, a volume file or a report, while the views stay alive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from CTDenoiseLib.atomic import check_file, check_folder
from CTDenoiseLib.volume_stream import check_stream_path

from .export_obstacle import export_obstacle
from .export_preparation import ExportError, Material, prepare
from .export_target import SaveReport, SaveSeries, SaveVolume, Target
from .job_session import JobSession, JobSessionState, Preparation

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.message_base import JobDone
    from CTDenoiseLib.worker.workplace import Workplace

    from .headers import HeaderSource
    from .results import Results

__all__ = [
    "ExportError",
    "ExportSession",
    "JobSessionState",
    "SaveReport",
    "SaveSeries",
    "SaveVolume",
    "export_obstacle",
]


class ExportSession(JobSession):
    """Saves one result once, as it is when the copying of its voxels begins.

    What goes wrong ends the session with a sentence, and nothing is left of an output that was not finished.

    Args:
        client: Of the worker, which does the writing after the jobs it has.
        output_node: The output of a run.
        target: What to save, and where.
        headers: Where the DICOM files of the input are known; needed for a series, used for a report.
        settle: As in `JobSession`.
        temporary_folder: As in `JobSession`.

    Attributes:
        target: As given.
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
        super().__init__(client, output_node, settle=settle, temporary_folder=temporary_folder)
        self.target = target
        self._headers = headers

    def start(self) -> None:
        """Begin; `work` does the rest. What stands in the way ends in FAILED with the sentence."""
        super().start()
        node = self._output_node
        if node is not None and node.GetParentTransformNode() is not None and not isinstance(self.target, SaveReport):
            self.note.emit("The transform above the volume is not saved: the voxels stay where they were scanned.")

    def _check(self) -> None:
        obstacle = export_obstacle(self._output_node, type(self.target), self._headers)
        if obstacle:
            raise ExportError(obstacle)
        _check_place(self.target)

    def _prepare(self, results: Results, workplace: Workplace) -> Preparation:
        return prepare(self.target, Material(results, self._headers, workplace))

    def _take(self, done: JobDone) -> None:
        """What was asked for is where it should be."""


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

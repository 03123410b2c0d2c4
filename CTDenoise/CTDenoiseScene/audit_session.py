"""Audit a result: was it noise that was taken away? The worker measures, the verdict is kept on the output node."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.measure.sampling import evenly_spread
from CTDenoiseLib.worker.measure_messages import Audited, AuditResult

from .job_session import JobSession, Preparation
from .kept_audit import ResultState, store_audit
from .result_version import result_version
from .results import Results
from .section_copy import copy_pair
from .voxels import voxels_of

if TYPE_CHECKING:
    from pathlib import Path

    import slicer

    from CTDenoiseLib.measure.audit.residual_audit import Audit
    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.message_base import JobDone
    from CTDenoiseLib.worker.workplace import Workplace

    from .headers import HeaderSource


class AuditError(CTDenoiseError):
    """The result cannot be audited."""


def audit_obstacle(node: slicer.vtkMRMLScalarVolumeNode | None) -> str:
    """Why a volume cannot be audited now, as a sentence; empty when nothing is known to be in the way."""
    results = Results.of(node)
    if results is None:
        return "Choose a denoised volume, or denoise one first."
    if not results.sections:
        return "No section is denoised yet."
    before, after = voxels_of(results.input), voxels_of(results.output)
    if before is None or after is None or before.shape != after.shape:
        return "The audit compares the result with its input, which was removed from the scene or replaced."
    return ""


class AuditSession(JobSession):
    """Audits one result, as it is when the copying of its voxels begins, in those sections that are denoised.

    Args:
        client: Of the worker, which measures after the jobs it has.
        output_node: The output of a run.
        headers: Where the DICOM headers of the input are kept, if anywhere: they know what is padding.
        settle: As in `JobSession`.
        temporary_folder: As in `JobSession`.

    Attributes:
        audit: Without its spectra; `None` until the session is DONE.
    """

    def __init__(
        self,
        client: WorkerClient,
        output_node: slicer.vtkMRMLScalarVolumeNode,
        *,
        headers: HeaderSource | None = None,
        settle: Callable[[float], bool] | None = None,
        temporary_folder: Path | None = None,
    ) -> None:
        super().__init__(client, output_node, settle=settle, temporary_folder=temporary_folder)
        self.audit: Audit | None = None
        self._headers = headers
        self._audited_state: ResultState | None = None

    def _check(self) -> None:
        obstacle = audit_obstacle(self._output_node)
        if obstacle:
            raise AuditError(obstacle)

    def _prepare(self, results: Results, workplace: Workplace) -> Preparation:
        begun = result_version(results)
        self._audited_state = ResultState.of(results)
        denoised = sorted(results.sections)
        looked_at = tuple(denoised[place] for place in evenly_spread(len(denoised)))
        near = {index + step for index in looked_at for step in (-1, 0, 1)} & set(range(_depth(results)))
        pair = yield from copy_pair(results, sorted(near), workplace, self._headers)
        if result_version(results) != begun:
            raise AuditError("The result was changed while it was being read; audit it again.")
        return AuditResult(pair=pair, looked_at=looked_at)

    def _take(self, done: JobDone) -> None:
        assert isinstance(done, Audited)
        self.audit = done.audit()
        if Results.of(self._output_node) is not None and self._audited_state is not None:
            store_audit(self._output_node, done, self._audited_state)


def _depth(results: Results) -> int:
    """Number of sections."""
    voxels = voxels_of(results.output)
    return 0 if voxels is None else len(voxels)

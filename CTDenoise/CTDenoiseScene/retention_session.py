"""How much of small vessels does the model of a result leave in one section? The worker inserts, denoises, measures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.measure.small_vessels.retention import RetentionMap
from CTDenoiseLib.measure.small_vessels.vessels import VesselDirection
from CTDenoiseLib.worker.measure_messages import MeasureRetention, RetentionMeasured

from .job_session import JobSession, Preparation
from .results import Results
from .scan_facts import scan_facts
from .section_copy import copy_sample
from .voxels import voxels_of

if TYPE_CHECKING:
    from pathlib import Path

    import slicer

    from CTDenoiseLib.worker.client import WorkerClient
    from CTDenoiseLib.worker.message_base import JobDone
    from CTDenoiseLib.worker.workplace import Workplace

    from .headers import HeaderSource


class RetentionError(CTDenoiseError):
    """The retention of vessels cannot be measured."""


def retention_obstacle(node: slicer.vtkMRMLScalarVolumeNode | None, client: WorkerClient) -> str:
    """Why the retention cannot be measured now, as a sentence; empty when nothing is known to be in the way."""
    results = Results.of(node)
    if results is None:
        return "Choose a denoised volume, or denoise one first."
    if voxels_of(results.input) is None:
        return "Vessels are inserted into the input, which was removed from the scene."
    made, loaded = results.provenance, client.loaded
    if loaded is None or loaded.weights_sha256 != made.weights_sha256:
        return f"Choose the model {made.model} {made.version}, which made this result: it has to denoise once more."
    return ""


class RetentionSession(JobSession):
    """Measures in one section of the input, with the model and the strength of the result.

    Args:
        client: Of the worker, which has the model.
        output_node: The output of a run.
        section: Index of the section, such as that on screen.
        headers: Where the DICOM headers of the input are kept, if anywhere: they know what is padding.
        settle: As in `JobSession`.
        temporary_folder: As in `JobSession`.

    Attributes:
        retention: What is left of vessels; `None` until the session is DONE.
    """

    def __init__(  # noqa: PLR0913
        self,
        client: WorkerClient,
        output_node: slicer.vtkMRMLScalarVolumeNode,
        section: int,
        *,
        headers: HeaderSource | None = None,
        settle: Callable[[float], bool] | None = None,
        temporary_folder: Path | None = None,
    ) -> None:
        super().__init__(client, output_node, settle=settle, temporary_folder=temporary_folder)
        self.retention: RetentionMap | None = None
        self._section = section
        self._headers = headers

    def _check(self) -> None:
        obstacle = retention_obstacle(self._output_node, self._client)
        if obstacle:
            raise RetentionError(obstacle)

    def _prepare(self, results: Results, workplace: Workplace) -> Preparation:
        voxels = voxels_of(results.input)
        if results.input is None or voxels is None or not 0 <= self._section < len(voxels):
            raise RetentionError(f"The input has no section {self._section + 1} any more.")
        # Noise is measured by the sections beside, also for a model that looks at none of them.
        reach = max(1, results.provenance.context)
        sections = range(max(0, self._section - reach), min(len(voxels), self._section + reach + 1))
        padding = scan_facts(results.input, self._headers).padding_hu
        sample = yield from copy_sample(results.input, sections, workplace, padding_hu=padding)
        return MeasureRetention(sample=sample, section=self._section, strength=results.strength)

    def _take(self, done: JobDone) -> None:
        assert isinstance(done, RetentionMeasured)
        self.retention = RetentionMap(
            done.cells, done.section, VesselDirection.THROUGH_PLANE, done.blur_mm, done.noise_hu
        )

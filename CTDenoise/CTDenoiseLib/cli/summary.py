"""What a run ends with: its figures for people, for the report, and for machines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..dicom.derivation import Derivation
from ..dicom.series import LeftOut
from ..measure.audit.effect import Effect
from ..report.facts import Facts, RunFigures, provenance, table_of_facts
from .request import RunRequest
from .series import describe
from .source import Source

if TYPE_CHECKING:
    from ..inference import Backend, DenoiseStatistics


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """Everything to tell about a finished run.

    Attributes:
        request: What was asked for.
        source: What was read.
        label: The source in words.
        derivation: How the output came about.
        backend: Device and precision.
        computed: In which way, see `Execution.description`.
        statistics: Of the denoiser.
        seconds: From the start of the run to its last file, without the report.
        network_seconds: Of these the run waited for the network.
        shape: Sections, rows and columns.
        effect: What was measured.
        series_uid: Of the new DICOM series.
        clipped_voxels: Voxels that did not fit into the file's numbers.
        notes: What to know before trusting the result.
    """

    request: RunRequest
    source: Source
    label: str
    derivation: Derivation
    backend: Backend
    computed: str
    statistics: DenoiseStatistics
    seconds: float
    network_seconds: float
    shape: tuple[int, int, int]
    effect: Effect
    series_uid: str | None
    clipped_voxels: int
    notes: tuple[str, ...]

    def facts(self) -> Facts:
        """Names and values for people."""
        return table_of_facts(self.derivation, device=self.backend.device, effect=self.effect, run=self._run)

    def provenance(self) -> Facts:
        """Names and values for the report, which has more room for what was measured."""
        return provenance(self.derivation, device=self.backend.device, run=self._run)

    @property
    def _run(self) -> RunFigures:
        return RunFigures(
            seconds=self.seconds,
            sections_per_second=self.statistics.sections_per_second,
            passed_through=self.statistics.passed_through,
            voxels=math.prod(self.shape),
        )

    def content(self) -> dict[str, Any]:
        """Everything for machines; indices of sections, rows and columns count from 0, ends are exclusive."""
        request, derivation, backend, statistics = self.request, self.derivation, self.backend, self.statistics
        return {
            "output": str(request.output),
            "residual": None if request.residual is None else str(request.residual),
            "report": None if request.report is None else str(request.report),
            "series_uid": self.series_uid,
            "source": None if self.source.series is None else describe(self.source.series),
            "left_out": [_left_out(file) for file in self.source.left_out],
            "model": {
                "name": derivation.model,
                "version": derivation.model_version,
                "sha256": derivation.weights_sha256,
            },
            "strength": request.strength,
            "device": backend.device,
            "device_name": backend.device_name,
            "precision": backend.precision,
            "reason": backend.reason,
            "computed": self.computed,
            "sections": statistics.sections,
            "seconds": self.seconds,
            "denoising_seconds": statistics.seconds,
            "network_seconds": self.network_seconds,
            "sections_per_second": statistics.sections_per_second,
            "noise": self._noise_content(),
            "mean_shift_hu": self.effect.mean_shift,
            "edge_ratio": None if self.effect.edges is None else self.effect.edges.ratio,
            "passed_through_voxels": statistics.passed_through,
            "clipped_voxels": self.clipped_voxels,
            "notes": list(self.notes),
            "research_use_only": True,
        }

    def _noise_content(self) -> dict[str, Any] | None:
        region, after = self.effect.region, self.effect.after
        if region is None or after is None:
            return None
        return {
            "section": region.section,
            "rows": [region.rows.start, region.rows.stop],
            "columns": [region.columns.start, region.columns.stop],
            "before_hu": region.noise_hu,
            "after_hu": after.noise_hu,
            "change_percent": self.effect.noise_change,
            "mean_before_hu": region.mean_hu,
            "mean_after_hu": after.mean_hu,
        }


def _left_out(file: LeftOut) -> dict[str, str]:
    return {"path": str(file.path), "reason": file.reason}

"""What a run ends with: its figures for people, for the report, and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..dicom.series import LeftOut
from ..inference import Backend, DenoiseStatistics
from ..measure.edge_ratio import EdgeRatio
from ..measure.uniform_region import RegionStatistics, UniformRegion
from ..models import ModelCard
from .request import RunRequest
from .series import describe
from .source import Source


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """Everything to tell about a finished run.

    Attributes:
        request: What was asked for.
        source: What was read.
        label: The source in words.
        card: The model.
        backend: Device and precision.
        statistics: Of the denoiser.
        seconds: From the start of the run to its last file, without the report.
        voxels: Of the volume.
        region: Where noise was read, `None` if there was no uniform region.
        after: Mean and noise of the output there.
        edges: Edge ratio of the residual, `None` where no section shows a body.
        mean_shift: Mean of output − input in the body, in HU.
        series_uid: Of the new DICOM series.
        clipped_voxels: Voxels that did not fit into the file's numbers.
        notes: What to know before trusting the result.
    """

    request: RunRequest
    source: Source
    label: str
    card: ModelCard
    backend: Backend
    statistics: DenoiseStatistics
    seconds: float
    voxels: int
    region: UniformRegion | None
    after: RegionStatistics | None
    edges: EdgeRatio | None
    mean_shift: float | None
    series_uid: str | None
    clipped_voxels: int
    notes: tuple[str, ...]

    @property
    def noise_change(self) -> float | None:
        """Change of the noise in the uniform region in percent, negative for less."""
        if self.region is None or self.after is None:
            return None
        return 100 * (self.after.noise_hu / self.region.noise_hu - 1)

    def facts(self) -> tuple[tuple[str, str], ...]:
        """Names and values for people."""
        card, statistics = self.card, self.statistics
        facts = [
            ("Model", f"{card.name} {card.version} ({card.weights.sha256[:12]})"),
            ("Strength", f"{100 * self.request.strength:g} %"),
            ("Device", f"{self.backend.device_name} ({self.backend.device})"),
            ("Precision", self.backend.precision),
            ("Time", f"{self.seconds:.1f} s in all"),
            ("Rate", f"{statistics.sections_per_second:.2f} slices/s"),
        ]
        if self.region is not None and self.after is not None:
            before, after = self.region, self.after
            facts += [
                ("Noise", f"{before.noise_hu:.1f} → {after.noise_hu:.1f} HU ({_signed(self.noise_change, 0)} %)"),
                ("Mean there", f"{_signed(before.mean_hu, 1, plus='')} → {_signed(after.mean_hu, 1, plus='')} HU"),
                ("Where", _place(before)),
            ]
        else:
            facts.append(("Noise", "not measured, no uniform region found"))
        if self.mean_shift is not None:
            facts.append(("Mean shift", f"{_signed(self.mean_shift, 2)} HU in the body"))
        if self.edges is not None:
            facts.append(("Edge ratio", f"{self.edges.ratio:.2f} (noise alone: about 1)"))
        share = 100 * statistics.passed_through / self.voxels
        facts.append(("Unchanged", f"{_thousands(statistics.passed_through)} voxels ({share:.1f} %) passed through"))
        return tuple(facts)

    def content(self) -> dict[str, Any]:
        """Everything for machines; indices of sections, rows and columns count from 0, ends are exclusive."""
        request, card, backend, statistics = self.request, self.card, self.backend, self.statistics
        return {
            "output": str(request.output),
            "residual": None if request.residual is None else str(request.residual),
            "report": None if request.report is None else str(request.report),
            "series_uid": self.series_uid,
            "source": None if self.source.series is None else describe(self.source.series),
            "left_out": [_left_out(file) for file in self.source.left_out],
            "model": {"name": card.name, "version": card.version, "sha256": card.weights.sha256},
            "strength": request.strength,
            "device": backend.device,
            "device_name": backend.device_name,
            "precision": backend.precision,
            "reason": backend.reason,
            "sections": statistics.sections,
            "seconds": self.seconds,
            "denoising_seconds": statistics.seconds,
            "sections_per_second": statistics.sections_per_second,
            "noise": self._noise_content(),
            "mean_shift_hu": self.mean_shift,
            "edge_ratio": None if self.edges is None else self.edges.ratio,
            "passed_through_voxels": statistics.passed_through,
            "clipped_voxels": self.clipped_voxels,
            "notes": list(self.notes),
            "research_use_only": True,
        }

    def _noise_content(self) -> dict[str, Any] | None:
        if self.region is None or self.after is None:
            return None
        region, after = self.region, self.after
        return {
            "section": region.section,
            "rows": [region.rows.start, region.rows.stop],
            "columns": [region.columns.start, region.columns.stop],
            "before_hu": region.noise_hu,
            "after_hu": after.noise_hu,
            "change_percent": self.noise_change,
            "mean_before_hu": region.mean_hu,
            "mean_after_hu": after.mean_hu,
        }


def _left_out(file: LeftOut) -> dict[str, str]:
    return {"path": str(file.path), "reason": file.reason}


def _place(region: UniformRegion) -> str:
    """Where a region lies, counted from 1."""
    rows = f"rows {region.rows.start + 1}–{region.rows.stop}"
    return f"section {region.section + 1}, {rows}, columns {region.columns.start + 1}–{region.columns.stop}"


def _signed(value: float | None, digits: int, plus: str = "+") -> str:
    """A number with a true minus sign; zero has none."""
    rounded = round(value or 0.0, digits)
    sign = "−" if rounded < 0 else plus if rounded > 0 else ""
    return f"{sign}{abs(rounded):.{digits}f}"


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")

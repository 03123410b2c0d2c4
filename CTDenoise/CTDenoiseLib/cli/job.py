"""One run: read, denoise, measure, write, report. Output appears at the end, all of it or none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from ..inference import Backend, Denoiser, match_notes
from ..measure.uniform_region import UniformRegion, find_uniform_region
from ..models import ModelCard, ModelStore
from ..report import ReportContent, SectionPair, choose_detailed_section, write_report
from ..volume import Volume
from .measurements import Measurements
from .outputs import OutputFiles, Written, outputs_in_the_making
from .progress import RunProgress
from .request import RunRequest
from .source import find_source
from .summary import RunSummary


def denoise_files(request: RunRequest, progress: RunProgress) -> RunSummary:
    """Do what was asked for.

    Raises:
        CTDenoiseError: Something is wrong with paths, input, model or device; nothing was written.
    """
    start = time.perf_counter()
    store = ModelStore.default()
    name = request.model or store.default_model
    store.card(name)
    with outputs_in_the_making(request) as places:
        progress.step("Searching")
        source = find_source(request)
        progress.step("Loading the model")
        denoiser = Denoiser(store.load(name), Backend.choose(request.backend, request.precision))
        progress.step("Reading")
        volume = source.read()
        progress.step("Measuring")
        region = find_uniform_region(volume)
        shown = None if places.report is None else _SectionsToShow.choose(volume, region)
        measurements = Measurements(volume, region, keep=() if shown is None else (shown.uniform, shown.detailed))

        progress.step("Denoising", total=volume.shape[0])
        sections = denoiser.sections(volume, strength=request.strength, on_progress=progress.advance)
        written = OutputFiles(request, source, volume, denoiser, places).write(sections, measurements)
        summary = RunSummary(
            request=request,
            source=source,
            label=source.label(volume),
            card=denoiser.card,
            backend=denoiser.backend,
            statistics=sections.statistics,
            seconds=time.perf_counter() - start,
            voxels=volume.hu.size,
            region=region,
            after=measurements.after,
            edges=measurements.edges.result(),
            mean_shift=measurements.mean_shift,
            series_uid=written.series_uid,
            clipped_voxels=written.clipped_voxels,
            notes=tuple(_notes(denoiser.card, volume, region, written)) + sections.statistics.notes,
        )
        if shown is not None and places.report is not None:
            progress.step("Drawing the report")
            write_report(shown.report(summary, volume, measurements), places.report)
        return summary


def _notes(card: ModelCard, volume: Volume, region: UniformRegion | None, written: Written) -> Iterator[str]:
    """What to know before trusting the result."""
    yield from match_notes(card, volume)
    if volume.shape[0] < 2 * card.context + 1:
        yield (
            f"The model looks at {2 * card.context + 1} sections and there are {volume.shape[0]}; the outer ones were "
            "repeated."
        )
    if region is None:
        yield "No uniform region was found; noise was not measured."
    else:
        low, high = card.made_for.noise_hu
        if not low <= region.noise_hu <= high:
            noise = f"{region.noise_hu:.1f} HU"
            yield f"The noise of {noise} is outside what the model was made for ({low:g} to {high:g} HU)."
    if written.clipped_voxels:
        yield f"{written.clipped_voxels} voxels did not fit into 16 bits and were set to the nearest value that does."


@dataclass(frozen=True)
class _SectionsToShow:
    """The sections for the report: one with a uniform region, and the one with the finest detail."""

    uniform: int
    detailed: int

    @classmethod
    def choose(cls, volume: Volume, region: UniformRegion | None) -> _SectionsToShow:
        _, y, x = volume.geometry.spacing
        uniform = volume.shape[0] // 2 if region is None else region.section
        return cls(uniform, choose_detailed_section(volume.hu, (y, x)))

    def report(self, summary: RunSummary, volume: Volume, measurements: Measurements) -> ReportContent:
        uniform, detailed = (
            SectionPair(index, volume.hu[index], measurements.kept[index]) for index in (self.uniform, self.detailed)
        )
        _, y, x = volume.geometry.spacing
        return ReportContent(
            source=summary.label,
            spacing=(y, x),
            uniform=uniform,
            detailed=detailed,
            region=summary.region,
            facts=summary.facts(),
            notes=summary.notes,
        )

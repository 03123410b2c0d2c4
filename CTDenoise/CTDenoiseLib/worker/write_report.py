"""Job: write the one-page report on a result, from a sample of its sections."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..measure.effect import Effect, EffectMeter
from ..measure.sampling import SampledVolume, evenly_spread
from ..measure.uniform_region import find_uniform_region
from ..report import ReportContent, SectionsToShow, check_report_path, table_of_facts
from ..report import write_report as write_page
from ..volume import Geometry
from .export_messages import ReportWritten, WriteReport
from .job_desk import JobDesk
from .section_file import SectionFile


def run(request: WriteReport, desk: JobDesk) -> ReportWritten:
    """Write the report, whole or not at all.

    Raises:
        ReportError: Neither PNG nor PDF.
        OutputExistsError: The file exists and may not be replaced.
        WriteFailedError: The disk is full or the place not writable.
        Cancelled: The client has asked to end the job.
    """
    path = Path(request.path)
    check_report_path(path)
    before, after = (_WatchedVolume(request, file, desk) for file in (request.before, request.after))
    effect = _measure(before, after, desk)
    shown = SectionsToShow.choose(before, effect.region)
    uniform, detailed = shown.pairs(before, after.section)
    content = ReportContent(
        source=request.source,
        spacing=request.spacing[1:],
        uniform=uniform,
        detailed=detailed,
        region=effect.region,
        facts=table_of_facts(request.derivation, device=request.device, effect=effect),
        notes=request.notes,
    )
    write_page(content, path, overwrite=request.overwrite)
    return ReportWritten(desk.job)


class _WatchedVolume(SampledVolume):
    """Looks whether the job is cancelled before each section, whoever asks for it."""

    def __init__(self, request: WriteReport, file: str, desk: JobDesk) -> None:
        super().__init__(
            SectionFile(file).sections,
            request.sections,
            sections_in_all=request.sections_in_all,
            geometry=Geometry(spacing=request.spacing),
            padding_hu=request.padding_hu,
        )
        self._desk = desk

    def section(self, index: int) -> NDArray[np.float32]:
        self._desk.check_cancelled()
        return super().section(index)


def _measure(before: SampledVolume, after: SampledVolume, desk: JobDesk) -> Effect:
    sections = before.shape[0]
    meter = EffectMeter(find_uniform_region(before), sections=sections)
    looked_at = evenly_spread(sections)
    for done, index in enumerate(looked_at, start=1):
        meter.add(index, before.section(index), after.section(index))
        desk.progress(done, len(looked_at))
    return meter.result()

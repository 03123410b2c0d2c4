"""Job: write the one-page report on a result, from a sample of its sections."""

from __future__ import annotations

from pathlib import Path

from ..report.compose import Subject, compose_report
from ..report.facts import provenance
from ..report.page import write_report as write_page
from ..report.path import check_report_path
from .export_messages import ReportWritten, WriteReport
from .job_desk import JobDesk
from .sample import WatchedVolume


def run(request: WriteReport, desk: JobDesk) -> ReportWritten:
    """Write the report, whole or not at all.

    Raises:
        ReportError: Neither PNG nor PDF.
        OutputExistsError: The file exists and may not be replaced.
        WriteFailedError: The disk is full or the place not writable.
        SectionFileError: A file of sections is missing or not what it should be.
        Cancelled: The client has asked to end the job.
    """
    path = Path(request.path)
    check_report_path(path)
    before, after = (WatchedVolume(sample, desk) for sample in (request.pair.before, request.pair.after))
    facts = provenance(request.derivation, device=request.device)
    subject = Subject(source=request.source, facts=facts, notes=request.notes)
    content = compose_report(before, after, subject, drawn=request.drawn, on_progress=desk.progress)
    desk.check_cancelled()
    write_page(content, path, overwrite=request.overwrite)
    return ReportWritten(desk.job)

"""Job: audit a result from a sample of its sections."""

from __future__ import annotations

from ..measure.audit.residual_audit import audit_volumes
from .job_desk import JobDesk
from .measure_messages import Audited, AuditResult
from .sample import WatchedVolume


def run(request: AuditResult, desk: JobDesk) -> Audited:
    """Audit the result.

    Raises:
        SectionFileError: A file is missing or not what it should be.
        DifferentGridError: Input and result have different numbers of voxels.
        Cancelled: The client has asked to end the job.
    """
    before, after = (WatchedVolume(sample, desk) for sample in (request.pair.before, request.pair.after))
    audit = audit_volumes(before, after, sections=request.looked_at, on_progress=desk.progress)
    return Audited.of(desk.job, audit)

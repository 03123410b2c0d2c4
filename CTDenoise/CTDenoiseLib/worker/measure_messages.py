"""Jobs that measure a result or a model: the residual audit, and the retention of small vessels.

The client copies the sections that are needed into files first, as it does to save a result, and deletes them when the
job has ended.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..measure.audit.audit_verdict import AuditFigure, AuditLevel
from ..measure.audit.residual_audit import Audit
from ..measure.small_vessels.retention import RetainedContrast
from .message_base import JobDone, JobRequest, Message, ModelJobRequest
from .sample import Sample, SampledPair


@dataclass(frozen=True, kw_only=True)
class AuditResult(JobRequest):
    """Asks whether it was noise that was taken away; answered by `Audited`.

    Attributes:
        pair: Sections of input and result, those to look at and those beside them.
        looked_at: Indices of the sections to look at.
    """

    pair: SampledPair
    looked_at: tuple[int, ...]


@dataclass(frozen=True)
class AuditedFigure:
    """One figure of the audit, as in `AuditFigure`."""

    key: str
    name: str
    value: float | None
    unit: str
    error: float | None
    pure_noise: tuple[float, float] | None
    level: Literal["green", "amber", "red"] | None
    sentence: str

    @classmethod
    def of(cls, figure: AuditFigure) -> AuditedFigure:
        """The figure without numbers that a message cannot hold."""
        noise = figure.pure_noise
        return cls(
            figure.key,
            figure.name,
            _finite(figure.value),
            figure.unit,
            _finite(figure.error),
            noise if noise is not None and all(map(math.isfinite, noise)) else None,
            None if figure.level is None else figure.level.value,
            figure.sentence,
        )

    def figure(self) -> AuditFigure:
        """The figure for the program."""
        level = None if self.level is None else AuditLevel(self.level)
        return AuditFigure(
            self.key, self.name, self.value, self.unit, self.error, self.pure_noise, level, self.sentence
        )


@dataclass(frozen=True)
class Audited(JobDone):
    """The audit is done.

    Attributes:
        figures: Each with its level.
        sections: How many sections were looked at.
        worst_section: Index of the one whose residual follows the edges most, if there are edges.
    """

    figures: tuple[AuditedFigure, ...]
    sections: int
    worst_section: int | None

    @classmethod
    def of(cls, job: int, audit: Audit) -> Audited:
        """The answer of a job."""
        return cls(job, tuple(map(AuditedFigure.of, audit.figures)), audit.sections, audit.worst_section)

    def audit(self) -> Audit:
        """The audit, without its spectra."""
        figures = tuple(each.figure() for each in self.figures)
        return Audit(figures, None, self.sections, self.worst_section)


@dataclass(frozen=True, kw_only=True)
class MeasureRetention(ModelJobRequest):
    """Asks how much of small vessels the loaded model leaves in one section; answered by `RetentionMeasured`.

    Attributes:
        sample: Sections of the input: that one, and as many beside it as the model looks at.
        section: Index of the one to insert vessels into.
        strength: Share of the predicted noise that is subtracted, 0 to 1.
    """

    sample: Sample
    section: int
    strength: float


@dataclass(frozen=True)
class RetentionMeasured(JobDone):
    """What is left of vessels, as in `RetentionMap`.

    Attributes:
        cells: One for each kind of vessel, by diameter and then contrast.
        section: Index of the section into which they were inserted.
        blur_mm: Standard deviation in mm of the resolution with which they were painted.
        noise_hu: Noise level of the section; `None` if it could not be measured.
    """

    cells: tuple[RetainedContrast, ...]
    section: int
    blur_mm: float
    noise_hu: float | None


MEASURE_MESSAGES: tuple[type[Message], ...] = (AuditResult, Audited, MeasureRetention, RetentionMeasured)


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value

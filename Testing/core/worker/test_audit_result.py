"""The residual audit as a job of the worker."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.measure.audit.audit_verdict import AuditFigure, AuditLevel
from CTDenoiseLib.measure.audit.residual_audit import Audit, audit_volumes
from CTDenoiseLib.measure.errors import DifferentGridError
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.worker import audit_result
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.measure_messages import Audited, AuditResult
from CTDenoiseLib.worker.messages import JobProgress, decode, encode
from CTDenoiseLib.worker.sample import Sample, SampledPair
from support.ct_series import anatomy
from support.export_jobs import HeardDesk, lay_down

SECTIONS, SPACING = 12, (1.0, 0.8, 0.8)
SAMPLED, LOOKED_AT = (3, 4, 5, 6, 7), (4, 6)


@pytest.fixture(scope="module")
def before():
    return anatomy((SECTIONS, 96, 96)).astype(np.int16)


@pytest.fixture
def ask(before, tmp_path):
    def request(after, **changes):
        samples = [
            Sample(
                file=lay_down(tmp_path, hu[list(SAMPLED)], Geometry()).file,
                sections=SAMPLED,
                sections_in_all=SECTIONS,
                spacing=SPACING,
                padding_hu=None,
            )
            for hu in (before, after)
        ]
        return AuditResult(pair=SampledPair(before=samples[0], after=samples[1]), looked_at=LOOKED_AT, **changes)

    return request


@pytest.fixture
def blurred(before):
    return gaussian_filter(before.astype(np.float32), (0, 1.5, 1.5))


def test_it_finds_what_the_whole_volume_would_tell(ask, before, blurred):
    heard = HeardDesk()
    found = audit_result.run(ask(blurred), heard.desk).audit()
    whole = [Volume(hu.astype(np.float32), Geometry(spacing=SPACING)) for hu in (before, blurred)]
    expected = audit_volumes(*whole, sections=LOOKED_AT)
    assert found.figures == expected.figures
    assert found.level is expected.level is AuditLevel.RED
    assert found.reasons == expected.reasons
    assert (found.sections, found.worst_section) == (expected.sections, expected.worst_section)
    assert [news.done for news in heard.of(JobProgress)] == [1, 2]


def test_numbers_that_no_message_can_hold_are_left_out():
    figure = AuditFigure("mean", "Mean", math.nan, "HU", math.inf, (-math.inf, math.inf), AuditLevel.AMBER, "Why.")
    answer = Audited.of(3, Audit((figure,), None, 1, None))
    (arrived,) = decode(encode(answer)).audit().figures
    assert arrived == AuditFigure("mean", "Mean", None, "HU", None, None, AuditLevel.AMBER, "Why.")


def test_volumes_of_different_size_are_refused(ask, blurred):
    with pytest.raises(DifferentGridError):
        audit_result.run(ask(blurred[:, :50]), HeardDesk().desk)


@pytest.mark.parametrize("when", ["at once", "while it measures"])
def test_it_can_be_cancelled(ask, blurred, when):
    heard = HeardDesk()
    if when == "at once":
        heard.desk.cancel()
    else:
        heard.cancel_at(JobProgress)
    with pytest.raises(Cancelled):
        audit_result.run(ask(blurred), heard.desk)


def test_the_worker_does_it_without_a_model(own_bench, ask, blurred):
    answers = []
    job = own_bench.client.run(ask(blurred))
    job.done.connect(answers.append)
    assert own_bench.finish(job).state is JobState.DONE
    assert answers[0].audit().level is AuditLevel.RED

"""The one-page report, from a sample of sections."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.measure.noise.uniform_region import RegionStatistics
from CTDenoiseLib.measure.sampling import sampled_sections
from CTDenoiseLib.report.compose import Subject, compose_report
from CTDenoiseLib.report.figures import Drawn, RegionFigures
from CTDenoiseLib.report.path import ReportError
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.worker import write_report
from CTDenoiseLib.worker.export_messages import ReportWritten, WriteReport
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import JobProgress
from CTDenoiseLib.worker.sample import Sample, SampledPair
from support.ct_series import anatomy
from support.export_jobs import DERIVATION, HeardDesk, lay_down

SECTIONS, SPACING = 60, (1.0, 0.8, 0.8)


@pytest.fixture(scope="module")
def before():
    return anatomy((SECTIONS, 96, 96)).astype(np.int16)


@pytest.fixture(scope="module")
def after(before):
    return ((before.astype(np.float32) + anatomy((SECTIONS, 96, 96), noise_hu=0.0)) / 2).astype(np.int16)


@pytest.fixture
def ask(before, after, tmp_path):
    sections = sampled_sections(SECTIONS)
    files = [lay_down(tmp_path / "maps", values[list(sections)], Geometry()).file for values in (before, after)]

    samples = [
        Sample(file=file, sections=sections, sections_in_all=SECTIONS, spacing=SPACING, padding_hu=None)
        for file in files
    ]

    def request(name="report.png", **changes) -> WriteReport:
        fields = {
            "pair": SampledPair(before=samples[0], after=samples[1]),
            "source": "CT, kernel Qr89",
            "derivation": DERIVATION,
            "device": "cpu",
            "notes": ("The kernel Qr89 is sharper than any the model was made for.",),
            "path": str(tmp_path / name),
        }
        return WriteReport(**(fields | changes))

    return request


@pytest.fixture
def shown(monkeypatch):
    """What would be drawn."""
    contents = []
    monkeypatch.setattr(write_report, "write_page", lambda content, path, **_: contents.append(content))
    return contents


def test_it_shows_what_the_whole_volume_would(ask, shown, before, after):
    write_report.run(ask(), HeardDesk().desk)
    (content,) = shown
    whole = [Volume(hu.astype(np.float32), Geometry(spacing=SPACING)) for hu in (before, after)]
    expected = compose_report(*whole, Subject(source="", facts=()))
    assert content.regions == expected.regions
    assert content.line == expected.line
    assert content.audit.figures == expected.audit.figures
    assert content.overview.index == expected.overview.index
    np.testing.assert_array_equal(content.overview.output_hu, after[expected.overview.index])
    assert content.spacing == SPACING[1:]


def test_facts_and_notes_are_those_of_the_request(ask, shown):
    write_report.run(ask(), HeardDesk().desk)
    facts = dict(shown[0].facts)
    assert facts["Model"] == "tiny 1.0"
    assert facts["Weights"] == "SHA256 " + "0123456789abcdef" * 4
    assert facts["Strength"] == "70 %"
    assert facts["Device"] == "a test (cpu)"
    assert "Time" not in facts
    assert shown[0].source == "CT, kernel Qr89"
    assert len(shown[0].notes) == 1


def test_what_the_user_drew_is_shown(ask, shown):
    drawn = Drawn(
        regions=(
            RegionFigures(
                name="Liver",
                section=4,
                spans=((40, 40, 50),),
                before=RegionStatistics(40.0, 20.0),
                after=RegionStatistics(40.0, 10.0),
            ),
        )
    )
    write_report.run(ask(drawn=drawn), HeardDesk().desk)
    assert shown[0].regions == drawn.regions


@pytest.mark.parametrize(("name", "start"), [("report.png", b"\x89PNG"), ("report.pdf", b"%PDF")])
def test_it_is_drawn_as_png_or_pdf(ask, tmp_path, name, start):
    heard = HeardDesk()
    assert write_report.run(ask(name), heard.desk) == ReportWritten(7)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert heard.of(JobProgress)[-1].done == heard.of(JobProgress)[-1].total == 20


def test_other_names_are_refused_before_any_work(ask):
    with pytest.raises(ReportError, match="PNG or PDF"):
        write_report.run(ask("report.jpg", pair=None), HeardDesk().desk)


def test_nothing_is_replaced_unasked(ask, tmp_path):
    (tmp_path / "report.png").write_text("mine")
    with pytest.raises(OutputExistsError):
        write_report.run(ask(), HeardDesk().desk)
    assert (tmp_path / "report.png").read_text() == "mine"
    write_report.run(ask(overwrite=True), HeardDesk().desk)
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("when", ["at once", "while it measures"])
def test_a_cancelled_job_leaves_nothing(ask, tmp_path, when):
    heard = HeardDesk()
    if when == "at once":
        heard.desk.cancel()
    else:
        heard.cancel_at(JobProgress)
    with pytest.raises(Cancelled):
        write_report.run(ask(), heard.desk)
    assert [entry.name for entry in tmp_path.iterdir()] == ["maps"]


def test_the_worker_draws_it(own_bench, ask, tmp_path):
    job = own_bench.finish(own_bench.client.run(ask()))
    assert job.state is JobState.DONE
    assert (tmp_path / "report.png").exists()

"""What a report shows: chosen and measured from a sample of sections, or drawn by the user."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.measure.audit.audit_verdict import AuditLevel
from CTDenoiseLib.measure.audit.residual_audit import audit_volumes
from CTDenoiseLib.measure.errors import DifferentGridError
from CTDenoiseLib.measure.measured import Measured
from CTDenoiseLib.measure.noise.uniform_region import RegionStatistics
from CTDenoiseLib.measure.sampling import SampledVolume, evenly_spread, sampled_sections
from CTDenoiseLib.report.choose_regions import uniform_regions
from CTDenoiseLib.report.compose import Subject, compose_report
from CTDenoiseLib.report.figures import Drawn, LineFigures, RegionFigures
from CTDenoiseLib.volume import Geometry, Volume
from support.ct_series import anatomy

SUBJECT = Subject(source="a phantom", facts=())
REGION = RegionFigures(
    name="Liver",
    section=2,
    spans=((100, 60, 70), (101, 60, 70)),
    before=RegionStatistics(50.0, 30.0),
    after=RegionStatistics(50.5, 6.0),
)
LINE = LineFigures(
    section=1,
    path=((10.0, 20.0), (30.0, 20.0)),
    width_mm=0.0,
    distance=(0.0, 0.5, 1.0),
    before=(1.0, None, 3.0),
    after=(1.0, 2.0, 3.0),
)


def test_the_audit_is_that_of_the_volumes(content, noisy, denoised):
    expected = audit_volumes(noisy, denoised)
    assert content.audit.level is expected.level is AuditLevel.GREEN
    assert content.audit.figures == expected.figures


def test_uniform_places_show_the_noise_before_and_after(content, noisy, denoised):
    assert len(content.regions) == 5
    for region in content.regions:
        rows, first, stop = np.array(region.spans).T
        square = slice(rows.min(), rows.max() + 1), slice(first.min(), stop.max())
        assert region.before.mean_hu == pytest.approx(noisy.hu[region.section][square].mean(), abs=0.01)
        assert region.after.noise_hu == pytest.approx(denoised.hu[region.section][square].std(ddof=1), rel=1e-4)
        assert region.noise_change == pytest.approx(-80, abs=1)


def test_the_line_crosses_an_edge_that_can_be_measured_in_both(content):
    before, after = content.line.features()
    assert isinstance(before.edge_distance, Measured)
    assert isinstance(after.edge_distance, Measured)
    assert before.edge_distance.value == pytest.approx(after.edge_distance.value, rel=0.2)


def test_the_line_lies_in_the_part_that_is_enlarged(content):
    assert content.line.section == content.detailed.index
    for row, column in content.line.path:
        assert content.fine.rows.start <= row < content.fine.rows.stop
        assert content.fine.columns.start <= column < content.fine.columns.stop


def test_the_overview_shows_the_first_uniform_place_and_its_surroundings_enlarged(content, noisy):
    first = content.regions[0]
    assert content.overview.index == first.section
    np.testing.assert_array_equal(content.overview.input_hu, noisy.hu[first.section])
    y, x = first.centre
    assert content.flat.rows.start < y < content.flat.rows.stop
    assert content.flat.columns.start < x < content.flat.columns.stop


def test_a_sample_of_sections_gives_the_report_of_the_whole_volume():
    before = anatomy((120, 96, 96), noise_hu=20.0)
    after = (before + anatomy((120, 96, 96), noise_hu=0.0)) / 2
    geometry = Geometry(spacing=(1.0, 0.8, 0.8))
    sections = sampled_sections(120)
    sampled = [
        SampledVolume(hu[list(kept)], kept, sections_in_all=120, geometry=geometry)
        for hu, kept in ((before, sections), (after, tuple(evenly_spread(120))))
    ]
    of_sample = compose_report(*sampled, SUBJECT)
    of_all = compose_report(Volume(before, geometry), Volume(after, geometry), SUBJECT)
    assert of_sample.regions == of_all.regions
    assert of_sample.line == of_all.line
    assert of_sample.audit.figures == of_all.audit.figures
    assert of_sample.overview.index == of_all.overview.index


def test_what_the_user_drew_takes_the_place_of_what_would_be_found(noisy, denoised):
    content = compose_report(noisy, denoised, SUBJECT, drawn=Drawn(regions=(REGION,), line=LINE))
    assert content.regions == (REGION,)
    assert content.line is LINE
    assert content.overview.index == LINE.section


def test_a_region_is_shown_in_its_own_section(noisy, denoised):
    content = compose_report(noisy, denoised, SUBJECT, drawn=Drawn(regions=(REGION,)))
    assert content.overview.index == REGION.section
    assert content.flat.rows.start <= 100 < content.flat.rows.stop
    assert content.line is not None


def test_a_volume_without_anything_uniform_is_reported_all_the_same(rng):
    air = (5 * rng.standard_normal((3, 40, 40)) - 1000).astype(np.float32)
    content = compose_report(Volume(air), Volume(air + 1), SUBJECT)
    assert content.regions == ()
    assert content.overview.index == 1


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 40), (2, 9, 3)])
def test_any_size_can_be_reported(shape):
    volume = Volume(np.full(shape, 40.0, np.float32))
    content = compose_report(volume, volume, SUBJECT)
    assert content.overview.input_hu.shape == shape[1:]


def test_no_place_lies_in_padding(noisy, denoised):
    hu = noisy.hu.copy()
    hu[:, :140] = 0.0
    padded = Volume(hu, noisy.geometry, padding=np.zeros((3, 2), np.float32))
    regions = uniform_regions(padded, denoised)
    assert regions
    assert all(min(row for row, _, _ in region.spans) >= 140 for region in regions)


def test_volumes_of_different_size_are_refused(noisy):
    with pytest.raises(DifferentGridError):
        compose_report(noisy, Volume(noisy.hu[:2]), SUBJECT)

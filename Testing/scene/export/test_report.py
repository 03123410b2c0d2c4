"""The one-page report on a result."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason
from CTDenoiseLib.measure.profiles.profile import ProfileSettings
from CTDenoiseLib.measure.sampling import sampled_sections
from CTDenoiseScene.export import SaveReport
from CTDenoiseScene.match_gate import store_verdict
from CTDenoiseScene.profile_line import LINE, make_line, mark
from CTDenoiseScene.roi_nodes import new_roi, place_box
from CTDenoiseScene.roi_shapes import RoiShape
from CTDenoiseScene.voxels import voxels_of
from support.denoised_volume import add_result, ijk_to_ras, input_of


@pytest.fixture
def asked(exporter, monkeypatch):
    """What the worker is asked for, before it is."""
    requests = []
    run = exporter.bench.client.run

    def see(request):
        requests.append(request)
        see.files = [np.load(file) for file in (request.pair.before.file, request.pair.after.file)]
        return run(request)

    monkeypatch.setattr(exporter.bench.client, "run", see)
    return lambda: (requests[0], *see.files)


def test_the_page_is_drawn(output, exporter, tmp_path):
    assert exporter.save(output, SaveReport(path=tmp_path / "report.png")).failure == ""
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_it_tells_what_is_known_of_the_result_and_names_nobody(output, exporter, asked, tmp_path):
    store_verdict(output, MatchVerdict((Reason(MatchLevel.AMBER, "kernel", "The kernel is unknown."),)))
    exporter.save(output, SaveReport(path=tmp_path / "report.png"))
    request, before, after = asked()
    assert request.notes == ("The kernel is unknown.",)
    assert request.pair.before.padding_hu == (-2000, -2000)
    assert request.pair.before.spacing == (1.0, 0.5, 0.5)
    assert "kernel Qr89" in request.source
    assert "Synthetic" not in request.source
    assert (request.derivation.strength, request.derivation.model, request.device) == (0.7, "tiny", "cpu")
    np.testing.assert_array_equal(after, voxels_of(output))
    np.testing.assert_array_equal(before, voxels_of(input_of(output)))


def test_of_a_long_series_a_sample_is_copied(slicer_scene, exporter, asked, rng, tmp_path):
    voxels = rng.integers(0, 99, (400, 40, 40)).astype(np.int16)
    output = add_result(slicer_scene, slicer_scene.add_volume(voxels))
    assert exporter.save(output, SaveReport(path=tmp_path / "report.png")).failure == ""
    request, before, after = asked()
    assert len(request.pair.before.sections) == len(before) <= 72
    assert request.pair.before.sections_in_all == 400
    np.testing.assert_array_equal(before, voxels[list(request.pair.before.sections)])
    np.testing.assert_array_equal(after, voxels_of(output)[list(request.pair.before.sections)])


def test_a_name_that_is_no_page_is_refused(output, exporter, nothing_is_left, tmp_path):
    session = exporter.save(output, SaveReport(path=tmp_path / "report.jpg"))
    assert "PNG or PDF" in session.failure
    assert nothing_is_left()


@pytest.fixture
def drawn(slicer_scene, output):
    """A ROI in the fifth section, and a line in the third."""
    roi = new_roi(slicer_scene.scene, RoiShape.BOX)
    place_box(roi, _world(output, (4, 20, 15)), (5.0, 5.0, 0.5))
    line = make_line(slicer_scene.scene, LINE)
    mark(line, ProfileSettings(width_mm=1.0))
    for column in (8, 30):
        line.AddControlPoint(_world(output, (2, 24, column)))
    return roi, line


def _world(node, index):
    """RAS of a voxel (z, y, x)."""
    return ijk_to_ras(node) @ [*index[::-1], 1.0] @ np.eye(4)[:, :3]


def test_what_the_user_drew_is_reported(output, drawn, exporter, asked, tmp_path):
    exporter.save(output, SaveReport(path=tmp_path / "report.png"))
    request, before, after = asked()
    (region,) = request.drawn.regions
    assert (region.name, region.section) == ("ROI 1", 4)
    pixels = np.zeros(before.shape[1:], bool)
    for row, first, stop in region.spans:
        pixels[row, first:stop] = True
    assert pixels[20, 15]
    assert region.before.mean_hu == pytest.approx(before[4][pixels].mean())
    assert region.after.noise_hu == pytest.approx(after[4][pixels].std(ddof=1))
    line = request.drawn.line
    assert (line.section, line.width_mm) == (2, 1.0)
    np.testing.assert_allclose(line.path, [(24, 8), (24, 30)], atol=1e-6)
    assert line.distance[-1] == pytest.approx(11.0)
    assert len(line.before) == len(line.after) == len(line.distance)
    assert request.drawn.section == 2


def test_a_section_that_was_drawn_in_is_part_of_the_sample(slicer_scene, exporter, asked, rng, tmp_path):
    voxels = rng.integers(0, 99, (400, 40, 40)).astype(np.int16)
    output = add_result(slicer_scene, slicer_scene.add_volume(voxels))
    section = next(index for index in range(400) if index not in sampled_sections(400))
    place_box(new_roi(slicer_scene.scene, RoiShape.BOX), _world(output, (section, 20, 20)), (9.0, 9.0, 0.5))
    assert exporter.save(output, SaveReport(path=tmp_path / "report.png")).failure == ""
    assert section in asked()[0].pair.before.sections


def test_what_cannot_be_measured_is_a_note(output, drawn, exporter, asked, tmp_path):
    place_box(drawn[0], (900.0, 0.0, 0.0), (5.0, 5.0, 5.0))
    assert exporter.save(output, SaveReport(path=tmp_path / "report.png")).failure == ""
    request, *_ = asked()
    assert request.drawn.regions == ()
    assert request.notes == ("ROI 1: The region lies outside the image; move it inside.",)

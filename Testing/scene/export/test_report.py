"""The one-page report on a result."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.matching import MatchLevel, MatchVerdict, Reason
from CTDenoiseScene.export import SaveReport
from CTDenoiseScene.match_gate import store_verdict
from CTDenoiseScene.voxels import voxels_of
from support.denoised_volume import add_result, input_of


@pytest.fixture
def asked(exporter, monkeypatch):
    """What the worker is asked for, before it is."""
    requests = []
    run = exporter.bench.client.run

    def see(request):
        requests.append(request)
        see.files = [np.load(file) for file in (request.before, request.after)]
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
    assert request.padding_hu == (-2000, -2000)
    assert request.spacing == (1.0, 0.5, 0.5)
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
    assert len(request.sections) == len(before) <= 72
    assert request.sections_in_all == 400
    np.testing.assert_array_equal(before, voxels[list(request.sections)])
    np.testing.assert_array_equal(after, voxels_of(output)[list(request.sections)])


def test_a_name_that_is_no_page_is_refused(output, exporter, nothing_is_left, tmp_path):
    session = exporter.save(output, SaveReport(path=tmp_path / "report.jpg"))
    assert "PNG or PDF" in session.failure
    assert nothing_is_left()

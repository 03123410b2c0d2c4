"""An export while it runs: small steps, progress, cancelling, and whatever happens to scene and worker meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseScene.export import JobSessionState, SaveSeries, SaveVolume
from CTDenoiseScene.strength import StrengthControl
from CTDenoiseScene.voxels import voxels_of
from support.denoised_volume import Exporter, add_result
from support.worker_bench import WorkerBench


@pytest.fixture
def target(tmp_path):
    return SaveSeries(folder=tmp_path / "out")


@pytest.fixture
def session(output, exporter, target):
    """An export that has begun."""
    return exporter.start(output, target)


def test_a_step_is_one_section_or_one_file_name(session, exporter):
    calls = 0
    while session.work(0.0):
        calls += 1
    assert calls == 9 + 9
    assert session.state is JobSessionState.WORKING
    exporter.finish(session)
    assert not session.work(0.0)


def test_progress_grows_to_the_end(session, exporter):
    seen, states = [], []
    session.progress.connect(seen.append)
    session.state_changed.connect(states.append)
    while session.work(0.0):
        pass
    exporter.finish(session)
    assert seen == sorted(seen)
    assert len(seen) > 2 * 9
    assert seen[-1] == pytest.approx(1.0)
    assert states == [JobSessionState.WORKING, JobSessionState.DONE]


def test_no_copy_of_the_volume_is_made_in_memory(slicer_scene, exporter, tmp_path):
    output = add_result(slicer_scene, slicer_scene.add_volume(np.zeros((60, 128, 128), np.int16)))
    session = exporter.start(output, SaveVolume(path=tmp_path / "out.mha"))
    tracemalloc.start()
    try:
        exporter.prepare(session)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert exporter.finish(session).state is JobSessionState.DONE
    assert peak < voxels_of(output).nbytes / 5


@pytest.mark.parametrize("change", ["strength", "voxels"])
def test_a_result_that_changes_meanwhile_is_not_saved_half_and_half(session, output, nothing_is_left, change):
    for _ in range(12):
        session.work(0.0)
    if change == "strength":
        StrengthControl(output).apply(0.1)
    else:
        voxels_of(output)[0] = 0
        output.GetImageData().Modified()
    while session.work(0.0):
        pass
    assert session.state is JobSessionState.FAILED
    assert "changed while it was being saved" in session.failure
    assert nothing_is_left()


@pytest.mark.parametrize("steps", [0, 4, 12])
def test_cancelled_while_it_copies_it_leaves_nothing(session, nothing_is_left, steps):
    for _ in range(steps):
        session.work(0.0)
    session.cancel()
    assert session.state is JobSessionState.CANCELLED
    assert not session.work(0.0)
    assert nothing_is_left()


@pytest.fixture
def source(request, make_ct_series, tmp_path):
    """As for the other tests, or of as many small sections as a test asks for."""
    sections = getattr(request, "param", 9)
    return make_ct_series(tmp_path / "source", sections=sections, rows=32, columns=32, padding=-2000)


@pytest.mark.parametrize("source", [300], indirect=True)
def test_cancelled_while_the_worker_writes_it_leaves_nothing(session, exporter, nothing_is_left):
    exporter.prepare(session)
    seen = []
    session.progress.connect(seen.append)
    exporter.bench.wait_until(lambda: seen)
    session.cancel()
    assert session.state is JobSessionState.CANCELLING
    assert exporter.finish(session).state is JobSessionState.CANCELLED
    assert seen[-1] < 1
    assert nothing_is_left()


@pytest.mark.parametrize("source", [300], indirect=True)
def test_closed_while_the_worker_writes_it_says_no_more(session, exporter, tmp_path, target):
    exporter.prepare(session)
    progress, said = [], []
    session.progress.connect(progress.append)
    exporter.bench.wait_until(lambda: progress)
    session.close()
    assert session.state is JobSessionState.CANCELLED
    for heard in (session.state_changed, session.progress, session.failed, session.note):
        heard.connect(said.append)
    answered = []
    exporter.bench.client.list_devices(answered.append)
    exporter.bench.wait_until(lambda: answered)
    assert said == []
    assert not target.folder.exists()
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.fixture
def own(exporter, tmp_path_factory):
    """An exporter with a worker of its own."""
    bench = WorkerBench(tmp_path_factory.mktemp("own"))
    yield Exporter(bench, exporter.headers, exporter.folder)
    bench.close()


def test_a_worker_that_dies_is_told_in_a_sentence(output, own, target, nothing_is_left):
    session, said, answered = own.start(output, target), [], []
    session.failed.connect(said.append)
    own.bench.client.list_devices(answered.append)
    own.bench.wait_until(lambda: answered)
    os.kill(own.bench.process_id, getattr(signal, "SIGKILL", signal.SIGTERM))
    own.finish(session)
    assert session.state is JobSessionState.FAILED
    assert said == [session.failure]
    assert session.failure.startswith("The worker ")
    assert nothing_is_left()


def test_a_scene_closed_before_the_copying_ends_it(slicer_scene, session, exporter, nothing_is_left):
    slicer_scene.close()
    assert "removed from the scene" in exporter.finish(session).failure
    assert nothing_is_left()


def test_a_scene_closed_while_it_copies_does_no_harm(slicer_scene, session, output, exporter, target):
    expected = voxels_of(output).copy()
    for _ in range(12):
        session.work(0.0)
    slicer_scene.close()
    assert exporter.finish(session).failure == ""
    (series,) = find_series(target.folder).series
    np.testing.assert_array_equal(read_series(series).hu, expected)


def test_slicer_needs_no_further_package_to_offer_saving():
    """What is missing in Slicer until the user installs it must not be imported with the panel."""
    script = """
import sys
missing = "torch matplotlib pylibjpeg openjpeg jpeg_ls jsonschema platformdirs psutil safetensors"
sys.modules.update(dict.fromkeys(missing.split()))
import CTDenoiseScene.export
"""
    subprocess.run([sys.executable, "-c", script], check=True)

"""A result as a DICOM series: every voxel in its image, exactly, whole or not at all."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.uid import JPEGLSLossless

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.dicom.errors import NoSeriesError, SeriesChoiceError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.placement import PlacementError
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.errors import Cancelled
from CTDenoiseLib.worker.export_messages import SeriesWritten, WriteSeries
from CTDenoiseLib.worker.job import JobState
from CTDenoiseLib.worker.messages import JobProgress, Note
from CTDenoiseLib.worker.write_series import run
from support.dciodvfy import errors_between, errors_in
from support.export_jobs import DERIVATION, HeardDesk, lay_down, turned

TURNS = [axes for count in range(4) for axes in itertools.combinations(range(3), count)]


@pytest.fixture
def heard():
    return HeardDesk()


@pytest.fixture
def source(make_ct_series, tmp_path):
    return make_ct_series(tmp_path / "source", padding=-2000)


@pytest.fixture
def result(source, rng):
    """What a denoiser could have made of the source: whole HU, padding as it was."""
    volume = read_series(find_series(source).series[0])
    changed = volume.hu - rng.integers(-30, 30, volume.shape)
    return np.where(volume.hu == -2000, volume.hu, changed).astype(np.int16), volume.geometry


@pytest.fixture
def ask(source, result, tmp_path):
    """A request for the result of the source; keywords change it."""

    def request(*, values=None, geometry=None, step_hu=1.0, **changes) -> WriteSeries:
        voxels = lay_down(
            tmp_path / "maps",
            result[0] if values is None else values,
            result[1] if geometry is None else geometry,
            step_hu=step_hu,
        )
        fields = {
            "voxels": voxels,
            "source_files": tuple(map(str, source.iterdir())),
            "derivation": DERIVATION,
            "folder": str(tmp_path / "out"),
        }
        return WriteSeries(**(fields | changes))

    return request


@pytest.fixture
def write(ask, heard):
    """Has the job done; keywords change the request."""
    return lambda **changes: run(ask(**changes), heard.desk)


def read_back(folder):
    (series,) = find_series(folder).series
    return read_series(series)


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


@pytest.mark.parametrize("axes", TURNS)
def test_each_voxel_gets_into_its_image_whichever_way_the_volume_is_stored(write, result, tmp_path, axes):
    values, geometry = turned(*result, axes)
    done = write(values=values, geometry=geometry)
    back = read_back(tmp_path / "out")
    np.testing.assert_array_equal(back.hu, result[0])
    assert back.geometry == result[1]
    assert done == SeriesWritten(7, find_series(tmp_path / "out").series[0].uid, 9, 0)


@pytest.mark.parametrize("compression", ["none", "jpeg-ls", "jpeg2000"])
def test_any_compression_gives_the_same_values_and_valid_objects(write, result, source, program, compression):
    written = source.parent / "out"
    write(compression=compression)
    np.testing.assert_array_equal(read_back(written).hu, result[0])
    files = sorted(written.iterdir())
    assert set().union(*(errors_in(program("dciodvfy"), file) for file in files)) == set()
    assert errors_between(program("dcentvfy"), [*files, *source.iterdir()]) == set()


def test_padding_is_declared_and_its_voxels_are_as_they_were(write, source, tmp_path):
    write()
    before, after = read_back(source), read_back(tmp_path / "out")
    padded = before.hu == -2000
    assert padded.any()
    assert (after.hu[padded] == -2000).all()
    np.testing.assert_array_equal(after.padding, before.padding)


def test_the_pixels_of_the_source_are_not_looked_at(make_ct_series, write, result, tmp_path):
    folder = make_ct_series(tmp_path / "compressed", transfer_syntax=JPEGLSLossless, padding=-2000)
    for file in folder.iterdir():
        image = pydicom.dcmread(file)
        image.PixelData = image.PixelData[:40]
        image.save_as(file)
    write(source_files=tuple(map(str, folder.iterdir())))
    np.testing.assert_array_equal(read_back(tmp_path / "out").hu, result[0])


def test_a_residual_is_the_noise_times_its_step_in_tenths_of_a_hu(write, rng, tmp_path):
    noise = rng.integers(-400, 400, (9, 48, 40)).astype(np.int16)
    derivation = replace(DERIVATION, kind="residual")
    write(values=noise, step_hu=0.1 * 0.7, derivation=derivation)
    np.testing.assert_allclose(read_back(tmp_path / "out").hu, 0.07 * noise, atol=0.0501)


def test_floating_point_results_are_rounded_and_what_does_not_fit_is_said(write, result, heard, tmp_path):
    values = result[0].astype(np.float32) + np.float32(0.3)
    values[4, 20, 20] = 40000
    done = write(values=values)
    assert done.clipped == 1
    assert [note.text for note in heard.of(Note)] == [
        "1 of the values did not fit into 16 bits and became the nearest one that does."
    ]
    expected = result[0].copy()
    expected[4, 20, 20] = 32767
    np.testing.assert_array_equal(read_back(tmp_path / "out").hu, expected)


def test_the_header_says_how_it_came_about(write, tmp_path):
    write()
    image = pydicom.dcmread(tmp_path / "out" / "0001.dcm")
    assert "strength 70 %" in image.DerivationDescription
    assert image.ContributingEquipmentSequence[0].ContributionDescription.startswith(
        "Model tiny 1.0, weights SHA256 0123"
    )


def test_progress_counts_images(write, heard):
    write()
    assert [(one.done, one.total) for one in heard.of(JobProgress)] == [(done, 9) for done in range(1, 10)]


def moved(geometry, *, by):
    x, y, z = np.add(geometry.origin, by).tolist()
    return replace(geometry, origin=(x, y, z))


def rotated(geometry, *, degrees):
    turn = np.radians(degrees)
    z, _, _ = geometry.direction
    return replace(
        geometry,
        direction=(z, (-np.sin(turn), np.cos(turn), 0.0), (np.cos(turn), np.sin(turn), 0.0)),
    )


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda hu, geometry: (hu, moved(geometry, by=(0, 0, 0.4))), "Section 1 of the volume lies 0.40 mm off"),
        (lambda hu, geometry: (hu, moved(geometry, by=(0, 0.15, 0))), "Section 1 of the volume lies 0.15 mm off"),
        (lambda hu, geometry: (hu, moved(geometry, by=(0, 0, 200))), "moved, resampled or reformatted"),
        (lambda hu, geometry: (hu, rotated(geometry, degrees=1)), "moved, resampled or reformatted"),
        (lambda hu, geometry: (hu, replace(geometry, spacing=(1.1, 0.5, 0.5))), "Section 4 of the volume"),
        (lambda hu, geometry: (hu, replace(geometry, spacing=(1.0, 0.5, 0.51))), "moved, resampled or reformatted"),
        (lambda hu, geometry: (hu[:, 1:], geometry), "40×47 pixels a section and its DICOM images have 40×48"),
        (
            lambda hu, geometry: (np.repeat(hu, 2, axis=0)[:17], replace(geometry, spacing=(0.5, 0.5, 0.5))),
            "lies 0.50 mm off",
        ),
        (lambda hu, geometry: (hu.transpose(1, 0, 2)[:, :, :40], geometry), "pixels a section"),
    ],
)
def test_a_volume_that_is_not_as_it_was_loaded_is_refused_and_nothing_is_written(
    write, result, tmp_path, spoil, sentence
):
    values, geometry = spoil(*result)
    with pytest.raises(PlacementError, match=sentence):
        write(values=values, geometry=geometry)
    assert names_in(tmp_path) == ["maps", "source"]


def test_several_sections_for_one_image_are_refused(write, result):
    values, geometry = result
    with pytest.raises(PlacementError, match="several sections for one DICOM image"):
        write(values=values[:4], geometry=replace(geometry, spacing=(0.05, 0.5, 0.5)))


def test_some_images_of_a_series_are_enough_for_a_volume_of_them(write, result, tmp_path):
    values, geometry = result
    part = moved(geometry, by=(0, 0, 2.0))
    write(values=values[2:6], geometry=part)
    np.testing.assert_array_equal(read_back(tmp_path / "out").hu, values[2:6])


def test_a_file_that_is_gone_is_named(ask, source, heard, tmp_path):
    request = ask()
    gone = sorted(source.iterdir())[3]
    gone.unlink()
    with pytest.raises(NoSeriesError, match=f"{gone.name} is gone"):
        run(request, heard.desk)
    assert not (tmp_path / "out").exists()


def test_files_without_images_are_refused(write, tmp_path):
    (tmp_path / "text").write_text("no image")
    with pytest.raises(NoSeriesError, match="they hold no images"):
        write(source_files=(str(tmp_path / "text"),))


def test_files_of_two_series_are_refused(write, source, make_ct_series, tmp_path):
    other = make_ct_series(tmp_path / "other", series_number=2)
    with pytest.raises(SeriesChoiceError, match="read from 2 DICOM series"):
        write(source_files=tuple(map(str, [*source.iterdir(), *other.iterdir()])))


def test_nothing_is_replaced_unwriteed_and_older_results_only(write, source, tmp_path):
    write()
    first = find_series(tmp_path / "out").series[0].uid
    with pytest.raises(OutputExistsError, match="not empty"):
        write()
    assert find_series(tmp_path / "out").series[0].uid == first
    write(overwrite=True)
    assert find_series(tmp_path / "out").series[0].uid != first
    with pytest.raises(OutputExistsError, match="may not be overwritten"):
        write(folder=str(source), overwrite=True)


@pytest.mark.parametrize("when", ["at once", "after an image"])
def test_a_cancelled_job_leaves_nothing(ask, heard, tmp_path, when):
    request = ask()
    if when == "at once":
        heard.desk.cancel()
    else:
        heard.cancel_at(JobProgress)
    with pytest.raises(Cancelled):
        run(request, heard.desk)
    assert names_in(tmp_path) == ["maps", "source"]


def test_the_worker_writes_it_without_a_model(own_bench, ask, result, tmp_path):
    figures = []
    job = own_bench.client.run(ask())
    job.done.connect(figures.append)
    own_bench.finish(job)
    assert job.state is JobState.DONE, job.state
    assert figures[0].files == 9
    np.testing.assert_array_equal(read_back(tmp_path / "out").hu, result[0])


def test_a_worker_told_to_quit_in_the_middle_leaves_nothing(own_bench, ask, make_ct_series, tmp_path):
    many = make_ct_series(tmp_path / "many", sections=400)
    volume = read_back(many)
    job = own_bench.client.run(
        ask(
            values=volume.hu.astype(np.int16),
            geometry=volume.geometry,
            source_files=tuple(map(str, many.iterdir())),
            folder=str(tmp_path / "new" / "out"),
        )
    )
    progress = []
    job.progress.connect(progress.append)
    own_bench.wait_until(lambda: progress)
    assert (tmp_path / "new").exists()
    own_bench.client.quit()
    own_bench.wait_until(lambda: not own_bench.transports[-1].running)
    assert progress[-1].done < 400
    assert not (tmp_path / "new").exists()


def test_no_job_that_saves_needs_torch():
    modules = ", ".join(f"CTDenoiseLib.worker.write_{what}" for what in ("series", "volume", "report"))
    subprocess.run([sys.executable, "-c", f"import sys, {modules}; assert 'torch' not in sys.modules"], check=True)

"""A result as a DICOM series: what is written is what the output shows, to the last voxel."""

from __future__ import annotations

import itertools
import shutil

import numpy as np
import pydicom
import pytest
import vtk
from pydicom.uid import JPEGLSLossless

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseScene.denoise_session import DenoiseSession, DenoiseSettings, SessionState
from CTDenoiseScene.export import JobSessionState, SaveSeries
from CTDenoiseScene.strength import StrengthControl
from CTDenoiseScene.voxels import voxels_of
from support.dciodvfy import errors_between, errors_in
from support.denoised_volume import add_result, ijk_to_ras, input_of, noise_of
from support.header_files import HeaderFiles
from support.loaded_series import load_series


@pytest.fixture
def target(tmp_path):
    return SaveSeries(folder=tmp_path / "out")


@pytest.fixture
def moved():
    """A matrix that moves 25 mm to the right."""
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 25.0)
    return matrix


def read_back(folder):
    (series,) = find_series(folder).series
    return read_series(series)


@pytest.mark.parametrize("compression", ["none", "jpeg-ls"])
def test_it_holds_exactly_what_the_output_shows(output, exporter, source, tmp_path, compression):
    session = exporter.save(output, SaveSeries(folder=tmp_path / "out", compression=compression))
    assert (session.state, session.failure) == (JobSessionState.DONE, "")
    back = read_back(tmp_path / "out")
    np.testing.assert_array_equal(back.hu, voxels_of(output))
    assert back.geometry == read_back(source).geometry
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_run_is_saved_as_it_is_shown(slicer_scene, small_model, exporter, source, target):
    """From the network's noise to the files, with voxels in mapped files as in Slicer."""
    settings = DenoiseSettings(
        model_folder=small_model, model_name="tiny", device="cpu", precision="fp32", padding_hu=(-2000.0, -2000.0)
    )
    node = load_series(slicer_scene, source)
    run = DenoiseSession(slicer_scene.scene, exporter.bench.client, node, settings)
    run.start()
    exporter.bench.wait_until(lambda: not run.work(0.01) and run.state.ended)
    assert run.state is SessionState.DONE, run.failure
    assert exporter.save(run.results.output, target, settle=run.work).failure == ""
    back = read_back(target.folder)
    np.testing.assert_array_equal(back.hu, voxels_of(run.results.output))
    before = read_back(source).hu
    assert np.abs(back.hu - before)[before > -300].max() > 1
    np.testing.assert_array_equal(back.hu[before == -2000], -2000)
    run.close()


def test_padding_stays_padding(output, exporter, source, target):
    exporter.save(output, target)
    before, after = read_back(source), read_back(target.folder)
    assert (before.hu == -2000).any()
    np.testing.assert_array_equal(after.padding, before.padding)
    np.testing.assert_array_equal(after.hu == -2000, before.hu == -2000)


def test_its_headers_are_valid_and_say_how_it_came_about(output, exporter, program, source, target):
    exporter.save(output, target)
    files = sorted(target.folder.iterdir())
    said = pydicom.dcmread(files[0]).ContributingEquipmentSequence[0].ContributionDescription
    assert said == (
        f"Model tiny 1.0, weights SHA256 {'0123456789abcdef' * 4}, strength 70 %, 3 sections of context, "
        "device a test, precision fp32"
    )
    assert errors_in(program("dciodvfy"), files[0]) == set()
    assert errors_between(program("dcentvfy"), [*files, *source.iterdir()]) == set()


@pytest.mark.parametrize("axes", [axes for count in (1, 2, 3) for axes in itertools.combinations(range(3), count)])
def test_a_volume_stored_the_other_way_round_is_turned_back(slicer_scene, exporter, source, target, axes):
    node = load_series(slicer_scene, source)
    voxels, matrix = voxels_of(node), ijk_to_ras(node)
    for axis in axes:
        matrix[:, 3] += (voxels.shape[axis] - 1) * matrix[:, 2 - axis]
        matrix[:, 2 - axis] *= -1
    turned = slicer_scene.add_volume(np.flip(voxels, axes), ijk_to_ras=matrix)
    turned.SetAttribute("DICOM.instanceUIDs", node.GetAttribute("DICOM.instanceUIDs"))
    output = add_result(slicer_scene, turned)
    assert exporter.save(output, target).failure == ""
    np.testing.assert_array_equal(read_back(target.folder).hu, np.flip(voxels_of(output), axes))


def test_a_residual_holds_what_was_subtracted(output, exporter, tmp_path):
    exporter.save(output, SaveSeries(folder=tmp_path / "out", kind="residual"))
    residual = read_back(tmp_path / "out").hu
    np.testing.assert_allclose(residual, 0.07 * voxels_of(noise_of(output)), atol=0.0501)
    np.testing.assert_allclose(voxels_of(input_of(output)) - residual, voxels_of(output), atol=0.5501)


def test_a_residual_needs_the_noise(slicer_scene, output, exporter, nothing_is_left, tmp_path):
    slicer_scene.scene.RemoveNode(noise_of(output))
    session = exporter.save(output, SaveSeries(folder=tmp_path / "out", kind="residual"))
    assert "noise was removed" in session.failure
    assert nothing_is_left()


@pytest.fixture
def nlst(real_data, tmp_path):
    """Folder with sections of a real scan: 512², JPEG-LS, padding −2048."""
    folder = tmp_path / "nlst"
    folder.mkdir()
    for file in sorted(real_data("nlst_chest_low_dose_fc51").iterdir())[:4]:
        shutil.copyfile(file, folder / file.name)
    return folder


def test_a_compressed_real_scan_is_as_good(nlst, load, exporter, program, target):
    (series,) = find_series(nlst).series
    assert series.transfer_syntax_uid == JPEGLSLossless
    output = load(series)
    assert exporter.save(output, target, headers=HeaderFiles(nlst)).failure == ""
    back = read_back(target.folder)
    np.testing.assert_array_equal(back.hu, voxels_of(output))
    np.testing.assert_array_equal(back.padding, read_series(series).padding)
    known = set().union(*(errors_in(program("dciodvfy"), file) for file in nlst.iterdir()))
    for file in target.folder.iterdir():
        assert errors_in(program("dciodvfy"), file) <= known


def test_a_strength_still_being_applied_is_waited_for(output, exporter, target):
    control = StrengthControl(output)
    control.apply(0.25)
    exporter.save(output, target, settle=control.work)
    back = read_back(target.folder).hu
    np.testing.assert_array_equal(back, voxels_of(output))
    expected = voxels_of(input_of(output)) - 0.025 * voxels_of(noise_of(output))
    np.testing.assert_allclose(back, expected, atol=0.501)
    assert "strength 25 %" in pydicom.dcmread(target.folder / "0001.dcm").DerivationDescription


def test_a_scene_loaded_anew_can_be_saved(slicer_scene, output, exporter, target, tmp_path):
    expected = voxels_of(output).copy()
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    loaded = slicer_scene.scene.GetFirstNodeByName("Denoised")
    assert exporter.save(loaded, target).failure == ""
    np.testing.assert_array_equal(read_back(target.folder).hu, expected)


def test_a_transform_above_the_volume_is_left_out_and_that_is_said(slicer_scene, output, exporter, target, moved):
    transform = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(moved)
    output.SetAndObserveTransformNodeID(transform.GetID())
    expected, notes = ijk_to_ras(output), []
    session = exporter.start(output, target, on_note=notes.append)
    assert exporter.finish(session).failure == ""
    assert notes == ["The transform above the volume is not saved: the voxels stay where they were scanned."]
    assert tuple(read_back(target.folder).geometry.origin) == (-expected[0, 3], -expected[1, 3], expected[2, 3])


def test_a_hardened_transform_is_refused(output, exporter, target, moved, nothing_is_left):
    output.ApplyTransformMatrix(moved)
    session = exporter.save(output, target)
    assert session.state is JobSessionState.FAILED
    assert "25.00 mm off the nearest of its DICOM images" in session.failure
    assert nothing_is_left()


def test_files_that_left_the_database_are_counted(output, exporter, target, nothing_is_left):
    class Database:
        def file(self, uid):
            return "" if uid in uids[4:6] else exporter.headers.file(uid)

    uids = input_of(output).GetAttribute("DICOM.instanceUIDs").split()
    session = exporter.save(output, target, headers=Database())
    assert session.failure.startswith("2 of 9 DICOM files of the input are not in the DICOM database any more")
    assert nothing_is_left()

"""A result as a volume file."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from CTDenoiseLib.volume_files import read_volume
from CTDenoiseScene.export import JobSessionState, SaveVolume
from CTDenoiseScene.voxels import voxels_of
from support.denoised_volume import add_result, ijk_to_ras


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".mha"])
def test_slicer_reads_back_the_same_volume_in_the_same_place(slicer_scene, output, exporter, tmp_path, suffix):
    path = tmp_path / f"out{suffix}"
    assert exporter.save(output, SaveVolume(path=path)).failure == ""
    storage = slicer.vtkMRMLVolumeArchetypeStorageNode()
    storage.SetFileName(str(path))
    storage.SetSingleFile(True)
    loaded = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert storage.ReadData(loaded)
    np.testing.assert_array_equal(voxels_of(loaded), voxels_of(output))
    assert voxels_of(loaded).dtype == np.int16
    np.testing.assert_allclose(ijk_to_ras(loaded), ijk_to_ras(output), atol=1e-4)


def test_an_oblique_volume_of_real_numbers_that_is_not_from_dicom_is_saved_too(slicer_scene, exporter, rng, tmp_path):
    matrix = np.eye(4)
    matrix[:3, :3] = np.linalg.qr(rng.standard_normal((3, 3)))[0] * [0.5, 0.7, 2.0]
    node = slicer_scene.add_volume(rng.normal(0, 100, (3, 20, 30)).astype(np.float32), ijk_to_ras=matrix)
    output = add_result(slicer_scene, node)
    assert exporter.save(output, SaveVolume(path=tmp_path / "out.nrrd")).failure == ""
    back = read_volume(tmp_path / "out.nrrd")
    np.testing.assert_array_equal(back.hu, voxels_of(output))
    np.testing.assert_allclose(back.geometry.spacing, (2.0, 0.7, 0.5))
    np.testing.assert_allclose(np.array(back.geometry.direction[2]) * [-0.5, -0.5, 0.5], matrix[:3, 0])


def test_nothing_is_replaced_unasked(output, exporter, tmp_path):
    path = tmp_path / "out.nrrd"
    path.write_text("mine")
    session = exporter.save(output, SaveVolume(path=path))
    assert (session.state, path.read_text()) == (JobSessionState.FAILED, "mine")
    assert "already exists" in session.failure
    assert exporter.save(output, SaveVolume(path=path, overwrite=True)).state is JobSessionState.DONE
    np.testing.assert_array_equal(read_volume(path).hu, voxels_of(output))


def test_a_name_without_a_format_is_refused_before_any_work(output, exporter, tmp_path):
    session = exporter.start(output, SaveVolume(path=tmp_path / "out.jpg"))
    assert "says no format" in session.failure

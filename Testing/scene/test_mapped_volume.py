from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import numpy as np
import pytest
import slicer
import vtk

from CTDenoiseLib.worker.section_file import SectionFile
from CTDenoiseLib.worker.workplace import Workplace
from CTDenoiseScene.mapped_volume import MappedVolume, TemporaryFileError, write_section
from CTDenoiseScene.voxels import voxels_of
from support.slicer_scene import SlicerScene

SHAPE = (4, 6, 8)


@pytest.fixture
def path(workplace: Workplace) -> Path:
    return workplace.create_map("voxels", shape=SHAPE, dtype=np.int16)


def node_over(slicer_scene: SlicerScene, path: Path) -> slicer.vtkMRMLScalarVolumeNode:
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "mapped")
    node.SetAndObserveImageData(MappedVolume(path).image())
    return node


def test_vtk_shows_what_is_written_section_by_section(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    volume = MappedVolume.behind(node)
    volume.write(2, np.arange(48, dtype=np.int16).reshape(6, 8))
    assert node.GetImageData().GetDimensions() == (8, 6, 4)
    assert node.GetImageData().GetScalarComponentAsDouble(3, 1, 2, 0) == 11
    assert node.GetImageData().GetScalarComponentAsDouble(3, 1, 1, 0) == 0
    assert volume.written == {2}


def test_vtk_shows_what_another_process_writes(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    others = SectionFile(path, writable=True)
    others.write(3, np.full((6, 8), 77, dtype=np.int16))
    assert node.GetImageData().GetScalarComponentAsDouble(0, 0, 3, 0) == 77


def test_tools_of_the_user_may_write_into_the_image(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    node.GetImageData().SetScalarComponentFromDouble(1, 1, 1, 0, -5)
    assert MappedVolume.behind(node).sections[1, 1, 1] == -5


def test_the_file_stays_while_the_node_is_in_the_scene_and_goes_with_it(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    gc.collect()
    voxels_of(node)[:] = 3
    assert path.exists()
    slicer_scene.scene.RemoveNode(node)
    assert path.exists(), "Python still has the node"
    del node
    assert not path.exists()


def test_it_stays_as_long_as_a_pipeline_shows_it(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    MappedVolume.behind(node).write(1, np.full((6, 8), 9, dtype=np.int16))
    reslice = vtk.vtkImageReslice()
    reslice.SetInputData(node.GetImageData())
    slicer_scene.scene.RemoveNode(node)
    del node
    gc.collect()
    reslice.Update()
    assert reslice.GetOutput().GetScalarComponentAsDouble(0, 0, 1, 0) == 9
    del reslice
    gc.collect()
    assert not path.exists()


def test_an_array_over_the_voxels_outlives_the_node(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    voxels = voxels_of(node)
    slicer_scene.scene.RemoveNode(node)
    del node
    gc.collect()
    voxels[0, 0, 0] = 8
    assert voxels[0, 0, 0] == 8


def test_it_goes_when_the_node_gets_another_image(slicer_scene: SlicerScene, path: Path) -> None:
    node = node_over(slicer_scene, path)
    node.SetAndObserveImageData(vtk.vtkImageData())
    assert not path.exists()
    assert MappedVolume.behind(node) is None


def test_it_goes_when_the_scene_is_closed(slicer_scene: SlicerScene, path: Path) -> None:
    volume = weakref.ref(MappedVolume.behind(node_over(slicer_scene, path)))
    slicer_scene.close()
    assert volume() is None
    assert not path.exists()


def test_it_goes_when_it_was_never_shown(path: Path) -> None:
    MappedVolume(path)
    assert not path.exists()


def test_a_volume_in_ordinary_memory_has_none_behind_it(slicer_scene: SlicerScene) -> None:
    assert MappedVolume.behind(slicer_scene.add_volume(np.zeros(SHAPE, np.int16))) is None
    assert MappedVolume.behind(slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")) is None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Needs the device that is always full.")
def test_a_full_disk_is_a_sentence_not_a_crash(path: Path) -> None:
    file = SectionFile(path, writable=True)
    os.dup2(os.open("/dev/full", os.O_WRONLY), file._file.fileno())
    with pytest.raises(TemporaryFileError, match=r"takes no more \(No space left on device\)"):
        write_section(file, 0, np.zeros(SHAPE[1:], np.int16))

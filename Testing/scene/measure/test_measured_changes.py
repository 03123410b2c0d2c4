from __future__ import annotations

import numpy as np
import pytest
import vtk
from slicer.util import arrayFromVolume, arrayFromVolumeModified

from CTDenoiseScene.measured_changes import MeasuredChanges


@pytest.fixture
def volume(slicer_scene):
    return slicer_scene.add_volume(np.zeros((4, 6, 5), np.int16))


@pytest.fixture
def curve(slicer_scene):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsCurveNode")
    for point in ((0, 0, 0), (3, 0, 0)):
        node.AddControlPointWorld(vtk.vtkVector3d(point))
    return node


@pytest.fixture
def transform(slicer_scene, volume, curve):
    """Above both."""
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTransformNode")
    outer = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTransformNode")
    node.SetAndObserveTransformNodeID(outer.GetID())
    for moved in (volume, curve):
        moved.SetAndObserveTransformNodeID(node.GetID())
    return outer


@pytest.fixture
def told(volume, curve):
    """A list that gets longer with each change."""
    seen = []
    changes = MeasuredChanges(lambda: seen.append(1))
    changes.observe([volume], [curve])
    yield seen
    changes.stop()


def shifted():
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, 5.0)
    return matrix


CHANGES_OF_A_VOLUME = {
    "another name": lambda volume: volume.SetName("renamed"),
    "another place": lambda volume: volume.SetOrigin(1, 2, 3),
    "another image": lambda volume: volume.SetAndObserveImageData(vtk.vtkImageData()),
    "no image": lambda volume: volume.SetAndObserveImageData(None),
    "voxels written by a script": lambda volume: (arrayFromVolume(volume).fill(7), arrayFromVolumeModified(volume)),
    "an attribute": lambda volume: volume.SetAttribute("CTDenoise.sections", "0-2"),
    "no transform": lambda volume: volume.SetAndObserveTransformNodeID(None),
}
CHANGES_OF_MARKUPS = {
    "a point moved": lambda curve: curve.SetNthControlPointPositionWorld(1, 9, 9, 9),
    "a point more": lambda curve: curve.AddControlPointWorld(vtk.vtkVector3d(1, 1, 1)),
    "a point less": lambda curve: curve.RemoveNthControlPoint(0),
    "a point without a place": lambda curve: curve.UnsetNthControlPointPosition(0),
    "no points": lambda curve: curve.RemoveAllControlPoints(),
    "another name": lambda curve: curve.SetName("renamed"),
}


@pytest.mark.parametrize("change", CHANGES_OF_A_VOLUME)
def test_changes_of_a_volume_are_told(told, transform, volume, change):
    told.clear()
    CHANGES_OF_A_VOLUME[change](volume)
    assert told


@pytest.mark.parametrize("change", CHANGES_OF_MARKUPS)
def test_changes_of_markups_are_told(told, curve, change):
    CHANGES_OF_MARKUPS[change](curve)
    assert told


def test_a_transform_further_up_is_followed(told, transform):
    told.clear()
    transform.SetMatrixTransformToParent(shifted())
    assert told


def test_looks_are_of_no_importance(told, volume, curve):
    curve.CreateDefaultDisplayNodes()
    told.clear()
    volume.GetDisplayNode().SetWindowLevel(1500, -600)
    curve.GetDisplayNode().SetSelectedColor(1, 0, 0)
    assert not told


def test_nodes_that_are_no_longer_measured_are_left_alone(slicer_scene, volume, curve):
    other = slicer_scene.add_volume(np.zeros((2, 2, 2), np.int16))
    seen = []
    changes = MeasuredChanges(lambda: seen.append(1))
    changes.observe([volume], [curve])
    changes.observe([other])
    volume.SetName("renamed")
    curve.SetName("renamed")
    assert not seen
    other.SetName("renamed")
    assert seen
    changes.stop()
    seen.clear()
    other.SetName("again")
    assert not seen


def test_observing_the_same_again_tells_each_change_once(volume):
    seen = []
    changes = MeasuredChanges(lambda: seen.append(1))
    changes.observe([volume])
    changes.observe([volume])
    volume.SetName("renamed")
    assert seen == [1]
    changes.stop()

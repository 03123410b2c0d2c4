from __future__ import annotations

import numpy as np
import pytest
import vtk

from CTDenoiseScene.comparison import ComparisonVolumes, Role
from CTDenoiseScene.measured_volumes import MeasuredVolumes, TransformNotLinearError
from CTDenoiseScene.voxels import voxels_of
from support.comparison_exam import make_exam
from support.denoised_volume import PADDING_HU, add_result
from support.header_files import HeaderFiles
from support.loaded_series import load_series


@pytest.fixture
def exam(slicer_scene):
    return make_exam(slicer_scene)


def test_each_compared_volume_is_measured_once_and_the_input_first(exam):
    found = MeasuredVolumes().of(exam.volumes)
    assert [(volume.role, volume.image.name) for volume in found] == [
        (Role.INPUT, "sharp"),
        (Role.SMOOTH, "smooth"),
        (Role.DENOISED, "output"),
    ]


def test_voxels_are_the_nodes_own(exam):
    (volume,) = MeasuredVolumes().of(ComparisonVolumes(input=exam.sharp))
    assert np.shares_memory(volume.image.values, voxels_of(exam.sharp))


def test_volumes_without_voxels_are_left_out(exam, slicer_scene):
    empty = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert MeasuredVolumes().of(ComparisonVolumes(input=empty, denoised=None)) == ()


def test_only_denoised_sections_hold_data(exam):
    exam.output.SetAttribute("CTDenoise.sections", "0-3,7")
    image = MeasuredVolumes().of(ComparisonVolumes(input=exam.sharp, denoised=exam.output))
    assert [volume.image.sections for volume in image] == [None, {0, 1, 2, 3, 7}]


def test_voxels_lie_where_slicer_draws_them(exam, slicer_scene):
    turn = vtk.vtkTransform()
    turn.Translate(5, -3, 2)
    turn.RotateX(20)
    turn.RotateZ(40)
    parent = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    parent.SetMatrixTransformToParent(turn.GetMatrix())
    exam.sharp.SetAndObserveTransformNodeID(parent.GetID())
    (volume,) = MeasuredVolumes().of(ComparisonVolumes(input=exam.sharp))

    to_ras = vtk.vtkMatrix4x4()
    exam.sharp.GetIJKToRASMatrix(to_ras)
    expected = turn.TransformPoint(to_ras.MultiplyPoint((30, 10, 4, 1))[:3])
    assert volume.image.grid.to_world(np.array([4, 10, 30])) == pytest.approx(expected)
    assert volume.image.grid.spacing == pytest.approx((2.0, 1.0, 1.0))


def test_a_bent_volume_is_refused_by_name(exam, slicer_scene):
    bend = vtk.vtkThinPlateSplineTransform()
    points = vtk.vtkPoints()
    for point in np.random.default_rng(0).uniform(-30, 30, (8, 3)):
        points.InsertNextPoint(point)
    bend.SetBasisToR()
    bend.SetSourceLandmarks(points)
    bend.SetTargetLandmarks(points)
    parent = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTransformNode")
    parent.SetAndObserveTransformToParent(bend)
    exam.smooth.SetAndObserveTransformNodeID(parent.GetID())
    with pytest.raises(TransformNotLinearError, match="“smooth” is under a transform that bends it"):
        MeasuredVolumes().of(exam.volumes)


def test_padding_of_the_input_counts_for_its_result_too(slicer_scene, make_ct_series, tmp_path):
    folder = make_ct_series(tmp_path, padding=PADDING_HU)
    node = load_series(slicer_scene, folder)
    output = add_result(slicer_scene, node)
    images = MeasuredVolumes(HeaderFiles(folder)).of(ComparisonVolumes(input=node, denoised=output))
    assert [volume.image.padding_hu for volume in images] == [(PADDING_HU, PADDING_HU)] * 2

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk

from CTDenoiseScene.comparison import Comparison, ComparisonVolumes, Role
from CTDenoiseScene.comparison_layout import ComparisonLayout
from CTDenoiseScene.window_level import WindowLevel
from support.comparison_exam import SECTION_STEP_HU, labels, make_exam
from support.header_files import HeaderFiles
from support.loaded_series import load_series
from support.slice_views import fit_views, render_slice
from support.view_user import pick_volume, scroll, zoom

CUSTOM_LAYOUT = 6  # one red view


def test_a_comparison_opens_on_the_section_the_user_looks_at(layout, exam, slicer_scene):
    pick_volume(slicer_scene, "Red", exam.sharp)
    slicer_scene.slice_logic("Red").FitSliceToBackground()
    for looked_at, section in ((6.0, 6.0), (11.3, 12.0)):
        scroll(slicer_scene, "Red", looked_at)
        layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
        assert [node.GetSliceOffset() for node in layout.slice_nodes()] == pytest.approx([section] * 3)
        layout.leave()


def test_views_turn_into_the_plane_of_acquisition(slicer_scene, grey_in, make_layout):
    sagittal = np.array([[0, 0, 2.0, 0], [-1.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
    exam = make_exam(slicer_scene, ijk_to_ras=sagittal)
    layout = make_layout(exam)
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    assert [node.GetOrientation() for node in layout.slice_nodes()] == ["Sagittal"] * 3
    layout.window_level.set(WindowLevel(400, 100))
    scroll(slicer_scene, Role.INPUT.tag, -8.0)  # Slicer counts sagittal sections from right to left
    expected = 255 * (4 * SECTION_STEP_HU + 100) / 400
    assert grey_in(Role.DENOISED) == pytest.approx(expected, abs=1)
    layout.close()


def test_tilted_sections_are_shown_as_they_were_acquired_also_under_a_transform(layout, exam, slicer_scene):
    transform = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    tilt = vtk.vtkTransform()
    tilt.RotateX(20)
    transform.SetMatrixTransformToParent(tilt.GetMatrix())
    for node in (exam.sharp, exam.output, exam.noise):
        node.SetAndObserveTransformNodeID(transform.GetID())
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    layout.window_level.set(WindowLevel(400, 100))
    node = layout.slice_nodes()[1]
    # One section has one value: wherever the picture is not background, it is the same.
    values = np.unique(render_slice(slicer_scene, node, (120, 100))[20:80, 30:90])
    assert len(values) <= 2
    assert values[-1] - values[0] <= 1


@pytest.mark.parametrize("size", [(1440, 900), (900, 1000), (1600, 400)])
def test_the_whole_volume_is_visible_whatever_size_the_views_get(layout, exam, slicer_scene, size):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    for window in ((700, 700), size):
        fit_views(slicer_scene, window)
    for node in layout.slice_nodes():
        width, height, _ = node.GetFieldOfView()
        assert width >= 47.9
        assert height >= 39.9
        assert min(width / 48, height / 40) == pytest.approx(1.0, abs=0.02), "And it fills the view."
        across, down, _ = node.GetDimensions()
        assert width / across == pytest.approx(height / down, rel=1e-3), "Pixels are square."


def test_a_magnification_that_the_user_chose_stays_when_the_views_get_another_size(layout, exam, slicer_scene):
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    fit_views(slicer_scene, (1440, 900))
    zoom(slicer_scene, Role.INPUT.tag, 2.0)
    height = layout.slice_nodes()[0].GetFieldOfView()[1]
    fit_views(slicer_scene, (1200, 900))
    assert layout.slice_nodes()[0].GetFieldOfView()[1] == pytest.approx(height)


def test_a_view_that_is_the_last_to_get_its_size_is_drawn_like_the_others(layout, exam, slicer_scene):
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, exam.volumes)
    fit_views(slicer_scene)
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes, plot=True)
    fit_views(slicer_scene)
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, exam.volumes)
    fit_views(slicer_scene)
    drawn = [slicer_scene.slice_logic(node.GetName()).GetBackgroundLayer() for node in layout.slice_nodes()]
    magnifications = [_across(layer.GetXYToIJKTransform()) for layer in drawn]
    assert magnifications == pytest.approx([magnifications[0]] * 3)


def _across(xy_to_ijk):
    """Voxels for each pixel of a view."""
    left, right = (xy_to_ijk.TransformDoublePoint(point) for point in ((0, 0, 0), (1, 0, 0)))
    return right[0] - left[0]


def test_without_a_main_window_there_are_volumes_and_links_all_the_same(slicer_scene, exam):
    slicer_scene.scene.RemoveAllObservers()  # nobody makes slice logics
    bare = slicer.vtkMRMLApplicationLogic()
    layout = ComparisonLayout(slicer_scene.scene, bare, slicer_scene.layout_node)
    slicer_scene.layout_node.SetViewArrangement(CUSTOM_LAYOUT)
    layout.show(Comparison.INPUT_OUTPUT_DIFFERENCE, exam.volumes)
    composites = [slicer.vtkMRMLSliceLogic.GetSliceCompositeNode(node) for node in layout.slice_nodes()]
    assert [composite.GetBackgroundVolumeID() for composite in composites] == [
        node.GetID() for node in (exam.sharp, exam.output, exam.noise)
    ]
    layout.close()
    assert slicer_scene.layout_node.GetViewArrangement() == CUSTOM_LAYOUT


def test_two_kernels_of_a_phantom_lie_over_each_other_and_are_named(slicer_scene, real_data):
    folder = real_data("philips_head_phantom_kernel_pair")
    smooth, sharp = (load_series(slicer_scene, folder / name) for name in ("UB_smooth_iDose", "YA_sharp"))
    layout = ComparisonLayout(
        slicer_scene.scene, slicer_scene.application_logic, slicer_scene.layout_node, headers=HeaderFiles(folder)
    )
    layout.show(Comparison.SMOOTH_SHARP_DENOISED, ComparisonVolumes(input=sharp, smooth=smooth))
    layout.window_level.set(WindowLevel(2000, 0))
    assert labels(layout) == ["UB 1 mm", "YA 1 mm", "Not denoised yet"]
    node = layout.slice_nodes()[0]
    for offset in (node.GetSliceOffset(), node.GetSliceOffset() + 12.0):
        scroll(slicer_scene, Role.SMOOTH.tag, offset)
        pictures = [render_slice(slicer_scene, view, (256, 256))[..., 0].ravel() for view in layout.slice_nodes()[:2]]
        assert np.corrcoef(pictures)[0, 1] > 0.98
    layout.close()

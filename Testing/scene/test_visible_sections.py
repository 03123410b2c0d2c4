from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import vtk

from CTDenoiseScene.visible_sections import visible_sections
from support.slicer_scene import SlicerScene

SECTIONS = 41


@pytest.fixture
def exam(slicer_scene: SlicerScene) -> Any:
    """41 axial sections of 60 × 50 pixels of 1 mm, 2 mm apart, from 0 to 80 mm; in each voxel stands its section."""
    hu = np.repeat(np.arange(SECTIONS, dtype=np.int16), 60 * 50).reshape(SECTIONS, 60, 50)
    return slicer_scene.add_volume(hu, name="exam", spacing=(2.0, 1.0, 1.0))


def look(slicer_scene: SlicerScene, exam: Any, tag: str, *, at: float | None = None, size: int = 64) -> Any:
    """The slice node of a view that shows the exam, fitted, at an offset in mm."""
    logic = slicer_scene.slice_logic(tag)
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(exam.GetID())
    logic.ResizeSliceNode(size, size)
    logic.FitSliceToAll()
    if at is not None:
        logic.SetSliceOffset(at)
    return logic.GetSliceNode()


def drawn(slicer_scene: SlicerScene, tag: str) -> set[int]:
    """Sections whose values are in the picture that Slicer makes of a view, without interpolation."""
    logic = slicer_scene.slice_logic(tag)
    display = logic.GetBackgroundLayer().GetVolumeNode().GetDisplayNode()
    display.SetInterpolate(0)
    logic.UpdatePipeline()
    reslice = logic.GetBackgroundLayer().GetReslice()
    reslice.SetBackgroundLevel(-99)
    reslice.Update()
    image = reslice.GetOutput()
    width, height, _ = image.GetDimensions()
    values = {image.GetScalarComponentAsDouble(x, y, 0, 0) for x in range(width) for y in range(height)}
    return {int(value) for value in values - {-99.0}}


def turned(slicer_scene: SlicerScene, *angle_and_axis: float) -> Any:
    turn = vtk.vtkTransform()
    turn.RotateWXYZ(*angle_and_axis)
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "turn")
    node.SetMatrixTransformToParent(turn.GetMatrix())
    return node


def test_an_axial_view_on_a_section_shows_that_section(slicer_scene: SlicerScene, exam: Any) -> None:
    assert visible_sections(exam, [look(slicer_scene, exam, "Red", at=24.0)]) == (12,)


@pytest.mark.parametrize(("at", "sections"), [(24.6, (12, 13)), (25.4, (13, 12))])
def test_between_two_sections_both_are_seen_the_nearer_first(
    slicer_scene: SlicerScene, exam: Any, at: float, sections: tuple[int, ...]
) -> None:
    assert visible_sections(exam, [look(slicer_scene, exam, "Red", at=at)]) == sections


@pytest.mark.parametrize(("at", "sections"), [(-0.8, (0,)), (80.9, (40,)), (-1.2, ()), (81.2, ())])
def test_the_first_and_last_section_reach_half_their_distance_beyond(
    slicer_scene: SlicerScene, exam: Any, at: float, sections: tuple[int, ...]
) -> None:
    assert visible_sections(exam, [look(slicer_scene, exam, "Red", at=at)]) == sections


def test_a_coronal_view_shows_all_from_its_centre_outwards(slicer_scene: SlicerScene, exam: Any) -> None:
    shown = visible_sections(exam, [look(slicer_scene, exam, "Green")])
    assert sorted(shown) == list(range(SECTIONS))
    assert shown[0] in (19, 20, 21)
    assert set(shown[-2:]) == {0, 40}


def test_a_magnified_view_shows_only_what_is_in_it(slicer_scene: SlicerScene, exam: Any) -> None:
    node = look(slicer_scene, exam, "Green", size=50)
    node.SetFieldOfView(20, 20, 1)
    assert drawn(slicer_scene, "Green") <= set(visible_sections(exam, [node]))
    assert len(visible_sections(exam, [node])) <= 13


def test_a_view_beside_the_volume_shows_none(slicer_scene: SlicerScene, exam: Any) -> None:
    assert visible_sections(exam, [look(slicer_scene, exam, "Green", at=500.0)]) == ()


@pytest.mark.parametrize("rotation", [(20, 1, 0, 0), (35, 0, 1, 0.5), (80, 1, 1, 0)])
def test_an_oblique_view_shows_what_slicer_draws_and_little_more(
    slicer_scene: SlicerScene, exam: Any, rotation: tuple[float, ...]
) -> None:
    node = look(slicer_scene, exam, "Red", at=40.0)
    turn = vtk.vtkTransform()
    turn.SetMatrix(node.GetSliceToRAS())
    turn.RotateWXYZ(*rotation)
    node.GetSliceToRAS().DeepCopy(turn.GetMatrix())
    node.UpdateMatrices()
    shown, seen = set(visible_sections(exam, [node])), drawn(slicer_scene, "Red")
    assert seen <= shown
    assert len(shown) <= len(seen) + 8


@pytest.mark.parametrize("rotation", [(90, 1, 0, 0), (25, 0, 1, 0)])
def test_parent_transforms_of_the_volume_count(
    slicer_scene: SlicerScene, exam: Any, rotation: tuple[float, ...]
) -> None:
    exam.SetAndObserveTransformNodeID(turned(slicer_scene, *rotation).GetID())
    node = look(slicer_scene, exam, "Red")
    shown, seen = set(visible_sections(exam, [node])), drawn(slicer_scene, "Red")
    assert len(seen) > 5
    assert seen <= shown


def test_transforms_that_bend_count(slicer_scene: SlicerScene, exam: Any) -> None:
    bend = vtk.vtkThinPlateSplineTransform()
    corners = [(x, y, z) for x in (-50.0, 0.0) for y in (-60.0, 0.0) for z in (0.0, 80.0)]
    here, there = vtk.vtkPoints(), vtk.vtkPoints()
    for x, y, z in [*corners, (-25.0, -30.0, 40.0)]:
        here.InsertNextPoint(x, y, z)
        there.InsertNextPoint(x, y, z + (12.0 if (x, y) == (-25.0, -30.0) else 0.0))
    bend.SetSourceLandmarks(here)
    bend.SetTargetLandmarks(there)
    bend.SetBasisToR()
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTransformNode", "bend")
    node.SetAndObserveTransformToParent(bend)
    exam.SetAndObserveTransformNodeID(node.GetID())
    view = look(slicer_scene, exam, "Red", at=40.0)
    shown, seen = set(visible_sections(exam, [view])), drawn(slicer_scene, "Red")
    assert len(seen) > 3
    assert seen <= shown


def test_sections_of_a_sagittal_acquisition_run_from_left_to_right(slicer_scene: SlicerScene) -> None:
    sagittal = [[0, 0, 2, -40], [-1, 0, 0, 30], [0, -1, 0, 30], [0, 0, 0, 1]]
    exam = slicer_scene.add_volume(np.zeros((SECTIONS, 60, 60), np.int16), ijk_to_ras=sagittal)
    node = look(slicer_scene, exam, "Yellow")
    node.JumpSlice(10, 0, 0)
    assert visible_sections(exam, [node]) == (25,)


def test_a_slab_shows_all_that_are_in_it(slicer_scene: SlicerScene, exam: Any) -> None:
    node = look(slicer_scene, exam, "Red", at=40.0)
    node.SetSlabReconstructionEnabled(True)
    node.SetSlabReconstructionThickness(8.0)
    assert set(visible_sections(exam, [node])) == {18, 19, 20, 21, 22}


def test_the_view_with_the_fewest_sections_comes_first(slicer_scene: SlicerScene, exam: Any) -> None:
    views = [look(slicer_scene, exam, "Green"), look(slicer_scene, exam, "Red", at=6.0)]
    shown = visible_sections(exam, views)
    assert shown[0] == 3
    assert sorted(shown) == list(range(SECTIONS))


def test_without_volume_or_view_nothing_is_visible(slicer_scene: SlicerScene, exam: Any) -> None:
    node = look(slicer_scene, exam, "Red", at=6.0)
    assert visible_sections(None, [node]) == ()
    assert visible_sections(exam, []) == ()
    empty = slicer_scene.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    assert visible_sections(empty, [node]) == ()

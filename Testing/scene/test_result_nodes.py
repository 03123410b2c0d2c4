from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
import slicer
import vtk

from CTDenoiseLib.worker.workplace import Workplace
from CTDenoiseScene.results import Results, find_results
from CTDenoiseScene.strength import StrengthControl
from CTDenoiseScene.voxels import voxels_of
from support.ct_series import anatomy
from support.session_bench import PROVENANCE, make_result, work_off
from support.slicer_scene import SlicerScene

HU = anatomy().astype(np.int16)
NOISE = np.random.default_rng(1).integers(-300, 300, HU.shape).astype(np.int16)


@pytest.fixture
def exam(slicer_scene: SlicerScene) -> Any:
    return slicer_scene.add_volume(HU, name="exam", spacing=(1.0, 0.5, 0.5))


@pytest.fixture
def result(slicer_scene: SlicerScene, workplace: Workplace, exam: Any) -> Results:
    return make_result(slicer_scene, workplace, exam, NOISE)


def ijk_to_world(node: Any) -> list[float]:
    points = vtk.vtkPoints()
    to_ras, to_world = vtk.vtkMatrix4x4(), vtk.vtkGeneralTransform()
    node.GetIJKToRASMatrix(to_ras)
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(node.GetParentTransformNode(), None, to_world)
    for corner in np.ndindex(2, 2, 2):
        points.InsertNextPoint(to_world.TransformPoint(to_ras.MultiplyPoint((*(9 * np.array(corner)), 1))[:3]))
    return [coordinate for index in range(8) for coordinate in points.GetPoint(index)]


def test_nodes_are_named_after_input_and_model(result: Results) -> None:
    assert result.output.GetName() == "exam tiny"
    assert result.noise.GetName() == "exam tiny noise"


def test_a_second_result_gets_a_fresh_name(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any, result: Results
) -> None:
    second = make_result(slicer_scene, workplace, exam, NOISE)
    assert second.output.GetName() == "exam tiny_1"
    assert second.noise.GetName() == "exam tiny_1 noise"
    assert [found.output for found in find_results(slicer_scene.scene, exam)] == [result.output, second.output]


def test_a_result_that_replaces_another_takes_its_nodes_and_has_nothing_of_it_left(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any, result: Results
) -> None:
    result.output.SetAttribute("CTDenoise.match", "red")
    files = set(workplace.path.glob("*.npy"))
    second = make_result(slicer_scene, workplace, exam, NOISE, model="other", replaces=True)
    assert (second.output, second.noise) == (result.output, result.noise)
    assert (second.output.GetName(), second.noise.GetName()) == ("exam other", "exam other noise")
    assert second.output.GetAttribute("CTDenoise.match") is None
    assert files.isdisjoint(workplace.path.glob("*.npy"))


def test_a_window_found_automatically_is_fixed_before_a_new_image_is_looked_at(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any, result: Results
) -> None:
    display = result.output.GetDisplayNode()
    display.SetAutoWindowLevel(True)
    make_result(slicer_scene, workplace, exam, NOISE, replaces=True)
    assert not display.GetAutoWindowLevel()


def test_displays_and_files_go_with_the_nodes(slicer_scene: SlicerScene, workplace: Workplace, exam: Any) -> None:
    before = slicer_scene.scene.GetNumberOfNodes()
    result = make_result(slicer_scene, workplace, exam, NOISE)
    for node in (result.output, result.noise):
        # Slicer's search for a window holds on to the image.
        node.GetDisplayNode().SetAutoWindowLevel(True)
        slicer_scene.scene.RemoveNode(node)
    del result, node
    gc.collect()
    assert slicer_scene.scene.GetNumberOfNodes() == before
    assert list(workplace.path.glob("*.npy")) == []


def test_displays_go_also_when_the_garbage_collector_takes_the_last_to_hold_a_node(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any
) -> None:
    before = slicer_scene.scene.GetNumberOfNodes()
    nobodys: list[Any] = [make_result(slicer_scene, workplace, exam, NOISE)]
    nobodys.append(nobodys)
    slicer_scene.scene.RemoveNode(nobodys[0].output)
    slicer_scene.scene.RemoveNode(nobodys[0].noise)
    del nobodys
    gc.collect()
    assert slicer_scene.scene.GetNumberOfNodes() == before


def test_a_name_that_the_user_gave_stays_when_only_the_voxels_change(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any, result: Results
) -> None:
    result.output.SetName("for the board")
    assert make_result(slicer_scene, workplace, exam, NOISE, replaces=True).output.GetName() == "for the board"


def test_a_deleted_noise_is_made_anew(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any, result: Results
) -> None:
    slicer_scene.scene.RemoveNode(result.noise)
    second = make_result(slicer_scene, workplace, exam, NOISE, replaces=True)
    assert second.output is result.output
    assert Results.of(second.output).noise.GetScene() is slicer_scene.scene


@pytest.mark.parametrize("oblique", [False, True])
def test_nodes_lie_where_the_input_lies_also_under_a_transform(
    slicer_scene: SlicerScene, workplace: Workplace, oblique: bool
) -> None:
    sagittal = [[0, 0, 2, -30], [-0.5, 0, 0, 40], [0, -0.5, 0, 50], [0, 0, 0, 1]]
    exam = slicer_scene.add_volume(HU, name="exam", ijk_to_ras=sagittal)
    if oblique:
        turn = vtk.vtkTransform()
        turn.RotateWXYZ(30, 1, 2, 3)
        turn.Translate(5, 6, 7)
        parent = slicer_scene.scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "turn")
        parent.SetMatrixTransformToParent(turn.GetMatrix())
        exam.SetAndObserveTransformNodeID(parent.GetID())
    result = make_result(slicer_scene, workplace, exam, NOISE)
    for node in (result.output, result.noise):
        assert ijk_to_world(node) == pytest.approx(ijk_to_world(exam))
        assert node.GetParentTransformNode() is exam.GetParentTransformNode()


def test_nodes_join_the_study_of_the_input(slicer_scene: SlicerScene, workplace: Workplace, exam: Any) -> None:
    hierarchy = slicer_scene.subject_hierarchy
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient")
    study = hierarchy.CreateStudyItem(patient, "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(exam), study)
    result = make_result(slicer_scene, workplace, exam, NOISE)
    for node in (result.output, result.noise):
        assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study


def test_an_input_outside_the_hierarchy_is_no_problem(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any
) -> None:
    hierarchy = slicer_scene.subject_hierarchy
    hierarchy.RemoveItem(hierarchy.GetItemByDataNode(exam), False, False)
    assert make_result(slicer_scene, workplace, exam, NOISE).output.GetScene() is slicer_scene.scene


def test_the_output_looks_like_the_input(slicer_scene: SlicerScene, workplace: Workplace, exam: Any) -> None:
    theirs = exam.GetScalarVolumeDisplayNode()
    theirs.SetWindowLevel(2500, 480)
    theirs.SetInterpolate(0)
    theirs.SetAndObserveColorNodeID("vtkMRMLColorTableNodeInvertedGrey")
    theirs.SetThreshold(-500, 2000)
    theirs.SetApplyThreshold(1)
    ours = make_result(slicer_scene, workplace, exam, NOISE).output.GetScalarVolumeDisplayNode()
    assert (ours.GetWindow(), ours.GetLevel()) == (2500, 480)
    assert ours.GetInterpolate() == 0
    assert ours.GetColorNodeID() == "vtkMRMLColorTableNodeInvertedGrey"
    assert (ours.GetLowerThreshold(), ours.GetUpperThreshold(), ours.GetApplyThreshold()) == (-500, 2000, 1)
    assert not ours.GetAutoWindowLevel()


def test_an_input_without_colours_gives_an_output_in_grey(
    slicer_scene: SlicerScene, workplace: Workplace, exam: Any
) -> None:
    exam.GetScalarVolumeDisplayNode().SetAndObserveColorNodeID("")
    ours = make_result(slicer_scene, workplace, exam, NOISE).output.GetScalarVolumeDisplayNode()
    assert ours.GetColorNodeID() == "vtkMRMLColorTableNodeGrey"


def test_an_input_without_a_display_gives_soft_tissue(slicer_scene: SlicerScene, workplace: Workplace) -> None:
    exam = slicer_scene.add_volume(HU, name="exam")
    slicer_scene.scene.RemoveNode(exam.GetDisplayNode())
    display = make_result(slicer_scene, workplace, exam, NOISE).output.GetScalarVolumeDisplayNode()
    assert (display.GetWindow(), display.GetLevel()) == (400, 40)


def test_the_noise_is_shown_symmetrically_in_its_own_window(result: Results) -> None:
    display = result.noise.GetScalarVolumeDisplayNode()
    assert display.GetLevel() == 0
    assert display.GetWindow() * PROVENANCE.noise_step_hu == pytest.approx(200)
    assert display is not result.output.GetScalarVolumeDisplayNode()


def test_units_are_those_of_the_input(slicer_scene: SlicerScene, workplace: Workplace, exam: Any) -> None:
    units = slicer.vtkCodedEntry()
    units.SetValueSchemeMeaning("[hnsf'U]", "UCUM", "Hounsfield unit")
    exam.SetVoxelValueUnits(units)
    output = make_result(slicer_scene, workplace, exam, NOISE).output
    assert output.GetVoxelValueUnits().GetCodeMeaning() == "Hounsfield unit"


def test_provenance_is_kept_and_read_back(result: Results) -> None:
    assert result.provenance == PROVENANCE
    assert result.output.GetAttribute("CTDenoise.model") == "tiny"
    assert result.noise.GetAttribute("CTDenoise.noise_step_hu") == "0.1"
    assert Results.of(result.noise) is None


def test_other_volumes_are_no_results(slicer_scene: SlicerScene, exam: Any) -> None:
    assert Results.of(exam) is None
    assert Results.of(None) is None
    assert find_results(slicer_scene.scene) == ()


@pytest.mark.parametrize("role", ["noise", "input"])
def test_a_deleted_node_is_missing_in_the_result(slicer_scene: SlicerScene, result: Results, role: str) -> None:
    slicer_scene.scene.RemoveNode(getattr(result, role))
    left = Results.of(result.output)
    assert getattr(left, role) is None
    assert left.output is result.output


def test_a_result_survives_saving_and_opening_the_scene(
    slicer_scene: SlicerScene, result: Results, tmp_path: Path
) -> None:
    control = StrengthControl(result.output)
    control.apply(0.5)
    work_off(control)
    shown = voxels_of(result.output).copy()
    slicer_scene.save(tmp_path / "scene.mrb")
    del result, control
    slicer_scene.open(tmp_path / "scene.mrb")
    (found,) = find_results(slicer_scene.scene)
    assert found.input.GetName() == "exam"
    assert found.provenance == PROVENANCE
    assert found.strength == 0.5
    assert found.sections == frozenset(range(9))
    assert np.array_equal(voxels_of(found.output), shown)
    assert np.array_equal(voxels_of(found.noise), NOISE)
    assert found.noise.GetScalarVolumeDisplayNode().GetWindow() == pytest.approx(2000)
    assert found.output.GetScalarVolumeDisplayNode().GetWindow() == 400


def test_volumes_in_files_are_written_as_nrrd(slicer_scene: SlicerScene, result: Results, tmp_path: Path) -> None:
    storage = slicer.vtkMRMLVolumeArchetypeStorageNode()
    slicer_scene.scene.AddNode(storage)
    storage.SetFileName(str(tmp_path / "noise.nrrd"))
    assert storage.WriteData(result.noise)
    assert np.array_equal(SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(tmp_path / "noise.nrrd")), NOISE)

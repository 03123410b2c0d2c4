from __future__ import annotations

import numpy as np
import pytest
import vtk

from CTDenoiseLib.measure.errors import MeasurementError
from CTDenoiseScene import roi_figures
from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.roi_shapes import RoiShape
from CTDenoiseScene.voxels import voxels_of
from support.comparison_exam import PROVENANCE
from support.roi_bench import MIDDLE, NOISE, SHAPE, RoiBench, at, rotation

RIGHT = np.array([20.0, 0.0, 0.0])  # from the middle of the phantom to that of the rod
HEADER = [
    "ROI",
    "Input: mean [HU]",
    "Input: SD [HU]",
    "Denoised: mean [HU]",
    "Denoised: SD [HU]",
    "Denoised: noise reduction [%]",
    "Smooth: mean [HU]",
    "Smooth: SD [HU]",
    "Smooth: noise reduction [%]",
]


@pytest.fixture
def roi(bench):
    """A cube of 11 × 11 × 3 voxels in the middle."""
    return bench.tool.add_at(MIDDLE, (11, 11, 6))


def voxels(node):
    """Of the cube in the middle."""
    return voxels_of(node)[7:10, 27:38, 27:38].astype(float)


def test_each_roi_has_a_row_with_mean_sd_and_noise_reduction_of_each_volume(bench, roi):
    before, smooth, after = (
        voxels(node) for node in (bench.volumes.input, bench.volumes.smooth, bench.volumes.denoised)
    )
    sds = [found.std(ddof=1) for found in (before, after, smooth)]
    expected = [
        before.mean(),
        sds[0],
        after.mean(),
        sds[1],
        100 * (1 - sds[1] / sds[0]),
        smooth.mean(),
        sds[2],
        100 * (1 - sds[2] / sds[0]),
    ]
    assert bench.header == HEADER
    ((name, *texts),) = bench.table
    assert name == "ROI 1"
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(expected, abs=0.051)  # one decimal


def test_contrast_is_taken_against_the_background(bench, roi):
    rod = bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    assert "Input: CNR" not in bench.header
    bench.tool.background = roi
    assert bench.tool.background is roi
    # 100 HU over a noise of 20, 10 and 5 HU that 363 voxels give to 4 %.
    for role, noise in (("Input", 20), ("Smooth", 10), ("Denoised", 5)):
        assert bench.figure(rod, f"{role}: CNR") == pytest.approx(100 / noise, rel=0.15)
    assert bench.table[0][bench.header.index("Input: CNR")] == "–"
    bench.tool.background = rod
    assert bench.tool.background is rod
    assert bench.figure(roi, "Denoised: CNR") == pytest.approx(20, rel=0.15)
    bench.tool.background = None
    assert "Input: CNR" not in bench.header


def test_there_is_no_contrast_any_more_when_the_background_is_deleted(slicer_scene, bench, roi):
    bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    bench.tool.background = roi
    bench.work()
    slicer_scene.scene.RemoveNode(roi)
    assert bench.tool.background is None
    assert [row[0] for row in bench.table] == ["ROI 2"]
    assert "Input: CNR" not in bench.header


@pytest.mark.parametrize("shape", [RoiShape.ELLIPSOID, RoiShape.CYLINDER])
def test_only_what_is_inside_a_round_roi_counts(bench, shape):
    bench.tool.add_at(MIDDLE, (21, 21, 21), shape)
    (row,) = bench.tool.record().tables[1].content()["rows"][:1]
    k, j, i = np.indices(SHAPE)
    r, a, s = (32 - i, 32 - j, 2.0 * k - MIDDLE[2])
    inside = r**2 + a**2 + (s**2 if shape is RoiShape.ELLIPSOID else 0) <= 10.5**2
    inside &= np.abs(s) <= 10.5
    assert row["count"] == inside.sum()
    assert row["mean"] == pytest.approx(voxels_of(bench.volumes.input)[inside].mean())


def test_a_closed_curve_is_measured_in_its_section(bench):
    curve = bench.tool.new(RoiShape.CLOSED_CURVE)
    curve.SetCurveTypeToLinear()
    for corner in ((-10.5, -5.5), (10.5, -5.5), (10.5, 5.5), (-10.5, 5.5)):
        curve.AddControlPointWorld(vtk.vtkVector3d(*(at(*corner))))
    bench.work()
    row = bench.tool.record().tables[1].content()["rows"][0]
    assert (row["count"], row["area"]) == (21 * 11, pytest.approx(231))


def test_figures_follow_a_roi_that_is_dragged(bench, roi):
    assert bench.figure(roi, "Input: mean [HU]") == pytest.approx(0, abs=5)
    told = bench.told
    roi.SetCenter(*(MIDDLE + RIGHT))
    assert bench.told > told
    assert bench.figure(roi, "Input: mean [HU]") == pytest.approx(100, abs=5)


def test_figures_follow_the_transform_of_a_roi(bench, roi):
    moved = np.eye(4)
    moved[:3, 3] = RIGHT
    transform = bench.put_under_transform(roi, np.eye(4))
    assert bench.figure(roi, "Input: mean [HU]") == pytest.approx(0, abs=5)
    elements = vtk.vtkMatrix4x4()
    elements.DeepCopy(moved.reshape(-1))
    transform.SetMatrixTransformToParent(elements)
    assert bench.figure(roi, "Input: mean [HU]") == pytest.approx(100, abs=5)


def test_figures_follow_the_transform_of_the_volumes(bench, roi):
    moved = np.eye(4)
    moved[:3, 3] = -RIGHT
    for node in (bench.volumes.input, bench.volumes.smooth, bench.volumes.denoised):
        bench.put_under_transform(node, moved)
    assert bench.figure(roi, "Denoised: mean [HU]") == pytest.approx(100, abs=5)
    assert bench.tool.problems == ()


def test_roi_and_oblique_volumes_turned_alike_have_the_same_figures(slicer_scene, bench, roi):
    turn = rotation(35, (1, 2, 3))
    turned = RoiBench(slicer_scene, ijk_to_ras=turn @ np.diag([-1.0, -1.0, 2.0, 1.0]))
    slicer_scene.scene.RemoveNode(roi)
    bench.tool.close()
    turned.tool.add_at(turn[:3, :3] @ MIDDLE, (11, 11, 6), axes=turn[:3, :3].T)
    assert float(turned.table[0][2]) == pytest.approx(voxels(turned.volumes.input).std(ddof=1), abs=0.051)


def test_figures_follow_the_voxels(bench, roi):
    bench.work()
    voxels_of(bench.volumes.denoised)[:] += 7
    bench.volumes.denoised.GetImageData().Modified()
    bench.volumes.denoised.Modified()
    assert bench.figure(roi, "Denoised: mean [HU]") == pytest.approx(7, abs=1)


def test_a_volume_can_be_replaced_and_taken_away(slicer_scene, bench, roi):
    bench.work()
    other = slicer_scene.add_volume(np.full(SHAPE, 55, np.int16), name="other", spacing=(2, 1, 1))
    bench.tool.show(ComparisonVolumes(input=bench.volumes.input, denoised=other), ())
    assert bench.figure(roi, "Denoised: mean [HU]") == 55
    assert not any(heading.startswith("Smooth") for heading in bench.header)
    slicer_scene.scene.RemoveNode(other)
    assert bench.header == HEADER[:3]
    bench.tool.show(ComparisonVolumes(), ())
    assert bench.table == []


def test_long_names_leave_room_for_figures(bench, roi):
    roi.SetName("A region of the right lobe of the liver, beside the gall bladder")
    ((name, *_),) = bench.table
    assert name == "A region of the right lobe…"
    assert bench.tool.record().tables[0].content()["rows"][0]["roi"] == roi.GetName()


def test_renamed_rois_are_called_by_their_names_and_told_apart(bench, roi):
    bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6)).SetName("Liver")
    roi.SetName("Liver")
    assert [row[0] for row in bench.table] == ["Liver", "Liver (2)"]
    assert [row["roi"] for row in bench.tool.record().tables[0].content()["rows"]] == ["Liver", "Liver (2)"]


def test_new_rois_have_free_names_and_colours_of_their_own(slicer_scene, bench):
    rois = [bench.tool.add_at(MIDDLE, (5, 5, 5)) for _ in range(8)]
    assert [node.GetName() for node in rois] == [f"ROI {number}" for number in range(1, 9)]
    colours = {node.GetDisplayNode().GetSelectedColor() for node in rois}
    assert len(colours) == 8
    freed = rois[2].GetDisplayNode().GetSelectedColor()
    slicer_scene.scene.RemoveNode(rois[2])
    again = bench.tool.add_at(MIDDLE, (5, 5, 5))
    assert (again.GetName(), again.GetDisplayNode().GetSelectedColor()) == ("ROI 3", freed)


def test_markups_that_are_there_already_can_be_measured_in(slicer_scene, bench):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode", "Mine")
    node.SetCenter(*MIDDLE)
    node.SetSize(11, 11, 6)
    bench.work()
    assert bench.tool.regions == ()
    bench.tool.add(node)
    assert bench.table[0][0] == "Mine"


def test_a_file_of_a_roi_will_say_its_shape(bench):
    round_roi, box = bench.tool.add_at(MIDDLE, (9, 9, 6), RoiShape.ELLIPSOID), bench.tool.add_at(MIDDLE, (9, 9, 6))
    bench.work()
    assert [node.GetNthControlPointDescription(0) for node in (round_roi, box)] == ["ellipsoid", ""]


def test_what_has_no_inside_is_no_roi(slicer_scene, bench):
    line = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsLineNode")
    with pytest.raises(ValueError, match="vtkMRMLMarkupsLineNode has no inside"):
        bench.tool.add(line)


def test_a_copy_of_a_roi_is_a_roi(slicer_scene, bench, roi):
    copy = slicer_scene.scene.CreateNodeByClass("vtkMRMLMarkupsROINode")
    copy.Copy(roi)
    copy.SetName("Copy")
    slicer_scene.scene.AddNode(copy)
    assert [row[0] for row in bench.table] == ["ROI 1", "Copy"]


def test_dragging_one_roi_leaves_the_others_alone(bench, roi, monkeypatch):
    other = bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    bench.work()
    measured = []
    honest = roi_figures.roi_table
    monkeypatch.setattr(
        roi_figures, "roi_table", lambda shapes, *rest, **more: measured.append(shapes) or honest(shapes, *rest, **more)
    )
    other.SetCenter(*MIDDLE)
    bench.work()
    ((shape,),) = measured
    assert shape.shape.centre == pytest.approx(MIDDLE)


def test_without_a_change_there_is_nothing_to_do(bench, roi):
    bench.work()
    events = []
    bench.tool.table_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append(1))
    told = bench.told
    assert not bench.tool.work(1.0)
    roi.GetDisplayNode().SetOpacity(0.5)
    bench.work()
    assert (bench.told, events) == (told, [])


def test_work_ends_with_its_budget_and_goes_on_later(bench):
    for step in range(4):
        bench.tool.add_at(at(step, 0), (11, 11, 6))
    shown = []
    while bench.tool.work(0.0):
        shown.append(len([row for row in bench.shown_rows() if row[1] != "–"]))
    assert shown == [1, 2, 3]


def test_each_roi_has_its_turn_while_volumes_change_faster_than_all_are_measured(bench):
    for step in range(6):
        bench.tool.add_at(at(step, 0), (11, 11, 6))
    for _ in range(6):
        bench.volumes.denoised.GetImageData().Modified()
        bench.volumes.denoised.Modified()
        bench.tool.work(0.0)
    assert not [row[0] for row in bench.shown_rows() if row[1] == "–"]


def test_a_scene_in_the_middle_of_a_batch_is_left_alone(slicer_scene, bench, roi):
    slicer_scene.scene.StartState(slicer_scene.scene.BatchProcessState)
    assert bench.tool.work(1.0)
    assert bench.tool.table_node is None
    slicer_scene.scene.EndState(slicer_scene.scene.BatchProcessState)
    assert not bench.tool.work(1.0)
    assert bench.tool.table_node is not None


def test_a_roi_outside_is_said_by_name_and_shown_by_dashes(bench, roi):
    roi.SetCenter(500, 0, 0)
    inside = bench.tool.add_at(MIDDLE, (11, 11, 6))
    assert set(bench.table[0][1:]) == {"–"}
    assert "–" not in bench.table[1]
    (sentence,) = bench.tool.problems
    assert sentence.startswith("ROI 1: The region lies outside the image")
    roi.SetCenter(*MIDDLE)
    bench.work()
    assert bench.tool.problems == ()
    assert inside.GetScene() is not None


def test_rois_with_the_same_problem_share_a_sentence(bench, roi):
    roi.SetCenter(500, 0, 0)
    bench.tool.add_at((500, 0, 0), (11, 11, 6))
    bench.work()
    (sentence,) = bench.tool.problems
    assert sentence.startswith("ROI 1, ROI 2: ")


def test_a_bent_roi_is_refused_by_name(bench, roi):
    bench.bend(roi)
    assert set(bench.table[0][1:]) == {"–"}
    assert any("“ROI 1” is under a transform that bends it" in sentence for sentence in bench.tool.problems)


def test_bent_volumes_are_refused_by_name(bench, roi):
    bench.bend(bench.volumes.smooth)
    assert bench.table == []
    assert any("“smooth” is under a transform that bends it" in sentence for sentence in bench.tool.problems)


def test_volumes_of_other_voxels_are_measured_only_when_the_user_allows_it(slicer_scene, bench, roi):
    finer = slicer_scene.add_volume(np.full((16, 128, 128), 55, np.int16), name="finer", spacing=(2, 0.5, 0.5))
    bench.tool.show(ComparisonVolumes(input=bench.volumes.input, denoised=finer), ())
    assert bench.table[0][bench.header.index("Denoised: mean [HU]")] == "–"
    assert bench.figure(roi, "Input: SD [HU]") == pytest.approx(20, rel=0.2)
    (sentence,) = bench.tool.problems
    assert "“Denoised: finer” has other voxels" in sentence
    assert not bench.tool.resample
    bench.tool.resample = True
    assert bench.figure(roi, "Denoised: mean [HU]") == 55
    assert bench.tool.problems == ()


def test_sections_that_are_not_denoised_yet_have_no_figures(bench, roi):
    for name, value in (("strength", "1"), ("sections", "0-7")):
        bench.volumes.denoised.SetAttribute(f"CTDenoise.{name}", value)
    PROVENANCE.store(bench.volumes.denoised)
    assert bench.table[0][bench.header.index("Denoised: SD [HU]")] == "–"
    assert any("holds no data yet in 2 of the 3 sections" in sentence for sentence in bench.tool.problems)
    bench.volumes.denoised.SetAttribute("CTDenoise.sections", "0-15")
    assert bench.figure(roi, "Denoised: SD [HU]") == pytest.approx(NOISE["denoised"], rel=0.2)


def test_a_background_without_noise_gives_no_contrast_and_says_so(bench, roi):
    voxels_of(bench.volumes.denoised)[:] = 0
    bench.volumes.denoised.GetImageData().Modified()
    bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    bench.tool.background = roi
    assert bench.table[1][bench.header.index("Denoised: CNR")] == "–"
    assert any("background are equal" in sentence for sentence in bench.tool.problems)


def test_the_record_has_figures_places_images_and_definitions(bench, roi):
    bench.tool.background = roi
    bench.tool.add_at(MIDDLE + RIGHT, (8, 8, 6), RoiShape.CYLINDER)
    record = bench.tool.record().content()
    assert [image["name"] for image in record["images"]] == ["Input: input", "Smooth: smooth", "Denoised: denoised"]
    assert record["settings"]["background"] == "ROI 1"
    overview, details, places = record["tables"]
    assert overview["rows"][0]["sd_1"] == pytest.approx(voxels(bench.volumes.input).std(ddof=1), rel=1e-12)
    assert len(details["rows"]) == 6
    assert places["rows"][1]["shape"] == "cylinder"
    assert [places["rows"][1][f"centre_{axis}"] for axis in "ras"] == pytest.approx(list(MIDDLE + RIGHT))
    assert any("SD of the background" in note for note in record["notes"])


def test_a_record_of_nothing_is_a_record(slicer_scene, bench):
    slicer_scene.close()
    assert bench.tool.record().tables == ()


def test_nothing_is_measured_after_closing(bench, roi):
    bench.work()
    bench.tool.close()
    told = bench.told
    roi.SetCenter(0, 0, 0)
    assert bench.told == told


def test_errors_of_measuring_never_reach_the_caller(bench, roi):
    for size in ((0, 0, 0), (0.1, 0.1, 0.1), (1e6, 1e6, 1e6)):
        roi.SetSize(*size)
        try:
            bench.work()
        except MeasurementError as error:
            pytest.fail(str(error))

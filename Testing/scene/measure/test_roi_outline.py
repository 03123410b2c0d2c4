from __future__ import annotations

import numpy as np
import pytest
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.roi_nodes import new_roi, place_box
from CTDenoiseScene.roi_outline import RoiOutlines
from CTDenoiseScene.roi_shapes import RoiShape, set_roi_shape
from support.roi_bench import RoiBench, rotation, set_matrix
from support.slice_views import render_slice

CENTRE, SIZE = np.array([5.0, -3.0, 0.0]), np.array([40.0, 24.0, 30.0])
VIEW_SIZE = (200, 200)


@pytest.fixture
def outlines(slicer_scene):
    kept = RoiOutlines(slicer_scene.scene)
    yield kept
    kept.close()


@pytest.fixture
def roi(slicer_scene, outlines):
    def make(shape=RoiShape.ELLIPSOID, axes=None):
        node = new_roi(slicer_scene.scene, shape)
        place_box(node, CENTRE, SIZE, axes)
        outlines.show([node])
        return node

    return make


@pytest.fixture
def models(slicer_scene):
    """Outlines in the scene; slice views have models of their own."""
    return lambda: [
        node for node in slicer_scene.scene.GetNodesByClass("vtkMRMLModelNode") if node.GetName() == "ROI outline"
    ]


def points(model):
    return vtk_to_numpy(model.GetPolyData().GetPoints().GetData()).astype(np.float64)


def in_roi(world, axes=None, centre=CENTRE):
    """In units of half the size of the ROI, along its axes."""
    return (world - centre) @ (np.eye(3) if axes is None else axes).T / (SIZE / 2)


def test_an_ellipsoid_is_shown_by_its_true_surface(roi, models):
    roi()
    (model,) = models()
    assert np.linalg.norm(in_roi(points(model)), axis=1) == pytest.approx(1.0, abs=1e-6)


def test_a_cylinder_is_shown_by_its_true_surface_along_the_third_axis(roi, models):
    axes = rotation(30, (1, 1, 0))[:3, :3].T
    roi(RoiShape.CYLINDER, axes)
    found = in_roi(points(models()[0]), axes)
    assert np.hypot(found[:, 0], found[:, 1]) == pytest.approx(1.0, abs=1e-6)
    assert np.abs(found[:, 2]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("shape", [RoiShape.BOX, RoiShape.CLOSED_CURVE])
def test_what_slicer_draws_itself_needs_no_outline(slicer_scene, outlines, models, shape):
    node = new_roi(slicer_scene.scene, shape)
    if shape is RoiShape.BOX:
        place_box(node, CENTRE, SIZE)
    outlines.show([node])
    assert not models()


def test_the_outline_follows_its_roi_at_once(roi, models):
    node = roi()
    node.SetCenter(50, 60, 70)
    node.SetSize(*(2 * SIZE))
    assert np.linalg.norm(in_roi(points(models()[0]), centre=(50, 60, 70)) / 2, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_the_outline_follows_the_transforms_of_its_roi(slicer_scene, roi, models):
    node = roi()
    transform = RoiBench(slicer_scene).put_under_transform(node, np.eye(4))
    turned = rotation(90)
    turned[:3, 3] = (100, 0, 0)
    set_matrix(transform, turned)
    moved = turned[:3, :3] @ CENTRE + turned[:3, 3]
    assert points(models()[0]).mean(axis=0) == pytest.approx(moved, abs=0.01)


def test_a_roi_that_is_bent_has_no_outline(slicer_scene, roi, models):
    RoiBench(slicer_scene).bend(roi())
    assert not models()


def test_the_outline_comes_and_goes_with_the_shape(roi, models):
    node = roi(RoiShape.BOX)
    set_roi_shape(node, RoiShape.CYLINDER)
    assert len(models()) == 1
    set_roi_shape(node, RoiShape.BOX)
    assert not models()


def test_the_box_is_a_faint_frame_where_there_is_an_outline(roi):
    node = roi()
    assert node.GetDisplayNode().GetOutlineOpacity() < 0.5
    set_roi_shape(node, RoiShape.BOX)
    assert node.GetDisplayNode().GetOutlineOpacity() == 1.0


def test_the_outline_is_in_no_list_of_the_user_and_in_no_saved_scene(slicer_scene, roi, models, tmp_path):
    roi()
    (model,) = models()
    for node in (model, model.GetDisplayNode()):
        assert node.GetHideFromEditors()
        assert not node.GetSaveWithScene()
    excluded = slicer.vtkMRMLSubjectHierarchyConstants.GetSubjectHierarchyExcludeFromTreeAttributeName()
    assert model.GetAttribute(excluded)
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    assert not models()


def test_the_outline_leaves_with_its_roi_and_takes_its_display_along(slicer_scene, outlines, roi, models):
    displays = slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLModelDisplayNode")
    roi()
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLModelDisplayNode") == displays + 1
    outlines.show([])
    assert not models()
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLModelDisplayNode") == displays


def test_an_outline_that_the_user_deleted_comes_back_with_the_next_step(slicer_scene, roi, models):
    node = roi()
    slicer_scene.scene.RemoveNode(models()[0])
    node.SetCenter(0, 0, 0)
    assert len(models()) == 1


def test_the_outline_is_seen_where_and_as_its_roi_is(roi, models):
    node = roi()
    display, of_roi = models()[0].GetDisplayNode(), node.GetDisplayNode()
    assert display.GetColor() == of_roi.GetSelectedColor()
    assert display.GetVisibility()
    assert not display.GetVisibility3D()
    of_roi.SetSelectedColor(1, 0, 0)
    assert display.GetColor() == (1, 0, 0)
    of_roi.SetViewNodeIDs(["vtkMRMLSliceNodeRed"])
    assert display.GetViewNodeIDs() == ("vtkMRMLSliceNodeRed",)
    node.SetDisplayVisibility(False)
    assert not display.GetVisibility()


def test_slice_views_draw_an_ellipse(slicer_scene, roi):
    node = roi()
    node.GetDisplayNode().SetOutlineVisibility(False)
    node.GetDisplayNode().SetPropertiesLabelVisibility(False)
    view = slicer_scene.slice_logic("Red").GetSliceNode()
    view.SetFieldOfView(100, 100, 1)
    view.SetSliceOffset(7.5)  # at half the half height, where an ellipsoid is √¾ of its full width
    red, green, blue = (255 * part for part in node.GetDisplayNode().GetSelectedColor())
    picture = render_slice(slicer_scene, view, VIEW_SIZE).astype(float)
    drawn = np.argwhere(np.abs(picture - (red, green, blue)).sum(axis=-1) < 100)
    millimetres = np.ptp(drawn, axis=0) / 2.0  # 200 pixels show 100 mm
    assert millimetres == pytest.approx(np.sqrt(0.75) * SIZE[[1, 0]], abs=1.5)  # a line of two pixels


def test_closing_leaves_nothing_behind(outlines, roi, models):
    node = roi()
    outlines.close()
    node.SetCenter(1, 1, 1)
    assert not models()

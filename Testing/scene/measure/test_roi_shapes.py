from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from CTDenoiseLib.measure.markups.markups_file import read_markups
from CTDenoiseLib.measure.regions.shapes import Box, ClosedCurve, Cylinder, Ellipsoid, InvalidShapeError
from CTDenoiseScene.measured_volumes import TransformNotLinearError
from CTDenoiseScene.roi_nodes import new_roi, place_box
from CTDenoiseScene.roi_shapes import NotDrawnError, RoiShape, describe, roi_shape, set_roi_shape, shape_of
from support.roi_bench import RoiBench, rotation, set_matrix

CENTRE, SIZE = (1.0, 2.0, 3.0), (10.0, 20.0, 30.0)


@pytest.fixture
def roi(slicer_scene):
    def make(shape=RoiShape.BOX, axes=None):
        node = new_roi(slicer_scene.scene, shape)
        place_box(node, CENTRE, SIZE, axes)
        return node

    return make


@pytest.fixture
def curve(slicer_scene):
    node = new_roi(slicer_scene.scene, RoiShape.CLOSED_CURVE)
    node.SetCurveTypeToLinear()
    for point in ((0, 0, 5), (30, 0, 5), (30, 20, 5), (0, 20, 5)):
        node.AddControlPointWorld(vtk.vtkVector3d(*point))
    return node


def under_transform(node, matrix):
    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    set_matrix(transform, matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


@pytest.mark.parametrize(("shape", "kind"), [(RoiShape.BOX, Box), (RoiShape.ELLIPSOID, Ellipsoid)])
def test_a_roi_is_what_it_was_made_as(roi, shape, kind):
    found = shape_of(roi(shape))
    assert type(found) is kind
    assert found.centre == pytest.approx(CENTRE)
    assert found.size == pytest.approx(SIZE)
    assert found.axes == pytest.approx(np.eye(3))


def test_the_axis_of_a_cylinder_is_the_third_of_its_roi(roi):
    found = shape_of(roi(RoiShape.CYLINDER, rotation(90, (1, 0, 0))[:3, :3].T))
    assert type(found) is Cylinder
    assert found.axes[2] == pytest.approx((0, -1, 0), abs=1e-12)
    assert (found.diameters, found.height) == (pytest.approx((10, 20)), pytest.approx(30))


def test_a_roi_that_slicer_made_is_a_box(slicer_scene):
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    node.SetSize(*SIZE)
    assert roi_shape(node) is RoiShape.BOX
    assert type(shape_of(node)) is Box


def test_the_user_can_change_the_shape(roi):
    node = roi()
    set_roi_shape(node, RoiShape.ELLIPSOID)
    assert type(shape_of(node)) is Ellipsoid
    set_roi_shape(node, RoiShape.BOX)
    assert type(shape_of(node)) is Box


def test_left_handed_axes_make_the_same_box_of_right_handed_ones(roi):
    node = roi(axes=np.diag([1.0, 1.0, -1.0]))
    matrix = node.GetObjectToNodeMatrix()
    assert matrix.Determinant() > 0
    assert shape_of(node).size == pytest.approx(SIZE)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turned=st.floats(-180, 180),
    parent=st.floats(-180, 180),
    grown=st.floats(0.5, 2.0),
    shift=st.tuples(*(st.floats(-100, 100) for _ in range(3))),
)
def test_turned_rois_under_transforms_are_where_slicer_draws_them(roi, turned, parent, grown, shift):
    node = roi(axes=rotation(turned, (1, 2, 3))[:3, :3].T)
    matrix = rotation(parent, (0, 1, 1))
    matrix[:3, :3] *= grown
    matrix[:3, 3] = shift
    under_transform(node, matrix)
    found = shape_of(node)
    assert found.centre == pytest.approx(matrix[:3, :3] @ CENTRE + shift, abs=1e-9)
    assert found.size == pytest.approx(grown * np.array(SIZE))
    in_world = matrix[:3, :3] / grown @ rotation(turned, (1, 2, 3))[:3, :3]
    assert found.axes == pytest.approx(in_world.T, abs=1e-9)


def test_a_roi_under_several_transforms_follows_all_of_them(roi):
    node = roi()
    inner = under_transform(node, rotation(90))
    outer = under_transform(inner, np.eye(4))
    moved = np.eye(4)
    moved[:3, 3] = (100, 0, 0)
    set_matrix(outer, moved)
    assert shape_of(node).centre == pytest.approx((98, 1, 3))


def test_below_a_transform_that_shears_a_roi_stays_at_right_angles_as_slicer_draws_it(roi):
    node = roi(RoiShape.ELLIPSOID)
    sheared = np.eye(4)
    sheared[0, 1] = 0.5
    under_transform(node, sheared)
    found = shape_of(node)
    assert found.axes @ found.axes.T == pytest.approx(np.eye(3), abs=1e-9)
    drawn = np.zeros(3)
    node.GetSizeWorld(drawn)
    assert found.size == pytest.approx(drawn)


@pytest.mark.parametrize("kind", ["roi", "curve"])
def test_what_is_bent_is_refused_by_name(slicer_scene, kind, request):
    node = request.getfixturevalue(kind)
    node = node() if kind == "roi" else node
    RoiBench(slicer_scene).bend(node)
    with pytest.raises(TransformNotLinearError, match="“ROI 1” is under a transform that bends it"):
        shape_of(node)


def test_a_closed_curve_is_the_line_that_slicer_draws(curve):
    found = shape_of(curve)
    assert type(found) is ClosedCurve
    assert found.thickness is None
    assert (found.points.min(axis=0), found.points.max(axis=0)) == (
        pytest.approx((0, 0, 5)),
        pytest.approx((30, 20, 5)),
    )


def test_a_closed_curve_follows_its_transform(curve):
    under_transform(curve, rotation(90, (1, 0, 0)))
    assert shape_of(curve).points[:, 1] == pytest.approx(-5)


@pytest.mark.parametrize("shape", list(RoiShape))
def test_a_roi_without_points_is_not_drawn_yet(slicer_scene, shape):
    with pytest.raises(NotDrawnError, match="“ROI 1” is not placed yet"):
        shape_of(new_roi(slicer_scene.scene, shape))


def test_a_roi_with_one_corner_is_not_drawn_yet(slicer_scene):
    node = new_roi(slicer_scene.scene, RoiShape.BOX)
    node.AddControlPointWorld(vtk.vtkVector3d(0, 0, 0))
    with pytest.raises(NotDrawnError):
        shape_of(node)


def test_a_roi_without_extent_encloses_nothing(roi):
    node = roi()
    node.SetSize(0, 0, 5)
    with pytest.raises(InvalidShapeError):
        shape_of(node)


@pytest.mark.parametrize("shape", [RoiShape.BOX, RoiShape.ELLIPSOID, RoiShape.CYLINDER])
def test_the_shape_goes_through_a_markups_file(slicer_scene, roi, shape, tmp_path):
    node = roi(shape)
    describe(node)
    node.AddDefaultStorageNode()
    path = tmp_path / "ROI.mrk.json"
    assert slicer.vtkMRMLMarkupsROIJsonStorageNode.SafeDownCast(node.GetStorageNode())
    node.GetStorageNode().SetFileName(str(path))
    assert node.GetStorageNode().WriteData(node)
    (in_file,) = read_markups(path).shapes
    assert type(in_file.shape) is type(shape_of(node))

    opened = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    opened.AddDefaultStorageNode()
    opened.GetStorageNode().SetFileName(str(path))
    assert opened.GetStorageNode().ReadData(opened)
    assert roi_shape(opened) is shape


def test_what_the_user_wrote_about_a_box_stays(roi):
    node = roi()
    node.SetNthControlPointDescription(0, "liver")
    describe(node)
    assert node.GetNthControlPointDescription(0) == "liver"


def test_the_shape_can_be_changed_after_it_went_through_a_file(roi):
    node = roi(RoiShape.CYLINDER)
    describe(node)
    set_roi_shape(node, RoiShape.BOX)
    assert node.GetNthControlPointDescription(0) == ""
    assert roi_shape(node) is RoiShape.BOX

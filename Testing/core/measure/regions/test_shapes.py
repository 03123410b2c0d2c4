from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import OutsideImageError
from CTDenoiseLib.measure.image import Grid
from CTDenoiseLib.measure.regions.shapes import (
    Box,
    ClosedCurve,
    Cylinder,
    Ellipsoid,
    InvalidShapeError,
    LabelShape,
    Shape,
)
from support.tilted_grid import rotation, tilted_grid, voxel_centres

SHAPE = (15, 24, 21)
UPRIGHT = np.eye(3)


def mask_of(shape: Shape, grid: Grid) -> np.ndarray:
    """The voxels of a shape inside a grid, as a mask; each is found once."""
    indices = shape.spans(grid).inside(grid.shape).indices()
    mask = np.zeros(grid.shape, dtype=int)
    np.add.at(mask, tuple(indices.T), 1)
    assert mask.max(initial=0) <= 1
    return mask.astype(bool)


def local(grid: Grid, shape) -> np.ndarray:
    """Coordinates of all voxel centres along the axes of a shape, in units of its half size, shape (z, y, x, 3)."""
    return (voxel_centres(grid) - shape.centre) @ np.linalg.inv(shape.axes) / (shape.size / 2)


INSIDE = {
    Box: lambda u: (np.abs(u) < 1).all(axis=-1),
    Ellipsoid: lambda u: np.square(u).sum(axis=-1) < 1,
    Cylinder: lambda u: (np.square(u[..., :2]).sum(axis=-1) < 1) & (np.abs(u[..., 2]) < 1),
}
angles = st.tuples(*3 * [st.floats(-180, 180)])
lengths = st.tuples(*3 * [st.floats(3.5, 30)])
places = st.tuples(*3 * [st.floats(-6, 6)])


@pytest.mark.parametrize("kind", [Box, Ellipsoid, Cylinder])
@settings(max_examples=60)
@given(centre=places, turned=angles, size=lengths, grid_turned=angles)
def test_voxels_are_those_whose_centre_is_inside_in_any_direction(kind, centre, turned, size, grid_turned):
    grid = tilted_grid(SHAPE, spacing=(1.7, 0.8, 0.9), degrees=grid_turned)
    shape = (
        Cylinder(centre, rotation(*turned), size[:2], size[2])
        if kind is Cylinder
        else kind(centre, rotation(*turned), size)
    )
    within = INSIDE[kind](local(grid, shape) * (1 - 1e-5))
    surely = INSIDE[kind](local(grid, shape) * (1 + 1e-5))
    found = mask_of(shape, grid)
    assert not (found & ~within).any()
    assert not (surely & ~found).any()


def test_a_sheared_box_is_measured_as_the_parallelepiped_that_it_is():
    grid = tilted_grid(SHAPE)
    slanted = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 1]])
    box = Box((0.1, 0.2, 0.3), slanted, (8.3, 9.1, 6.7))
    np.testing.assert_array_equal(mask_of(box, grid), INSIDE[Box](local(grid, box)))


@settings(max_examples=40)
@given(turned=angles, cuts=st.lists(st.integers(-9, 9), min_size=3, max_size=5, unique=True))
def test_adjoining_boxes_share_no_voxel_and_miss_none(turned, cuts):
    grid = tilted_grid(SHAPE, degrees=turned)
    axes = rotation(*turned).T

    def box(low: float, high: float) -> Box:
        return Box(axes.T @ [(low + high) / 2, 0, 0], axes, (high - low, 12, 8))

    ends = sorted(cuts)
    parts = sum(mask_of(box(low, high), grid).astype(int) for low, high in pairwise(ends))
    np.testing.assert_array_equal(parts, mask_of(box(ends[0], ends[-1]), grid))


def test_a_box_that_ends_on_voxel_centres_has_the_voxels_of_its_volume():
    grid = tilted_grid((21, 21, 21))
    assert Box((0, 0, 0), UPRIGHT, (10, 8, 6)).spans(grid).count == 480


@pytest.mark.parametrize("kind", [Box, Ellipsoid])
@pytest.mark.parametrize("thickness", [0.0, 0.7, 1.999])
@pytest.mark.parametrize("height", [-0.9, 0.0, 0.3, 1.0])
def test_a_shape_thinner_than_a_section_is_one_section_thick(kind, thickness, height):
    grid = tilted_grid((9, 40, 40), spacing=(2.0, 0.5, 0.5))
    found = mask_of(kind((0, 0, height), UPRIGHT, (10, 8, thickness)), grid)
    counts = found.sum(axis=(1, 2))
    expected = 20 * 16 if kind is Box else round(np.pi / 4 * 20 * 16)
    assert np.count_nonzero(counts) == 1
    assert counts.max() == pytest.approx(expected, rel=0.02)
    # Half-way between two sections, at 1.0, either is the nearest.
    assert abs((np.argmax(counts) - 4) * 2.0 - height) <= 1.0


def test_a_disc_is_a_cylinder_of_no_height():
    grid = tilted_grid((5, 40, 40))
    disc = mask_of(Cylinder((0, 0, 0.2), UPRIGHT, (20, 20), 0), grid)
    np.testing.assert_array_equal(disc, mask_of(Ellipsoid((0, 0, 0.2), UPRIGHT, (20, 20, 0)), grid))


@settings(max_examples=40)
@given(turned=angles, offset=st.floats(-3, 3))
def test_a_flat_shape_on_an_oblique_slice_is_one_voxel_thick_without_holes(turned, offset):
    grid = tilted_grid((31, 31, 31))
    axes = rotation(*turned)
    found = mask_of(Box(offset * axes[2], axes, (200, 200, 0)), grid)
    steepest = 2 - int(np.abs(axes[2]).argmax())
    through = found.sum(axis=steepest)
    assert through.max() == 1
    assert through[15, 15] == 1


def test_shapes_are_the_same_voxels_in_either_frame_of_patient_coordinates():
    to_ras = np.diag([-1.0, -1.0, 1.0, 1.0])
    lps = tilted_grid((9, 30, 30), spacing=(2.0, 1.0, 1.0))
    ras = Grid(lps.shape, to_ras @ lps.world_from_index)
    flip = to_ras[:3, :3]
    points = np.array([[-6.0, -6, 1], [7, -5, 1], [5, 8, 1]])  # half-way between two sections
    np.testing.assert_array_equal(mask_of(ClosedCurve(points), lps), mask_of(ClosedCurve(points @ flip), ras))
    box = Box((0, 0, 1), UPRIGHT, (10, 10, 0))
    turned = Box(flip @ box.centre, box.axes @ flip, box.size)
    np.testing.assert_array_equal(mask_of(box, lps), mask_of(turned, ras))


@settings(max_examples=40)
@given(turned=angles, corners=st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=9))
def test_a_closed_curve_holds_the_voxels_of_its_polygon(turned, corners):
    from skimage.measure import points_in_poly

    corners = np.array(corners)
    axes = rotation(*turned).T
    try:
        curve = ClosedCurve(corners @ axes[:2])
        # Turned as the curve, the plane is a section; moved, no voxel centre lies on an edge but by chance.
        grid = tilted_grid((3, 40, 40), spacing=(3.0, 0.61, 0.67), degrees=turned, centre=axes.T @ [0.013, 0.017, 0.4])
        found = mask_of(curve, grid)
    except InvalidShapeError:
        return  # all corners in a line
    up_and_across = voxel_centres(grid)[1] @ axes[:2].T
    expected = points_in_poly(up_and_across.reshape(-1, 2), corners).reshape(40, 40)
    assert not found[[0, 2]].any()
    assert np.count_nonzero(found[1] != expected) == 0


def test_a_star_that_crosses_itself_is_empty_in_the_middle():
    turns = np.arange(5) * 4 * np.pi / 5
    star = np.stack((15 * np.sin(turns), 15 * np.cos(turns), 0 * turns), axis=1)
    found = mask_of(ClosedCurve(star), tilted_grid((1, 41, 41)))[0]
    assert not found[20, 20]
    assert found[30, 20]


def test_a_thick_closed_curve_holds_several_sections():
    square = np.array([[-5, -5, 0], [5, -5, 0], [5, 5, 0], [-5, 5, 0]])
    found = mask_of(ClosedCurve(square, thickness=5.0), tilted_grid((11, 21, 21)))
    assert found.sum(axis=(1, 2)).tolist() == [0, 0, 0, 100, 100, 100, 100, 100, 0, 0, 0]


def test_a_closed_curve_that_is_not_flat_is_refused_with_the_reason():
    points = np.array([[-5, -5, 0], [5, -5, 4], [5, 5, 0], [-5, 5, 4]])
    with pytest.raises(InvalidShapeError, match=r"not flat.*4\.0 mm.*one slice"):
        ClosedCurve(points).spans(tilted_grid((11, 21, 21)))


def test_a_label_on_its_own_grid_is_its_voxels(rng):
    grid = tilted_grid(SHAPE, spacing=(2.0, 1.0, 0.5), degrees=(10, 20, 30))
    mask = rng.random(SHAPE) > 0.7
    np.testing.assert_array_equal(mask_of(LabelShape(mask, grid), grid), mask)


def test_a_label_on_another_grid_holds_the_voxels_whose_centre_is_in_its_voxels(rng):
    label_grid = tilted_grid((6, 8, 9), spacing=(3.0, 2.0, 2.5), degrees=(25, -10, 40))
    grid = tilted_grid(SHAPE, spacing=(1.7, 0.8, 0.9))
    mask = rng.random(label_grid.shape) > 0.5
    nearest = np.rint(label_grid.to_index(voxel_centres(grid))).astype(int)
    inside = ((nearest >= 0) & (nearest < label_grid.shape)).all(axis=-1)
    clipped = np.clip(nearest, 0, np.array(label_grid.shape) - 1)
    expected = inside & mask[tuple(np.moveaxis(clipped, -1, 0))]
    np.testing.assert_array_equal(mask_of(LabelShape(mask, label_grid), grid), expected)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Box((0, 0, 0), UPRIGHT, (0, 0, 0)),
        lambda: Box((0, 0, 0), UPRIGHT, (5, 0, 0)),
        lambda: Ellipsoid((0, 0, 0), UPRIGHT, (5, -5, 5)),
        lambda: Cylinder((0, 0, 0), UPRIGHT, (0, 0), 5),
        lambda: Box((0, 0, float("nan")), UPRIGHT, (5, 5, 5)),
        lambda: Cylinder((0, 0, 0), UPRIGHT, (5, float("inf")), 5),
        lambda: Box((0, 0, 0), np.ones((3, 3)), (5, 5, 5)),
        lambda: ClosedCurve([[0, 0, 0], [1, 0, 0]]),
        lambda: ClosedCurve([[0, 0, 0], [1, 0, 0], [3, 0, 0]]).spans(tilted_grid((3, 3, 3))),
        lambda: LabelShape(np.zeros((2, 2, 2)), tilted_grid((2, 2, 2))),
    ],
)
def test_a_shape_that_encloses_nothing_is_refused(make):
    with pytest.raises(InvalidShapeError, match=r"draw|choose"):
        make()


def test_a_shape_in_other_sections_is_outside():
    with pytest.raises(OutsideImageError, match="outside the image"):
        Box((0, 0, 1e6), UPRIGHT, (5, 5, 5)).spans(tilted_grid((3, 3, 3)))


@pytest.mark.parametrize("turned", [(0, 0, 0), (20, 40, 60)])
def test_both_loops_of_a_figure_of_eight_are_inside(turned):
    grid = tilted_grid((31, 41, 41))
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    eight = np.stack([14 * np.sin(turn), 8 * np.sin(2 * turn), 0 * turn], axis=1) @ rotation(*turned).T
    # ∮ x dy of one loop, and the other.
    assert ClosedCurve(eight, thickness=6.0).spans(grid).count / 6 == pytest.approx(2 * 14 * 8 * 4 / 3, rel=0.05)


def test_a_mask_that_does_not_fill_its_grid_is_a_mistake():
    with pytest.raises(ValueError, match="does not fill"):
        LabelShape(np.ones((2, 2, 2)), tilted_grid((2, 3, 2)))

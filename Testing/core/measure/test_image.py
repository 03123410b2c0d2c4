"""Where voxels lie in the world."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.volume import Geometry, Volume

SHAPE = (5, 7, 6)
TILTED = Geometry(
    spacing=(2.0, 0.5, 0.25),
    origin=(10.0, -20.0, 30.0),
    direction=((0.0, 0.6, 0.8), (0.0, 0.8, -0.6), (1.0, 0.0, 0.0)),
)


@given(index=st.tuples(*(st.integers(0, size - 1) for size in SHAPE)))
def test_voxels_lie_where_simpleitk_says(index):
    image = SimpleITK.Image(*reversed(SHAPE), SimpleITK.sitkInt16)
    image.SetSpacing(TILTED.spacing[::-1])
    image.SetOrigin(TILTED.origin)
    image.SetDirection(np.transpose(TILTED.direction[::-1]).ravel().tolist())
    world = Grid.of(TILTED, SHAPE).to_world(np.array(index))
    assert world == pytest.approx(image.TransformIndexToPhysicalPoint(tuple(reversed(index))))


def test_world_and_index_are_each_others_inverse(rng):
    grid = Grid.of(TILTED, SHAPE)
    points = rng.uniform(-50, 50, (4, 2, 3))
    assert grid.to_world(grid.to_index(points)) == pytest.approx(points)


def test_spacing_and_volume_of_voxels():
    grid = Grid.of(TILTED, SHAPE)
    assert grid.spacing == pytest.approx((2.0, 0.5, 0.25))
    assert grid.voxel_volume == pytest.approx(0.25)


def test_mirrored_voxels_have_a_positive_volume():
    matrix = np.diag([1.0, 1.0, -1.0, 1.0])
    assert Grid(SHAPE, matrix).voxel_volume == 1.0


@pytest.mark.parametrize(("shift", "same"), [(0.0, True), (1e-5, True), (0.01, False)])
def test_grids_are_the_same_unless_a_voxel_has_moved(shift, same):
    grid = Grid.of(TILTED, SHAPE)
    moved = grid.world_from_index.copy()
    moved[0, 3] += shift
    assert grid.is_same_as(Grid(SHAPE, moved)) is same


def test_a_small_turn_counts_by_what_it_does_to_the_far_corner():
    grid = Grid((1, 1000, 1000), np.eye(4))
    turned = np.eye(4)
    turned[0, 2] = 1e-5
    assert not grid.is_same_as(Grid(grid.shape, turned))


def test_grids_of_another_number_of_voxels_differ():
    assert not Grid(SHAPE, np.eye(4)).is_same_as(Grid((5, 7, 8), np.eye(4)))


def test_image_of_a_volume_knows_the_widest_padding():
    padding = np.array([[np.nan, np.nan], [-2048, -2000], [-3024, -3024]], np.float32)
    volume = Volume(np.zeros((3, 2, 2), np.float32), padding=padding)
    image = MeasuredImage.of(volume, name="Input")
    assert image.padding_hu == (-3024.0, -2000.0)
    assert image.values is volume.hu


def test_image_of_a_volume_without_padding_has_none(tiny_volume):
    assert MeasuredImage.of(tiny_volume, name="Input").padding_hu is None


def test_values_that_do_not_fill_the_grid_are_a_mistake():
    with pytest.raises(ValueError, match="do not fill"):
        MeasuredImage("Input", np.zeros((5, 6, 7)), Grid(SHAPE, np.eye(4)))


@pytest.mark.parametrize("stored", ["<i2", ">i2", "<u2", "<f4", ">f8"])
@pytest.mark.parametrize("padding", [(-2000.0, 100.5), (-np.inf, 100.0), (-90_000.0, 100.0)])
def test_padding_is_found_in_values_of_any_type(stored, padding):
    values = np.array([[[0, 100, 101, 3000]]], stored)
    image = MeasuredImage("Input", values, Grid(values.shape, np.eye(4)), padding)
    assert image.is_padding(values).ravel().tolist() == [True, True, False, False]


def test_values_that_are_no_numbers_are_no_data():
    values = np.array([[[np.nan, -np.inf, 0, -2000]]])
    image = MeasuredImage("Input", values, Grid(values.shape, np.eye(4)), (-2000, -2000))
    assert image.has_no_data(values).ravel().tolist() == [True, True, False, True]

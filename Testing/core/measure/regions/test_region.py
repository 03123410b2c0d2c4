import math

import numpy as np
import pytest

from CTDenoiseLib.measure.errors import (
    DifferentGridError,
    NotDenoisedHereError,
    OutsideImageError,
    TooFewVoxelsError,
)
from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.shapes import Box, Cylinder, Ellipsoid
from support.tilted_grid import rotation, tilted_grid

UPRIGHT = np.eye(3)


@pytest.fixture
def grid():
    return tilted_grid((20, 40, 50), spacing=(2.0, 0.8, 0.9), degrees=(15, 25, 35))


def test_values_are_those_of_the_voxels_in_the_order_of_memory(grid, rng):
    image = MeasuredImage("CT", rng.integers(-1000, 3000, grid.shape, dtype=np.int16), grid)
    region = region_voxels(Box((1, 2, 3), rotation(40, 50, 60), (12, 15, 9)), grid)
    z, y, x = region.indices().T
    assert (np.diff(np.ravel_multi_index((z, y, x), grid.shape)) > 0).all()
    np.testing.assert_array_equal(region.values(image), image.values[z, y, x])
    assert region.values(image).dtype == np.float64
    assert region.sections == tuple(np.unique(z))


def test_large_regions_are_read_in_pieces_to_the_same_end(rng):
    grid = tilted_grid((30, 160, 170))
    image = MeasuredImage("CT", rng.normal(size=grid.shape).astype(np.float32), grid)
    region = region_voxels(Ellipsoid((0, 0, 0), UPRIGHT, (170, 150, 29)), grid)
    assert region.count > 300_000
    np.testing.assert_array_equal(region.values(image), image.values[tuple(region.indices().T)])


def test_images_that_do_not_lie_in_one_piece_of_memory_are_read_too(grid, rng):
    values = rng.normal(size=grid.shape)
    region = region_voxels(Ellipsoid((0, 0, 0), UPRIGHT, (20, 20, 20)), grid)
    flipped = MeasuredImage("CT", values[::-1].copy()[::-1], grid)
    np.testing.assert_array_equal(region.values(flipped), region.values(MeasuredImage("CT", values, grid)))


def test_volume_is_voxels_times_the_volume_of_one(grid):
    region = region_voxels(Ellipsoid((0, 0, 0), rotation(5, 6, 7), (20, 18, 22)), grid)
    assert region.volume_mm3 == pytest.approx(region.count * 2.0 * 0.8 * 0.9)
    # Partial voxels, decided by their centres, leave a deviation of a percent or so with 2600 voxels.
    assert region.volume_mm3 == pytest.approx(math.pi / 6 * 20 * 18 * 22, rel=0.02)


def test_area_is_known_in_one_section_only():
    grid = tilted_grid((9, 100, 100), spacing=(2.0, 0.5, 0.4))
    disc = region_voxels(Cylinder((0, 0, 0.3), UPRIGHT, (15, 15), 0), grid)
    assert disc.area_mm2 == pytest.approx(math.pi / 4 * 15**2, rel=0.01)
    assert disc.volume_mm3 == pytest.approx(2.0 * disc.area_mm2)
    assert region_voxels(Cylinder((0, 0, 0), UPRIGHT, (15, 15), 6), grid).area_mm2 is None


def test_voxels_beyond_the_edge_are_missing_and_counted():
    grid = tilted_grid((11, 21, 21))
    region = region_voxels(Box((10, 0, 0), UPRIGHT, (8, 4, 2)), grid)
    assert (region.count, region.clipped) == (5 * 4 * 2, 3 * 4 * 2)
    region = region_voxels(Box((0, -10, 5), UPRIGHT, (8, 4, 2)), grid)
    assert (region.count, region.clipped) == (8 * 2 * 2, 8 * 2 * 2)


def test_a_region_far_larger_than_the_image_is_the_whole_image():
    grid = tilted_grid((11, 21, 21))
    region = region_voxels(Ellipsoid((0, 0, 0), rotation(1, 2, 3), (1e6, 1e6, 1e6)), grid)
    assert region.count == 11 * 21 * 21
    assert region.clipped > region.count


@pytest.mark.parametrize("centre", [(60, 0, 0), (0, 60, 0), (0, 0, -60), (1e5, 1e5, 1e5)])
def test_a_region_outside_the_image_says_so(centre):
    with pytest.raises(OutsideImageError, match=r"outside the image; move it inside"):
        region_voxels(Ellipsoid(centre, rotation(10, 20, 30), (9, 9, 9)), tilted_grid((21, 21, 21)))


def test_a_region_between_voxel_centres_says_that_it_is_too_small():
    grid = tilted_grid((21, 21, 21), spacing=(2.0, 2.0, 2.0))
    with pytest.raises(TooFewVoxelsError, match=r"smaller than one; draw it larger"):
        region_voxels(Ellipsoid((1, 1, 1), UPRIGHT, (2.1, 2.1, 2.1)), grid)


def test_an_image_of_other_voxels_is_not_read(grid):
    other = tilted_grid((20, 40, 50), spacing=(2.0, 0.8, 0.9), degrees=(15, 25, 36))
    region = region_voxels(Ellipsoid((0, 0, 0), UPRIGHT, (20, 20, 20)), grid)
    with pytest.raises(DifferentGridError, match=r"“CT” has other voxels.*resampling"):
        region.values(MeasuredImage("CT", np.zeros(other.shape), other))


def test_sections_without_data_are_not_read(grid):
    grid = tilted_grid((20, 40, 50))
    region = region_voxels(Box((0, 0, 0), UPRIGHT, (4, 4, 4)), grid)
    image = MeasuredImage("Denoised", np.zeros(grid.shape), grid, sections=frozenset(region.sections[1:]))
    with pytest.raises(NotDenoisedHereError, match=r"“Denoised” holds no data yet in 1 of the 4 sections"):
        region.values(image)

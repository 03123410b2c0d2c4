import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.errors import DifferentGridError, NotDenoisedHereError, TooFewVoxelsError
from CTDenoiseLib.measure.image import Grid, MeasuredImage
from CTDenoiseLib.measure.regions.region import region_voxels
from CTDenoiseLib.measure.regions.roi_statistics import (
    NoNoiseError,
    RoiStatistics,
    bias,
    contrast_to_noise,
    noise_reduction,
    roi_statistics,
)
from CTDenoiseLib.measure.regions.shapes import Box, Cylinder, Ellipsoid
from support.tilted_grid import rotation, tilted_grid, voxel_centres

UPRIGHT = np.eye(3)
BALL = Ellipsoid((1, 0, -1), rotation(20, 30, 40), (14, 12, 10))


@pytest.fixture
def grid() -> Grid:
    return tilted_grid((18, 24, 22), spacing=(1.2, 0.9, 1.0))


def noise(grid: Grid, seed: int, kind: str) -> MeasuredImage:
    values = np.random.default_rng(seed).normal(40, 30, grid.shape)
    return MeasuredImage(f"Image {seed}", values.astype(kind), grid)


@pytest.mark.parametrize("kind", ["int16", "uint16", "int32", "float32", "float64"])
def test_figures_are_those_of_numpy_for_the_voxels_inside(grid, kind):
    image = MeasuredImage("CT", np.abs(noise(grid, 0, "float64").values).astype(kind), grid)
    (found,) = roi_statistics(BALL, [image])
    values = region_voxels(BALL, grid).values(image)
    assert found.count == values.size > 500
    exact = {"rel": 1e-12}
    assert found.mean == pytest.approx(values.mean(), **exact)
    assert found.sd == pytest.approx(values.std(ddof=1), **exact)
    assert found.sem == pytest.approx(values.std(ddof=1) / math.sqrt(values.size), **exact)
    assert found.snr == pytest.approx(values.mean() / values.std(ddof=1), **exact)
    assert found.median == pytest.approx(np.median(values), **exact)
    assert found.percentiles == pytest.approx(tuple(np.percentile(values, (5, 25, 75, 95))), **exact)
    assert (found.minimum, found.maximum) == (values.min(), values.max())
    assert found.volume_mm3 == pytest.approx(values.size * 1.2 * 0.9 * 1.0)
    assert (found.padding_left_out, found.clipped) == (0, 0)


@given(st.lists(st.integers(-1024, 31743), min_size=2, max_size=40))
def test_figures_are_those_of_numpy_for_few_voxels_too(values):
    grid = Grid((1, 1, len(values)), np.eye(4)[[2, 1, 0, 3]])
    everything = Box(((len(values) - 1) / 2, 0, 0), UPRIGHT, (len(values), 1, 1))
    (found,) = roi_statistics(everything, [MeasuredImage("CT", np.array(values, dtype=np.int16)[None, None], grid)])
    assert found.sd == pytest.approx(np.std(values, ddof=1), rel=1e-12, abs=1e-9)
    assert found.percentiles == pytest.approx(tuple(np.percentile(values, (5, 25, 75, 95))), rel=1e-12, abs=1e-9)


def test_noise_far_from_zero_is_as_exact(grid):
    values = (30_000 + noise(grid, 0, "float64").values * 1e-2).astype(np.float32)
    (found,) = roi_statistics(BALL, [MeasuredImage("CT", values, grid)])
    assert found.sd == pytest.approx(np.std(values[tuple(region_voxels(BALL, grid).indices().T)], ddof=1, dtype=float))


def test_large_regions_have_the_same_figures(rng):
    grid = tilted_grid((40, 100, 100))
    images = [MeasuredImage(kind, rng.normal(0, 30, grid.shape).astype(kind), grid) for kind in ("int16", "float32")]
    shape = Cylinder((0, 0, 0), UPRIGHT, (90, 90), 38)
    for image, found in zip(images, roi_statistics(shape, images), strict=True):
        values = region_voxels(shape, grid).values(image)
        assert found.count > 200_000
        assert (found.mean, found.sd) == pytest.approx((values.mean(), values.std(ddof=1)), rel=1e-12)
        assert found.median == np.median(values)


def test_a_sphere_of_known_hu_has_them(grid):
    inside = np.linalg.norm(voxel_centres(grid), axis=-1) < 8
    image = MeasuredImage("CT", np.where(inside, 100, -1000).astype(np.int16), grid)
    (found,) = roi_statistics(Ellipsoid((0, 0, 0), UPRIGHT, (16, 16, 16)), [image])
    assert (found.mean, found.sd, found.minimum, found.maximum) == (100, 0, 100, 100)
    assert found.snr is None


def test_all_images_are_measured_in_the_same_voxels(grid):
    images = [noise(grid, seed, "int16") for seed in (0, 1)]
    low = images[1].values.copy()
    low[9, 12, 8:12] = -2000
    images[1] = replace(images[1], values=low, padding_hu=(-2000.0, -2000.0))
    first, second = roi_statistics(BALL, images)
    alone = roi_statistics(BALL, [replace(images[0])])[0]
    assert first.count == second.count == alone.count - 4
    assert first.padding_left_out == second.padding_left_out == 4
    assert second.minimum > -2000
    assert first.volume_mm3 == pytest.approx(alone.volume_mm3 * first.count / alone.count)


def test_values_that_are_no_number_count_as_padding(grid):
    values = noise(grid, 0, "float32").values.copy()
    values[9, 12, 9:12] = (np.nan, np.inf, -np.inf)
    (found,) = roi_statistics(BALL, [MeasuredImage("CT", values, grid)])
    assert found.padding_left_out == 3
    assert math.isfinite(found.sd)


def test_padding_between_whole_numbers_matches_none(grid):
    image = replace(noise(grid, 0, "int16"), padding_hu=(40.2, 40.8))
    assert roi_statistics(BALL, [image])[0].padding_left_out == 0


def test_area_is_given_in_one_section(grid):
    (found,) = roi_statistics(Cylinder((0, 0, 0.6), UPRIGHT, (10, 10), 0), [noise(grid, 0, "int16")])
    assert found.area_mm2 == pytest.approx(found.count * 0.9)


def test_nothing_but_padding_is_refused(grid):
    image = MeasuredImage("CT", np.full(grid.shape, -2000, dtype=np.int16), grid, padding_hu=(-2000, -2000))
    with pytest.raises(TooFewVoxelsError, match="nothing but padding"):
        roi_statistics(BALL, [image])


def test_a_single_voxel_has_no_standard_deviation(grid):
    with pytest.raises(TooFewVoxelsError, match=r"single voxel.*draw it larger"):
        roi_statistics(Box((0, 0, 0), UPRIGHT, (0.5, 0.5, 0)), [noise(grid, 0, "int16")])


def test_images_of_other_voxels_are_refused_unless_resampling_is_asked_for(grid):
    other = noise(tilted_grid((18, 24, 22), spacing=(1.2, 0.9, 1.1)), 1, "int16")
    with pytest.raises(DifferentGridError, match="Image 1"):
        roi_statistics(BALL, [noise(grid, 0, "int16"), other])


def test_resampled_images_are_read_at_the_voxel_centres_of_the_first(grid):
    other_grid = tilted_grid((30, 30, 31), spacing=(0.8, 1.1, 0.7), degrees=(3, 4, 5))
    slope = voxel_centres(other_grid) @ [1.0, -2.0, 3.0]
    images = [noise(grid, 0, "int16"), MeasuredImage("Other", slope, other_grid)]
    first, second = roi_statistics(BALL, images, resample=True)
    expected = grid.to_world(region_voxels(BALL, grid).indices()) @ [1.0, -2.0, 3.0]
    assert first.count == second.count == expected.size
    assert (second.mean, second.sd) == pytest.approx((expected.mean(), expected.std(ddof=1)), rel=1e-9)


def test_voxels_beyond_the_edge_of_a_resampled_image_count_in_none(grid):
    small = noise(tilted_grid((18, 24, 5)), 1, "float32")
    first, second = roi_statistics(BALL, [noise(grid, 0, "int16"), small], resample=True)
    assert first.count == second.count
    assert first.padding_left_out > 0


def test_resampling_needs_sections_with_data_too(grid):
    other = noise(tilted_grid((18, 24, 22), spacing=(1.0, 1.0, 1.0)), 1, "float32")
    partly = replace(other, sections=frozenset(range(9)))
    with pytest.raises(NotDenoisedHereError, match="Image 1"):
        roi_statistics(BALL, [noise(grid, 0, "int16"), partly], resample=True)


def statistics(*, mean: float = 0.0, sd: float = 10.0, count: int = 100) -> RoiStatistics:
    return RoiStatistics(
        count=count,
        mean=mean,
        sd=sd,
        median=mean,
        percentiles=(mean, mean, mean, mean),
        minimum=mean,
        maximum=mean,
        volume_mm3=1.0,
        area_mm2=None,
        padding_left_out=0,
        clipped=0,
    )


def test_contrast_to_noise_is_the_difference_of_means_over_the_noise_of_the_background():
    assert contrast_to_noise(statistics(mean=100, sd=50), statistics(mean=40, sd=12)) == 5.0
    assert contrast_to_noise(statistics(mean=-20), statistics(mean=40, sd=12)) == 5.0


def test_noise_reduction_is_the_share_of_noise_that_went():
    assert noise_reduction(statistics(sd=40), statistics(sd=10)) == 75.0
    assert noise_reduction(statistics(sd=40), statistics(sd=50)) == -25.0


def test_bias_is_after_minus_before():
    assert bias(statistics(mean=40), statistics(mean=38.5)) == -1.5


@pytest.mark.parametrize("figure", [contrast_to_noise, lambda one, other: noise_reduction(other, one)])
def test_figures_relative_to_noise_need_noise_and_voxels_enough(figure):
    with pytest.raises(TooFewVoxelsError, match=r"8 voxels, too few.*with 9 voxels or more"):
        figure(statistics(), statistics(count=8))
    with pytest.raises(NoNoiseError, match="equal"):
        figure(statistics(), statistics(sd=0.0))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.measure.image import MeasuredImage
from CTDenoiseLib.measure.regions.histogram import MOST_BINS, histogram, roi_histogram
from CTDenoiseLib.measure.regions.roi_statistics import roi_statistics
from CTDenoiseLib.measure.regions.shapes import Ellipsoid
from support.tilted_grid import tilted_grid


@given(st.lists(st.integers(-1024, 3071), min_size=1, max_size=100), st.sampled_from([None, 1.0, 7.0, 0.5]))
def test_every_voxel_is_in_one_bin(values, bin_hu):
    found = histogram([np.array(values, dtype=np.int16), np.array(values[::-1]) * 1.0], bin_hu=bin_hu)
    assert found.counts.sum(axis=1).tolist() == [len(values)] * 2
    assert (found.counts[0] == found.counts[1]).all()


def test_bins_are_centred_on_multiples_of_their_width(rng):
    found = histogram([rng.normal(40, 30, 1000).astype(np.int16)], bin_hu=5.0)
    np.testing.assert_allclose(found.centres % 5, 0)
    np.testing.assert_allclose(np.diff(found.edges), 5)


def test_whole_numbers_fall_evenly_into_bins(rng):
    values = rng.integers(-100, 100, 10**6).astype(np.int16)
    found = histogram([values])
    whole = found.counts[0, 1:-1]
    # Poisson: six standard deviations.
    assert np.ptp(whole) < 12 * np.sqrt(whole.mean())


def test_metal_does_not_make_thousands_of_bins(rng):
    values = np.append(rng.normal(0, 1, 10_000), 30_000)
    assert len(histogram([values]).centres) <= MOST_BINS


def test_normal_noise_has_the_share_of_its_bell(rng):
    values = rng.normal(0, 20, 10**6)
    found = histogram([values], bin_hu=4.0)
    bell = 100 * 4 / (20 * np.sqrt(2 * np.pi)) * np.exp(-np.square(found.centres) / 800)
    # Shares of 8 % of 10⁶ voxels scatter by 0.03 %.
    np.testing.assert_allclose(found.share[0], bell, atol=0.15)


def test_equal_voxels_are_one_bin():
    found = histogram([np.full(10, 7, dtype=np.int16)])
    assert found.counts.tolist() == [[10]]
    assert found.centres.tolist() == [7]


def test_of_a_region_it_counts_the_voxels_of_its_statistics(rng):
    grid = tilted_grid((10, 20, 20))
    values = rng.normal(0, 20, (2, *grid.shape)).astype(np.int16)
    values[1, 5, 10, 10] = -2000
    images = [MeasuredImage(str(each), values[each], grid, padding_hu=(-2000, -2000)) for each in (0, 1)]
    ball = Ellipsoid((0, 0, 0), np.eye(3), (9, 9, 9))
    found = roi_histogram(ball, images)
    count = roi_statistics(ball, images)[0].count
    assert found.counts.sum(axis=1).tolist() == [count, count]
    assert found.share.sum(axis=1) == pytest.approx([100, 100])
    assert found.edges[0] > -2000


@given(st.integers(1, 9000))
def test_there_are_no_more_bins_than_stated(extent):
    assert len(histogram([np.array([0] * 99 + [extent])]).centres) <= MOST_BINS

"""A CT volume in memory."""

from __future__ import annotations

import numpy as np
import pytest

from CTDenoiseLib.volume import InvalidVolumeError, Volume


def test_values_cannot_be_changed(tiny_volume):
    with pytest.raises(ValueError, match="read-only"):
        tiny_volume.hu[0, 0, 0] = 1.0


def test_the_callers_array_stays_writable():
    hu = np.zeros((2, 3, 4), np.float32)
    Volume(hu)
    hu[0, 0, 0] = 1.0


def test_shape_is_sections_rows_columns(tiny_volume):
    assert tiny_volume.shape == (9, 48, 40)


@pytest.mark.parametrize("shape", [(4, 5), (2, 3, 4, 5), (0, 4, 5), (3, 4, 0)])
def test_only_three_dimensions_with_voxels_are_a_volume(shape):
    with pytest.raises(InvalidVolumeError, match="three dimensions"):
        Volume(np.zeros(shape, np.float32))


@pytest.mark.parametrize("kind", [np.int16, np.float64])
def test_only_float32_is_a_volume(kind):
    with pytest.raises(InvalidVolumeError, match=f"float32 .* not {np.dtype(kind)}"):
        Volume(np.zeros((2, 3, 4), kind))


def test_a_section_is_read_only_hu_of_one_place(tiny_volume):
    np.testing.assert_array_equal(tiny_volume.section(4), tiny_volume.hu[4])
    assert not tiny_volume.section(4).flags.writeable


def test_padding_is_given_for_every_section():
    with pytest.raises(InvalidVolumeError, match="each of 2 sections"):
        Volume(np.zeros((2, 3, 4), np.float32), padding=np.zeros((3, 2), np.float32))


def test_padding_masks_the_declared_range_of_each_section():
    hu = np.float32([[[-3000, -2000, -1999, 0]], [[-3000, -2000, -1999, 0]]])
    volume = Volume(hu, padding=np.float32([[-3000, -2000], [np.nan, np.nan]]))
    assert volume.has_padding
    assert volume.padding_mask(0).tolist() == [[True, True, False, False]]
    assert volume.padding_mask(1).tolist() == [[False] * 4]


def test_without_padding_nothing_is_masked(tiny_volume):
    assert not tiny_volume.has_padding
    assert not tiny_volume.padding_mask(0).any()

"""Volume files written section by section: any reader of the format finds every voxel in its place."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK
from scipy.spatial.transform import Rotation

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.volume import Geometry
from CTDenoiseLib.volume_files import read_volume
from CTDenoiseLib.volume_stream import STREAMED_SUFFIXES, VolumeStreamError, section_writer, write_sections


@pytest.fixture
def write(tmp_path):
    def to_file(values, name, *, geometry=None, **options):
        path = tmp_path / name
        write_sections(values, path, shape=values.shape, dtype=values.dtype, geometry=geometry or Geometry(), **options)
        return path

    return to_file


@pytest.mark.parametrize("suffix", STREAMED_SUFFIXES)
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("handedness", [1, -1])
def test_itk_reads_the_same_values_in_the_same_place(write, rng, suffix, dtype, handedness):
    axes = Rotation.random(random_state=3).as_matrix()
    axes[0] *= handedness
    geometry = Geometry((1.25, 0.5, 0.75), (-12.345678, 20.1, 1000.7), tuple(map(tuple, axes.tolist())))
    values = rng.integers(-32768, 32767, (4, 5, 7)).astype(dtype)
    path = write(values, f"volume{suffix}", geometry=geometry)
    back = read_volume(path)
    np.testing.assert_array_equal(back.hu, values)
    for kept, given in zip(
        (back.geometry.spacing, back.geometry.origin, back.geometry.direction),
        (geometry.spacing, geometry.origin, geometry.direction),
        strict=True,
    ):
        np.testing.assert_allclose(kept, given, atol=1e-4 if "nii" in suffix else 1e-12)
    stored = SimpleITK.ReadImage(str(path)).GetPixelID()
    assert stored == (SimpleITK.sitkInt16 if dtype == np.int16 else SimpleITK.sitkFloat32)


def test_both_transforms_of_a_nifti_file_say_the_same(write, rng):
    """Readers differ in which one they take."""
    axes = Rotation.random(random_state=5).as_matrix()
    geometry = Geometry((2.0, 0.5, 0.7), (1.0, 2.0, 3.0), tuple(map(tuple, axes.tolist())))
    header = write(np.zeros((2, 3, 4), np.int16), "volume.nii", geometry=geometry).read_bytes()[:348]
    quaternion = np.frombuffer(header[256:268], "<f4").astype(float)
    rotation = Rotation.from_quat([*quaternion, np.sqrt(1 - (quaternion**2).sum())]).as_matrix()
    factors = np.frombuffer(header[76:92], "<f4")
    by_quaternion = rotation * (factors[1:] * [1, 1, factors[0]])
    affine = np.frombuffer(header[280:328], "<f4").reshape(3, 4)
    np.testing.assert_allclose(affine[:, :3], by_quaternion, atol=1e-5)
    np.testing.assert_array_equal(affine[:, 3], np.frombuffer(header[268:280], "<f4"))


def test_a_compressed_file_is_the_same_each_time(write, rng):
    values = rng.integers(0, 9, (2, 3, 4)).astype(np.int16)
    assert write(values, "one.nii.gz").read_bytes() == write(values, "two.nii.gz").read_bytes()


def test_other_formats_are_refused_by_name(write, tmp_path):
    with pytest.raises(VolumeStreamError, match=r"volume.tif says no format to save in; end it in .nrrd, "):
        write(np.zeros((1, 2, 2), np.int16), "volume.tif")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced_unasked(write):
    values = np.zeros((1, 2, 2), np.int16)
    path = write(values, "volume.mha")
    with pytest.raises(OutputExistsError):
        write(values + 1, "volume.mha")
    assert read_volume(path).hu.max() == 0
    write(values + 1, "volume.mha", overwrite=True)
    assert read_volume(path).hu.max() == 1


def test_what_is_stopped_leaves_nothing(tmp_path):
    def sections():
        yield np.zeros((2, 2), np.int16)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sections(sections(), tmp_path / "new" / "a.nrrd", shape=(2, 2, 2), dtype=np.int16, geometry=Geometry())
    assert list(tmp_path.iterdir()) == []


def test_who_has_sections_one_by_one_writes_them_so_and_leaves_nothing_when_giving_up(tmp_path, rng):
    values = rng.integers(-1000, 1000, (3, 4, 5)).astype(np.int16)
    options = {"shape": values.shape, "dtype": values.dtype, "geometry": Geometry()}
    with section_writer(tmp_path / "whole.mha", **options) as write_next:
        for section in values:
            write_next(section)
    np.testing.assert_array_equal(read_volume(tmp_path / "whole.mha").hu, values)
    given_up = section_writer(tmp_path / "given-up.mha", **options)
    given_up.__enter__()(values[0])
    assert given_up.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is False
    assert [path.name for path in tmp_path.iterdir()] == ["whole.mha"]

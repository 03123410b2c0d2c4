"""Volumes in NRRD, NIfTI and MetaImage files."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st

from CTDenoiseLib.atomic import OutputExistsError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import VOLUME_SUFFIXES, VolumeFileError, is_volume_file, read_volume, write_volume


@pytest.fixture(params=VOLUME_SUFFIXES)
def suffix(request) -> str:
    return request.param


def _oblique(angle: float, tilt: float, flip: bool) -> Geometry:
    turn = np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
    lean = np.array([[1, 0, 0], [0, math.cos(tilt), -math.sin(tilt)], [0, math.sin(tilt), math.cos(tilt)]])
    x, y, z = (tuple(axis) for axis in (turn @ lean).T.tolist())
    return Geometry((0.7, 0.3, 0.4), (-120.5, 33.25, 1212.0), (tuple(-part for part in z) if flip else z, y, x))


def test_values_and_geometry_survive(tmp_path, tiny_volume, suffix):
    volume = replace(tiny_volume, geometry=_oblique(0.3, -0.2, flip=False))
    write_volume(volume, tmp_path / f"ct{suffix}")
    again = read_volume(tmp_path / f"ct{suffix}")
    np.testing.assert_array_equal(again.hu, volume.hu)
    _same_geometry(again.geometry, volume.geometry)
    assert again.acquisition.description == f"ct{suffix}"
    assert again.padding is None


def _same_geometry(one: Geometry, other: Geometry) -> None:
    # NIfTI holds spacing and direction in single precision.
    np.testing.assert_allclose(one.spacing, other.spacing, rtol=1e-6)
    np.testing.assert_allclose(one.origin, other.origin, rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(one.direction, other.direction, atol=1e-5)


@given(
    angle=st.floats(-math.pi, math.pi),
    tilt=st.floats(-1.5, 1.5),
    flip=st.booleans(),
    suffix=st.sampled_from([".nrrd", ".nii", ".mha"]),
)
def test_any_orientation_survives(tmp_path_factory, angle, tilt, flip, suffix):
    path = tmp_path_factory.mktemp("any") / f"ct{suffix}"
    geometry = _oblique(angle, tilt, flip)
    write_volume(Volume(np.zeros((2, 3, 4), np.float32), geometry), path)
    _same_geometry(read_volume(path).geometry, geometry)


def test_a_voxel_lies_where_simpleitk_says(tmp_path, tiny_volume):
    geometry = _oblique(0.4, 0.7, flip=False)
    write_volume(replace(tiny_volume, geometry=geometry), tmp_path / "ct.nrrd")
    z, y, x = 7, 40, 3
    steps = np.array([z, y, x]) * geometry.spacing
    expected = geometry.origin + steps @ np.array(geometry.direction)
    image = SimpleITK.ReadImage(str(tmp_path / "ct.nrrd"))
    np.testing.assert_allclose(image.TransformIndexToPhysicalPoint((x, y, z)), expected)
    assert image.GetPixel(x, y, z) == tiny_volume.hu[z, y, x]


def test_values_are_rounded_to_whole_hu_in_16_bits_where_they_fit(tmp_path):
    write_volume(Volume(np.float32([[[-1024.4, 0.5, 1.5, 3071.6]]])), tmp_path / "ct.nrrd")
    image = SimpleITK.ReadImage(str(tmp_path / "ct.nrrd"))
    assert image.GetPixelID() == SimpleITK.sitkInt16
    assert SimpleITK.GetArrayViewFromImage(image).ravel().tolist() == [-1024, 0, 2, 3072]


def test_values_beyond_16_bits_are_kept_as_they_are(tmp_path):
    hu = np.float32([[[-1024.5, 40000.25]]])
    write_volume(Volume(hu), tmp_path / "ct.nrrd")
    np.testing.assert_array_equal(read_volume(tmp_path / "ct.nrrd").hu, hu)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
def test_any_real_values_are_read_as_float32(tmp_path, kind):
    values = np.arange(24, dtype=kind).reshape(2, 3, 4)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(tmp_path / "ct.nrrd"))
    hu = read_volume(tmp_path / "ct.nrrd").hu
    assert hu.dtype == np.float32
    np.testing.assert_array_equal(hu, values)


def test_values_go_where_there_is_room_for_them(tmp_path, tiny_volume):
    write_volume(tiny_volume, tmp_path / "volume.nrrd")
    rooms = []

    def room(shape: tuple[int, int, int]) -> np.ndarray:
        rooms.append(np.full(shape, np.nan, np.float32))
        return rooms[-1]

    read = read_volume(tmp_path / "volume.nrrd", room=room)
    assert np.shares_memory(read.hu, rooms[0])
    np.testing.assert_array_equal(read.hu, np.rint(tiny_volume.hu))


def test_nifti_with_a_slope_is_whole_and_rescaled(tmp_path, tiny_volume):
    path = tmp_path / "ct.nii"
    write_volume(tiny_volume, path)
    content = bytearray(path.read_bytes())
    content[112:120] = struct.pack("<ff", 0.5, -24.0)
    path.write_bytes(content)
    np.testing.assert_array_equal(read_volume(path).hu, tiny_volume.hu * 0.5 - 24)


@pytest.mark.parametrize("order", "<>")
def test_nifti_of_either_byte_order_is_read_if_whole(tmp_path, order):
    header = bytearray(352)
    struct.pack_into(f"{order}i", header, 0, 348)
    struct.pack_into(f"{order}8h", header, 40, 3, 4, 3, 2, 1, 1, 1, 1)
    struct.pack_into(f"{order}hh", header, 70, 4, 16)
    struct.pack_into(f"{order}4f", header, 76, 1, 0.5, 0.5, 2)
    struct.pack_into(f"{order}f", header, 108, 352)
    header[344:348] = b"n+1\0"
    values = np.arange(24, dtype=f"{order}i2").reshape(2, 3, 4)
    path = tmp_path / "ct.nii"
    path.write_bytes(bytes(header) + values.tobytes())
    np.testing.assert_array_equal(read_volume(path).hu, values)
    path.write_bytes(bytes(header) + values.tobytes()[:-4])
    with pytest.raises(VolumeFileError, match=r"ct\.nii is cut short"):
        read_volume(path)


def _written(path, values, **options):
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values, **options), str(path))
    return path


@pytest.mark.parametrize(
    ("values", "options", "sentence"),
    [
        (np.zeros((4, 5), np.int16), {}, "has 2 dimensions; a volume has three"),
        (np.zeros((2, 3, 4, 5), np.int16), {"isVector": False}, "has 4 dimensions; a volume has three"),
        (np.zeros((3, 4, 5, 3), np.uint8), {"isVector": True}, "holds colours or vectors"),
        (np.full((3, 4, 5), np.nan, np.float32), {}, "not finite"),
        (np.full((3, 4, 5), np.inf, np.float32), {}, "not finite"),
        (np.full((3, 4, 5), 1e300), {}, "not finite"),
    ],
    ids=["2-D", "4-D", "colour", "NaN", "infinity", "beyond float32"],
)
def test_what_is_no_volume_of_hu_is_refused_by_name(tmp_path, values, options, sentence):
    path = _written(tmp_path / "odd.nrrd", values, **options)
    with pytest.raises(VolumeFileError, match=f"odd.nrrd .*{sentence}"):
        read_volume(path)


def test_complex_numbers_are_refused(tmp_path):
    path = _written(tmp_path / "odd.mha", np.zeros((3, 4, 5), np.complex64))
    with pytest.raises(VolumeFileError, match=r"odd\.mha"):
        read_volume(path)


DATA = {".nhdr": ".raw", ".mhd": ".raw"}


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_file_cut_short_is_named_and_nothing_printed(tmp_path, rng, suffix, share, capfd):
    hu = rng.normal(0, 50, (9, 48, 40)).astype(np.float32)
    write_volume(Volume(hu), tmp_path / f"ct{suffix}")
    data = tmp_path / f"ct{DATA.get(suffix, suffix)}"
    content = data.read_bytes()
    data.write_bytes(content[: int(share * len(content))])
    with pytest.raises(VolumeFileError, match=f"ct{suffix} (cannot be read|is cut short)"):
        read_volume(tmp_path / f"ct{suffix}")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("content", [b"", b"not an image", bytes(1000)])
def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path, suffix, content, capfd):
    (tmp_path / f"odd{suffix}").write_bytes(content)
    with pytest.raises(VolumeFileError, match=f"odd{suffix} cannot be read"):
        read_volume(tmp_path / f"odd{suffix}")
    assert capfd.readouterr() == ("", "")


def test_a_missing_file_and_an_unknown_format_are_named(tmp_path, tiny_volume):
    with pytest.raises(VolumeFileError, match=r"no file .*gone\.nrrd"):
        read_volume(tmp_path / "gone.nrrd")
    with pytest.raises(VolumeFileError, match=r"odd\.png is no volume file .*\.nii\.gz"):
        read_volume(tmp_path / "odd.png")
    with pytest.raises(VolumeFileError, match=r"odd\.png is no volume file"):
        write_volume(tiny_volume, tmp_path / "odd.png")


def test_nothing_is_overwritten_unasked(tmp_path, tiny_volume, suffix):
    (tmp_path / f"ct{suffix}").write_text("mine")
    with pytest.raises(OutputExistsError):
        write_volume(tiny_volume, tmp_path / f"ct{suffix}")
    assert (tmp_path / f"ct{suffix}").read_text() == "mine"
    write_volume(tiny_volume, tmp_path / f"ct{suffix}", overwrite=True)
    assert read_volume(tmp_path / f"ct{suffix}").shape == tiny_volume.shape


def test_nothing_is_left_and_nothing_printed_when_the_disk_is_full(tmp_path, rng, suffix, capfd):
    resource = pytest.importorskip("resource")
    hu = rng.normal(0, 50, (9, 48, 40)).astype(np.float32)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, limits[1]))
    try:
        with pytest.raises(VolumeFileError, match=f"ct{suffix} could not be written"):
            write_volume(Volume(hu), tmp_path / f"ct{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_the_name_says_whether_a_file_is_a_volume(tmp_path):
    assert is_volume_file(tmp_path / "CT.NII.GZ")
    assert not is_volume_file(tmp_path / "ct.dcm")


def test_real_volumes_are_read(real_data, tmp_path):
    (series,) = find_series(real_data("philips_head_phantom_kernel_pair/YA_sharp")).series
    volume = read_series(replace(series, slices=series.slices[:5]))
    write_volume(volume, tmp_path / "ya.nrrd")
    again = read_volume(tmp_path / "ya.nrrd")
    np.testing.assert_array_equal(again.hu, volume.hu)
    _same_geometry(again.geometry, volume.geometry)

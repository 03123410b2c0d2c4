"""Reading a series into one volume of Hounsfield units."""

from __future__ import annotations

import errno
import os
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from pydicom.uid import JPEGLSLossless

from CTDenoiseLib.atomic import OutputExistsError, WriteFailedError
from CTDenoiseLib.dicom.errors import (
    DuplicatePositionError,
    MixedSectionsError,
    UndecodableImageError,
    UnevenSpacingError,
    UnsupportedPixelsError,
)
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.errors import CTDenoiseError
from support.ct_series import anatomy


def _read(folder, **options):
    (series,) = find_series(folder).series
    return read_series(series, **options)


def test_values_and_geometry_are_those_that_were_written(tmp_path, make_ct_series):
    make_ct_series(tmp_path, spacing=(0.7, 0.3, 0.4))
    volume = _read(tmp_path)
    np.testing.assert_array_equal(volume.hu, anatomy())
    assert volume.hu.dtype == np.float32
    assert volume.geometry.spacing == pytest.approx((0.7, 0.3, 0.4))
    assert volume.geometry.origin == (-12.5, -20.0, -100.0)
    assert volume.geometry.direction == ((0, 0, 1), (0, 1, 0), (1, 0, 0))
    assert volume.acquisition.kernel == ("Qr89",)
    assert volume.padding is None


def test_every_section_is_rescaled_with_its_own_slope_and_intercept(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3)

    def double(image):
        image.RescaleSlope, image.RescaleIntercept = 2.0, -2048

    change_files(tmp_path, double, places=[1])
    hu, original = _read(tmp_path).hu, anatomy((3, 48, 40))
    np.testing.assert_array_equal(hu[[0, 2]], original[[0, 2]])
    np.testing.assert_array_equal(hu[1], 2 * original[1])


def test_padding_is_remembered_in_hu_for_each_section(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3, padding=-2000)
    change_files(tmp_path, lambda image: delattr(image, "PixelPaddingValue"), places=[2])
    volume = _read(tmp_path)
    np.testing.assert_array_equal(volume.padding, np.float32([[-2000, -2000], [-2000, -2000], [np.nan, np.nan]]))
    np.testing.assert_array_equal(volume.padding_mask(0), volume.hu[0] == -2000)
    assert volume.padding_mask(0).any()
    assert not volume.padding_mask(2).any()


def test_a_padding_range_has_two_ends_in_any_order(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2, padding=-2000)
    change_files(tmp_path, lambda image: image.add_new("PixelPaddingRangeLimit", "SS", -3000 + 1024))
    np.testing.assert_array_equal(_read(tmp_path).padding, np.float32([[-3000, -2000]] * 2))


def test_padding_written_with_the_wrong_sign_means_the_same_bits(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2, padding=-2000)

    def confuse(image):
        image.add_new("PixelPaddingValue", "US", int(image.PixelPaddingValue) % 65536)

    change_files(tmp_path, confuse)
    np.testing.assert_array_equal(_read(tmp_path).padding, np.float32([[-2000, -2000]] * 2))


def test_a_memory_map_holds_the_same_values(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "ct", padding=-2000)
    in_memory, mapped = _read(tmp_path / "ct"), _read(tmp_path / "ct", memory_map=tmp_path / "maps" / "ct.npy")
    assert isinstance(mapped.hu, np.memmap)
    np.testing.assert_array_equal(mapped.hu, in_memory.hu)
    np.testing.assert_array_equal(mapped.padding, in_memory.padding)
    np.testing.assert_array_equal(np.load(tmp_path / "maps" / "ct.npy"), in_memory.hu)


def test_an_existing_file_is_not_overwritten_by_a_memory_map(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "ct", sections=2)
    (tmp_path / "ct.npy").write_text("mine")
    with pytest.raises(OutputExistsError):
        _read(tmp_path / "ct", memory_map=tmp_path / "ct.npy")
    assert (tmp_path / "ct.npy").read_text() == "mine"


def test_nothing_is_left_of_a_memory_map_when_reading_fails(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "ct", sections=3)
    _cut(max((tmp_path / "ct").iterdir()), 10)
    with pytest.raises(UndecodableImageError):
        _read(tmp_path / "ct", memory_map=tmp_path / "maps" / "ct.npy")
    assert not (tmp_path / "maps").exists()


def test_a_memory_map_that_does_not_fit_the_disk_is_refused_before_anything_is_read(
    tmp_path, make_ct_series, monkeypatch
):
    make_ct_series(tmp_path / "ct", sections=3)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(1000, 999, 1))
    with pytest.raises(WriteFailedError, match="disk is full"):
        _read(tmp_path / "ct", memory_map=tmp_path / "ct.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["ct"]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="Needs a POSIX system.")
def test_a_disk_that_is_full_sooner_than_it_said_is_an_error_not_a_crash(tmp_path, make_ct_series, monkeypatch):
    make_ct_series(tmp_path / "ct", sections=3)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(WriteFailedError, match="disk is full"):
        _read(tmp_path / "ct", memory_map=tmp_path / "ct.npy")
    assert [path.name for path in tmp_path.iterdir()] == ["ct"]


def test_a_missing_section_is_refused(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path)
    files = change_files(tmp_path, lambda image: None)
    files[4].unlink()
    with pytest.raises(UnevenSpacingError, match=f"1 section is missing between {files[3].name} and {files[5].name}"):
        _read(tmp_path)


def test_two_phases_in_one_series_are_refused(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path / "a", sections=3)
    make_ct_series(tmp_path / "b", sections=3)
    change_files(tmp_path / "a", lambda image: setattr(image, "SeriesInstanceUID", "1.2.3"))
    change_files(tmp_path / "b", lambda image: setattr(image, "SeriesInstanceUID", "1.2.3"))
    for folder in ("a", "b"):
        change_files(tmp_path / folder, lambda image: setattr(image, "StudyInstanceUID", "1.2.4"))
        change_files(tmp_path / folder, lambda image: setattr(image, "FrameOfReferenceUID", "1.2.5"))
    with pytest.raises(DuplicatePositionError, match="several acquisitions or phases"):
        _read(tmp_path)


def _change_to(keyword, value):
    def change(image):
        setattr(image, keyword, value)

    return change


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (_change_to("ImageOrientationPatient", [1, 0, 0, 0, 0, -1]), "orientation"),
        (_change_to("PixelSpacing", [0.6, 0.6]), r"pixel size \(0\.6 mm, not 0\.5 mm\)"),
        (_change_to("ConvolutionKernel", "Br40"), r"kernel \(Br40, not Qr89\)"),
        (_change_to("FrameOfReferenceUID", "1.2.3"), "frame of reference"),
        (_change_to("Rows", 24), r"size \(40×24 pixels, not 40×48 pixels\)"),
        (_change_to("Modality", "PT"), r"modality \(PT, not CT\)"),
    ],
)
def test_images_of_one_series_that_differ_are_refused_by_name(
    tmp_path, make_ct_series, change_files, change, difference
):
    make_ct_series(tmp_path, sections=4)
    files = sorted(tmp_path.iterdir())
    last = [path.name for path in change_files(tmp_path, lambda image: None)].index(files[-1].name)
    change_files(tmp_path, change, places=[last])
    with pytest.raises(MixedSectionsError, match=f"{files[-1].name} does not fit {files[0].name} .* in {difference}"):
        _read(tmp_path)


def test_different_images_with_one_identifier_are_refused(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=4)
    change_files(tmp_path, lambda image: setattr(image, "SOPInstanceUID", "1.2.3"))
    with pytest.raises(MixedSectionsError, match="SOP Instance UID, which two different images share"):
        _read(tmp_path)


def test_directions_and_pixel_sizes_may_differ_by_rounding(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3)
    change_files(tmp_path, _change_to("ImageOrientationPatient", [1, 0.0002, 0, -0.0002, 1, 0]), places=[1])
    change_files(tmp_path, _change_to("PixelSpacing", [0.50001, 0.5]), places=[2])
    assert _read(tmp_path).shape == (3, 48, 40)


def _cut(path, count):
    content = path.read_bytes()
    path.write_bytes(content[:-count])


@pytest.mark.parametrize("syntax", [None, JPEGLSLossless])
def test_a_file_cut_short_is_named(tmp_path, make_ct_series, syntax):
    make_ct_series(tmp_path, sections=3, **({"transfer_syntax": syntax} if syntax else {}))
    broken = max(tmp_path.iterdir())
    _cut(broken, 200)
    with pytest.raises(UndecodableImageError, match=f"{broken.name} cannot be decoded: it is cut short or damaged"):
        _read(tmp_path)


def test_a_file_without_pixels_is_named(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3)
    files = change_files(tmp_path, lambda image: delattr(image, "PixelData"), places=[1])
    with pytest.raises(UndecodableImageError, match=files[1].name):
        _read(tmp_path)


def test_a_file_that_went_away_since_it_was_found_is_named(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=3)
    (series,) = find_series(tmp_path).series
    series.slices[1].path.unlink()
    with pytest.raises(UndecodableImageError, match=f"{series.slices[1].path.name} cannot be read any more"):
        read_series(series)


def test_an_encoding_nobody_decodes_is_named(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2, transfer_syntax=JPEGLSLossless)
    change_files(tmp_path, lambda image: setattr(image.file_meta, "TransferSyntaxUID", "1.2.840.10008.1.2.4.100"))
    with pytest.raises(UndecodableImageError, match=r"MPEG2.* not supported"):
        _read(tmp_path)


@pytest.mark.parametrize(
    ("slope", "intercept"), [("nan", "0"), ("inf", "0"), ("1", "nan"), ("0", "-1024"), (None, "0")]
)
def test_a_rescale_that_gives_no_finite_hu_is_refused(tmp_path, make_ct_series, change_files, slope, intercept):
    make_ct_series(tmp_path, sections=2)

    def change(image):
        image.RescaleSlope = slope and float(slope)
        image.RescaleIntercept = float(intercept)

    change_files(tmp_path, change)
    with pytest.raises(UnsupportedPixelsError, match="no valid Rescale Slope"):
        _read(tmp_path)


@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_a_rescale_that_is_no_number_is_refused(tmp_path, make_ct_series, keyword):
    make_ct_series(tmp_path, sections=1)
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    place = content.index({"RescaleSlope": b"\x28\x00\x53\x10DS", "RescaleIntercept": b"\x28\x00\x52\x10DS"}[keyword])
    path.write_bytes(content[: place + 8] + b"x" + content[place + 9 :])
    with pytest.raises(UnsupportedPixelsError, match=r"no valid Rescale Slope"):
        _read(tmp_path)


def test_a_rescale_beyond_all_numbers_is_refused(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2)
    change_files(tmp_path, _change_to("RescaleSlope", 1e38))
    with pytest.raises(UnsupportedPixelsError, match="not finite"):
        _read(tmp_path)


def test_ct_without_rescale_is_refused_and_other_modalities_are_taken_as_stored(tmp_path, make_ct_series, change_files):
    def remove(image):
        del image.RescaleSlope
        del image.RescaleIntercept
        del image.RescaleType

    for modality in ("CT", "MR"):
        make_ct_series(tmp_path / modality, sections=2, modality=modality)
        change_files(tmp_path / modality, remove)
    with pytest.raises(UnsupportedPixelsError, match="no valid Rescale Slope"):
        _read(tmp_path / "CT")
    np.testing.assert_array_equal(_read(tmp_path / "MR").hu, anatomy((2, 48, 40)) + 1024)


def test_a_material_map_is_no_ct_in_hounsfield_units(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2)
    change_files(tmp_path, _change_to("RescaleType", "MGML"))
    with pytest.raises(UnsupportedPixelsError, match="are MGML, not Hounsfield units"):
        _read(tmp_path)


def test_colour_that_the_header_of_the_first_image_hid_is_refused(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2)
    (series,) = find_series(tmp_path).series

    def colour(image):
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", 0
        image.PixelData = image.PixelData * 3

    change_files(tmp_path, colour, places=[1])
    with pytest.raises(UnsupportedPixelsError, match="colour"):
        read_series(series)


def test_an_image_that_grew_since_it_was_found_is_refused(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=2)
    (series,) = find_series(tmp_path).series
    with pytest.raises(MixedSectionsError, match=r"\(48, 40\) pixels where \(24, 40\)"):
        read_series(replace(series, rows=24))


def test_one_section_is_a_volume(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=1, thickness=3.0)
    volume = _read(tmp_path)
    assert volume.shape == (1, 48, 40)
    assert volume.geometry.spacing[0] == 3.0


def test_no_message_tells_who_the_patient_is(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3)
    change_files(tmp_path, lambda image: delattr(image, "PixelData"))
    image = pydicom.dcmread(min(tmp_path.iterdir()))
    with pytest.raises(CTDenoiseError) as problem:
        _read(tmp_path)
    assert str(image.PatientName) not in str(problem.value)
    assert str(image.PatientID) not in str(problem.value)

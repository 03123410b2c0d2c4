"""Every encoding CT comes in gives the same values."""

from __future__ import annotations

from contextlib import suppress

import gdcm
import numpy as np
import pydicom
import pytest
from openjpeg.utils import encode_array
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from CTDenoiseLib.dicom.errors import SeriesError, UndecodableImageError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from support.ct_series import anatomy


def _read(folder):
    (series,) = find_series(folder).series
    return series, read_series(series)


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.keyword,
)
@pytest.mark.parametrize("padding", [None, -2000], ids=["unsigned", "signed"])
def test_values_are_the_same_in_every_encoding(tmp_path, make_ct_series, syntax, padding):
    make_ct_series(tmp_path, sections=3, transfer_syntax=syntax, padding=padding)
    series, volume = _read(tmp_path)
    expected = anatomy((3, 48, 40))
    inside = expected > -1000
    assert series.transfer_syntax_uid == syntax
    np.testing.assert_array_equal(volume.hu[inside], expected[inside])
    assert volume.hu.min() == (-1000 if padding is None else -2000)


JPEG = {
    "JPEGLosslessSV1": gdcm.TransferSyntax.JPEGLosslessProcess14_1,
    "JPEGLossless": gdcm.TransferSyntax.JPEGLosslessProcess14,
}


@pytest.mark.parametrize("name", JPEG)
def test_values_are_the_same_in_lossless_jpeg(tmp_path, make_ct_series, name):
    make_ct_series(tmp_path, sections=3)
    for path in tmp_path.iterdir():
        _transcode(path, JPEG[name])
    series, volume = _read(tmp_path)
    assert series.transfer_syntax_uid.startswith("1.2.840.10008.1.2.4.")
    np.testing.assert_array_equal(volume.hu, anatomy((3, 48, 40)))


def _transcode(path, syntax):
    reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
    reader.SetFileName(str(path))
    assert reader.Read()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()


def test_baseline_jpeg_of_eight_bits_is_read(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2)

    def to_eight_bits(image):
        image.PixelData = (image.pixel_array // 8).clip(0, 255).astype(np.uint8).tobytes()
        image.BitsAllocated, image.BitsStored, image.HighBit, image.RescaleSlope = 8, 8, 7, 8

    for path in change_files(tmp_path, to_eight_bits):
        _transcode(path, gdcm.TransferSyntax.JPEGBaselineProcess1)
    _, volume = _read(tmp_path)
    expected = ((anatomy((2, 48, 40)) + 1024) // 8).clip(0, 255) * 8 - 1024
    assert np.abs(volume.hu - expected).mean() < 30, "eight bits with a slope of 8 HU, and lossy"


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
    ids=lambda syntax: syntax.keyword,
)
def test_damage_at_any_place_gives_a_sentence_or_a_volume_and_nothing_else(
    tmp_path, make_ct_series, rng, syntax, capfd
):
    by_gdcm = syntax == JPEGLosslessSV1
    make_ct_series(tmp_path, sections=1, transfer_syntax=ExplicitVRLittleEndian if by_gdcm else syntax)
    (path,) = tmp_path.iterdir()
    if by_gdcm:
        _transcode(path, JPEG["JPEGLosslessSV1"])
    content = path.read_bytes()
    for _ in range(25):
        damaged = bytearray(content)
        for place in rng.integers(132, len(content), 20):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged[: rng.integers(200, len(content))] if rng.random() < 0.3 else damaged)
        for series in find_series(tmp_path).series:
            with suppress(SeriesError):
                assert np.isfinite(read_series(series).hu).all()
    if not by_gdcm:  # its JPEG library writes remarks of its own past Python
        assert capfd.readouterr() == ("", "")


def test_frames_of_an_enhanced_file_are_ordered_and_rescaled_one_by_one(tmp_path, write_enhanced_ct):
    original = np.round(anatomy((4, 48, 40)) / 4) * 4
    write_enhanced_ct(tmp_path / "enhanced", original, slopes=[1.0, 2.0, 4.0, 0.5])
    series, volume = _read(tmp_path)
    np.testing.assert_array_equal(volume.hu, original[::-1])
    assert [section.frame for section in series.slices] == [3, 2, 1, 0]
    assert str(series) == "FC08 · 2.00/2.00 mm · 0.50 mm · 40×48 · 4 slices"
    acquisition = series.acquisition
    assert (acquisition.reconstruction, acquisition.peak_kilovoltage) == ("FBP", 100.0)
    assert (acquisition.tube_current, acquisition.exposure) == (103.0, 50.0)


def test_compressed_frames_are_decoded_one_by_one(tmp_path, write_enhanced_ct):
    write_enhanced_ct(tmp_path / "enhanced", anatomy(), encode=encode_array, syntax=JPEG2000Lossless)
    _, volume = _read(tmp_path)
    np.testing.assert_array_equal(volume.hu, anatomy()[::-1])


def test_a_localizer_among_the_frames_is_left_out(tmp_path, write_enhanced_ct):
    kinds = [["ORIGINAL", "PRIMARY", "LOCALIZER", "NONE"], *[["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]] * 3]
    write_enhanced_ct(tmp_path / "enhanced", anatomy((4, 48, 40)), frame_types=kinds)
    _, volume = _read(tmp_path)
    np.testing.assert_array_equal(volume.hu, anatomy((4, 48, 40))[:0:-1])


def test_an_enhanced_file_that_lacks_frames_is_refused(tmp_path, write_enhanced_ct):
    path = write_enhanced_ct(tmp_path / "enhanced", anatomy())
    content = path.read_bytes()
    path.write_bytes(content[: -48 * 40 * 2 * 3])
    (series,) = find_series(tmp_path).series
    with pytest.raises(UndecodableImageError, match="enhanced"):
        read_series(series)


def test_an_enhanced_file_that_lacks_compressed_frames_is_refused(tmp_path, write_enhanced_ct):
    path = write_enhanced_ct(tmp_path / "enhanced", anatomy(), encode=encode_array, syntax=JPEG2000Lossless)
    image = pydicom.dcmread(path)
    frames = list(generate_frames(image.PixelData, number_of_frames=9))
    image.PixelData = encapsulate(frames[:-2])
    image.save_as(path)
    (series,) = find_series(tmp_path).series
    with pytest.raises(UndecodableImageError, match=r"fewer images than it says|cannot be decoded"):
        read_series(series)

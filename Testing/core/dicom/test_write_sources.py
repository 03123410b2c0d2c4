"""Sources of every encoding, and multi-frame ones, become ordinary single images."""

from __future__ import annotations

import struct

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.write import write_derived_series
from support.derived_series import DERIVATION, derive, headers, source_headers, the_series

NEW = {"ImageType", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription"} | {
    *("SeriesDate", "SeriesTime", "ContentDate", "ContentTime"),
    *("PixelRepresentation", "RescaleIntercept", "PixelData"),
}


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        JPEGLSLossless,
        RLELossless,
    ],
)
@pytest.mark.parametrize("keep_private", [False, True])
def test_every_encoding_becomes_explicit_little_endian_with_the_same_header(
    make_ct_series, change_files, tmp_path, syntax, keep_private
):
    def change(image):
        image.private_block(0x0029, "MAKER", create=True).add_new(0x01, "OW", bytes(range(8)))
        item = Dataset()
        item.CodeMeaning = "a code"
        image.AnatomicRegionSequence = [item]

    folder = make_ct_series(tmp_path / "source", sections=2)
    change_files(folder, change)
    if syntax.is_compressed and not syntax.is_deflated:
        change_files(folder, lambda image: image.compress(syntax, generate_instance_uid=False))
    else:
        change_files(folder, lambda image: convert(image, syntax))
    series = the_series(folder)
    derived = derive(series, tmp_path / "out", keep_private=keep_private)
    np.testing.assert_array_equal(read_series(the_series(derived.folder)).hu, read_series(series).hu)
    for source, image in zip(source_headers(series), headers(derived.files), strict=True):
        assert image.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert image.original_encoding == (False, True)
        for element in source:
            if not element.tag.is_private and element.keyword not in NEW:
                assert image[element.tag].value == element.value, element.keyword
        words = image.private_block(0x0029, "MAKER")[0x01].value if keep_private else None
        assert words == (bytes(range(8)) if keep_private else None)
        assert keep_private or not any(element.tag.is_private for element in image)


def convert(image: pydicom.Dataset, syntax: pydicom.uid.UID) -> None:
    """Make `save_as` write another native encoding; the words of pixels and private data are turned by hand."""
    if not syntax.is_little_endian:
        for element in image:
            if element.VR == "OW":
                element.value = np.frombuffer(element.value, "<u2").byteswap().tobytes()
    image.file_meta.TransferSyntaxUID = syntax
    image.set_original_encoding(None, None)


def test_a_file_without_its_beginning_is_a_source_too(make_ct_series, tmp_path):
    folder = make_ct_series(tmp_path / "source", sections=2)
    for file in folder.iterdir():
        image = pydicom.dcmread(file)
        bare = pydicom.Dataset(image)
        bare.save_as(file, implicit_vr=True, little_endian=True)
    derived = derive(folder, tmp_path / "out")
    for image in headers(derived.files):
        assert image.file_meta.MediaStorageSOPInstanceUID == image.SOPInstanceUID
        assert image.preamble == bytes(128)


def test_an_attribute_that_contradicts_its_type_does_not_stop_the_series(make_ct_series, tmp_path):
    """In implicit encoding values have to be decoded: text stays, a number of impossible length is left out."""
    folder = make_ct_series(tmp_path / "source", sections=1)
    (file,) = folder.iterdir()
    image = pydicom.dcmread(file)
    bare = pydicom.Dataset(image)
    bare.ExposureTime = 123
    bare.SpiralPitchFactor = 1.5
    bare.save_as(file, implicit_vr=True, little_endian=True)
    pitch = b"\x18\x00\x11\x93" + struct.pack("<ld", 8, 1.5)
    content = file.read_bytes().replace(b"123 ", b"1,5 ")
    assert pitch in content
    file.write_bytes(content.replace(pitch, b"\x18\x00\x11\x93" + struct.pack("<lf", 4, 1.5)))
    (derived,) = headers(derive(folder, tmp_path / "out").files)
    assert "SpiralPitchFactor" not in derived
    assert derived.get_item("ExposureTime").value == b"1,5 "


def test_losses_of_the_source_stay_declared_even_where_only_its_encoding_says_so(make_ct_series, tmp_path):
    folder = make_ct_series(tmp_path / "source", sections=1)
    series = the_series(folder)
    hu = read_series(series).hu
    (file,) = folder.iterdir()
    image = pydicom.dcmread(file)
    image.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    image.PixelData = pydicom.encaps.encapsulate([bytes(96)])
    image["PixelData"].VR = "OB"
    image.save_as(file)
    (derived,) = headers(write_derived_series(series, enumerate(hu), tmp_path / "out", derivation=DERIVATION).files)
    assert (derived.LossyImageCompression, derived.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    ratio = 2 * hu.size / file.stat().st_size
    assert derived.LossyImageCompressionRatio == pytest.approx(ratio, rel=0.01)


@pytest.fixture
def enhanced(write_enhanced_ct, tmp_path, rng):
    return write_enhanced_ct(tmp_path / "source" / "all.dcm", rng.integers(-1000, 1000, (5, 32, 24)).astype(np.float32))


def test_an_enhanced_image_becomes_classic_images_of_the_same_values_and_geometry(enhanced, tmp_path):
    source = the_series(enhanced.parent)
    derived = the_series(derive(source, tmp_path / "out").folder)
    before, after = read_series(source), read_series(derived)
    np.testing.assert_array_equal(after.hu, before.hu)
    assert after.geometry == before.geometry
    assert (derived.kernel, derived.acquisition.section_thickness) == (source.kernel, 2.0)
    assert derived.acquisition.reconstruction == source.acquisition.reconstruction == "FBP"
    assert derived.acquisition.peak_kilovoltage == 100


def test_classic_images_hold_what_was_said_for_their_frame_and_nothing_multi_frame(enhanced, tmp_path):
    images = headers(derive(enhanced.parent, tmp_path / "out").files)
    for place, image in enumerate(images):
        z = -8.0 + 2 * place
        assert image.SOPClassUID == CTImageStorage
        assert image.ImagePositionPatient == [-10, -12, z]
        assert image.XRayTubeCurrent == 100 - z
        assert image.Exposure == 50
        assert image.ImageType == ["DERIVED", "SECONDARY", "AXIAL"]
        assert image.InstanceNumber == place + 1
        for keyword in ("NumberOfFrames", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
            assert keyword not in image
        assert "PixelPresentation" not in image


def test_frames_of_one_object_are_referred_to_by_number_from_one(enhanced, tmp_path):
    source = the_series(enhanced.parent)
    images = headers(derive(source, tmp_path / "out").files)
    uid = pydicom.dcmread(enhanced).SOPInstanceUID
    # Sections run from feet to head, frames the other way.
    for place, frames in ((0, [5, 4]), (2, [4, 3, 2])):
        (item,) = images[place].SourceImageSequence
        assert item.ReferencedSOPInstanceUID == uid
        assert list(item.ReferencedFrameNumber) == frames


def test_contrast_agents_in_codes_are_named_in_words_too(enhanced, tmp_path):
    image = pydicom.dcmread(enhanced)
    agent = Dataset()
    agent.CodeMeaning = "Iohexol"
    image.ContrastBolusAgentSequence = [agent]
    content = Dataset()
    content.FrameAcquisitionDateTime = "20240102101530.5+0100"
    content.FrameAcquisitionNumber = 4
    content.FrameComments = "arterial"
    for groups in image.PerFrameFunctionalGroupsSequence:
        groups.FrameContentSequence = [content]
    image.save_as(enhanced)
    classic = headers(derive(enhanced.parent, tmp_path / "out").files)[0]
    assert classic.ContrastBolusAgent == "Iohexol"
    assert (classic.AcquisitionDate, classic.AcquisitionTime) == ("20240102", "101530.5")
    assert (classic.AcquisitionNumber, classic.ImageComments) == (4, "arterial")


def test_a_legacy_converted_image_gets_its_unassigned_attributes_back(enhanced, tmp_path):
    image = pydicom.dcmread(enhanced)
    shared, own = Dataset(), Dataset()
    shared.FilterType, own.SliceLocation = "WEDGE", "12.50"
    image.SharedFunctionalGroupsSequence[0].UnassignedSharedConvertedAttributesSequence = [shared]
    image.PerFrameFunctionalGroupsSequence[0].UnassignedPerFrameConvertedAttributesSequence = [own]
    image.save_as(enhanced)
    images = headers(derive(enhanced.parent, tmp_path / "out").files)
    assert {classic.FilterType for classic in images} == {"WEDGE"}
    assert images[-1].SliceLocation.original_string == "12.50"
    assert "SliceLocation" not in images[0]

"""The header of a derived image: what is new, what stays to the last digit, what goes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from CTDenoiseLib import __version__
from support.derived_series import DERIVATION, derive, headers, source_headers, the_series

GEOMETRY = {
    "ImagePositionPatient": "-12.123456789012\\-20.000000000001\\1.00",
    "ImageOrientationPatient": "1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000",
    "PixelSpacing": "0.3906250\\0.3906250",
    "SliceThickness": "0.2000000000",
    "SpacingBetweenSlices": "0.150000",
    "SliceLocation": "-1023.45678901",
    "ReconstructionDiameter": "200.00",
    "KVP": "140.0",
}


def one_section(make_ct_series, change_files, folder, change):
    """A series of one section with a changed header."""
    make_ct_series(folder, sections=1)
    change_files(folder, change)
    return folder


def derived_header(make_ct_series, change_files, tmp_path, change, **options) -> pydicom.FileDataset:
    source = one_section(make_ct_series, change_files, tmp_path / "source", change)
    return headers(derive(source, tmp_path / "out", **options).files)[0]


def code_of(items) -> Code:
    (item,) = items
    return Code(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning)


def test_a_derived_image_says_so(make_ct_series, tmp_path):
    image = headers(derive(make_ct_series(tmp_path / "source", series_number=3), tmp_path / "out").files)[0]
    assert image.ImageType == ["DERIVED", "SECONDARY", "AXIAL"]
    assert image.SeriesNumber == 301
    assert image.SeriesDescription == "Synthetic thorax, CTDenoise hrcnn 75 %, research use only"
    assert image.DerivationDescription == (
        "Denoised with strength 75 %: the noise that model hrcnn 1.2 estimates from each section and up to 1 neighbours"
        f" on each side, subtracted pixel by pixel. CTDenoise {__version__}, research use only, not for diagnosis."
    )
    assert code_of(image.DerivationCodeSequence) == Code("113087", "DCM", "Smoothing")
    assert image.file_meta.ImplementationVersionName == f"CTDENOISE_{__version__}"


def test_a_residual_says_so_and_is_shown_around_zero(make_ct_series, tmp_path):
    source = make_ct_series(tmp_path / "source", series_number=3)
    image = headers(derive(source, tmp_path / "out", derivation={"kind": "residual"}).files)[0]
    assert image.SeriesNumber == 302
    assert image.SeriesDescription == "Synthetic thorax, CTDenoise hrcnn residual, research use only"
    assert image.DerivationDescription.startswith("Residual, source minus result, of denoising with strength 75 %")
    assert code_of(image.DerivationCodeSequence) == Code("113062", "DCM", "Pixel by pixel subtraction")
    assert (image.WindowCenter, image.WindowWidth) == (0, 200)


def test_the_equipment_that_contributed_can_be_found_out_from_the_image(make_ct_series, tmp_path):
    image = headers(derive(make_ct_series(tmp_path / "source"), tmp_path / "out").files)[0]
    (equipment,) = image.ContributingEquipmentSequence
    assert code_of(equipment.PurposeOfReferenceCodeSequence) == Code("109102", "DCM", "Processing Equipment")
    assert equipment.Manufacturer == "CTDenoise contributors"
    assert (equipment.ManufacturerModelName, equipment.SoftwareVersions) == ("CTDenoise", __version__)
    assert equipment.ContributionDescription == (
        f"Model hrcnn 1.2, weights SHA256 {DERIVATION.weights_sha256}, strength 75 %, 3 sections of context, "
        "device a test, precision fp32"
    )
    assert image.Manufacturer == "CTDenoise tests"


@pytest.mark.parametrize(("place", "context"), [(0, [0, 1, 2]), (3, [1, 2, 3, 4, 5]), (7, [5, 6, 7])])
def test_all_sections_of_the_context_are_named_as_sources_each_once(make_ct_series, tmp_path, place, context):
    source = the_series(make_ct_series(tmp_path / "source", sections=8))
    image = headers(derive(source, tmp_path / "out", derivation={"context": 2}).files)[place]
    items = image.SourceImageSequence
    assert [item.ReferencedSOPInstanceUID for item in items] == [source.slices[i].sop_instance_uid for i in context]
    for item in items:
        assert item.ReferencedSOPClassUID == source.slices[0].sop_class_uid
        assert "ReferencedFrameNumber" not in item
        assert code_of(item.PurposeOfReferenceCodeSequence) == Code(
            "121322", "DCM", "Source image for image processing operation"
        )


def test_geometry_and_scan_are_kept_to_the_last_digit(make_ct_series, change_files, tmp_path):
    def change(image):
        for keyword, value in GEOMETRY.items():
            setattr(image, keyword, value.split("\\"))

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    kept = {}
    for keyword in GEOMETRY:
        value = image[keyword].value
        values = value if isinstance(value, pydicom.multival.MultiValue) else [value]
        kept[keyword] = "\\".join(number.original_string for number in values)
    assert kept == GEOMETRY


def test_patient_study_and_scan_stay(make_ct_series, change_files, tmp_path):
    def change(image):
        image.SpecificCharacterSet = "ISO_IR 100"
        image.PatientName = "Müller^Jürgen"
        image.ConvolutionKernel = ["Qr89", "3"]
        image.BurnedInAnnotation = "NO"
        image.LossyImageCompression, image.LossyImageCompressionRatio = "01", 8.0
        image.LossyImageCompressionMethod = "ISO_10918_1"
        image.IrradiationEventUID = "1.2.3"
        image.WindowCenter, image.WindowWidth = [40, -600], [400, 1500]
        image.WindowCenterWidthExplanation = ["SOFT", "LUNG"]
        request = Dataset()
        request.RequestedProcedureID = "R1"
        image.RequestAttributesSequence = [request]

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    (source,) = source_headers(the_series(tmp_path / "source"))
    ours = {
        *("ImageType", "SOPInstanceUID", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription"),
        *("SeriesDate", "SeriesTime", "ContentDate", "ContentTime"),
        *("PixelRepresentation", "RescaleIntercept", "PixelData"),
    }
    for element in source:
        if element.keyword not in ours:
            assert image[element.tag].value == element.value, element.keyword


def test_what_was_true_of_the_source_only_is_dropped(make_ct_series, change_files, tmp_path):
    stale = {
        "SmallestImagePixelValue": 0,
        "LargestImagePixelValue": 4095,
        "SmallestPixelValueInSeries": 0,
        "LargestPixelValueInSeries": 4095,
        "IconImageSequence": [Dataset()],
        "VOILUTSequence": [Dataset()],
        "DigitalSignaturesSequence": [Dataset()],
        "MACParametersSequence": [Dataset()],
        "OriginalAttributesSequence": [Dataset()],
        "RealWorldValueMappingSequence": [Dataset()],
        "ReferencedPerformedProcedureStepSequence": [Dataset()],
        "DataSetTrailingPadding": bytes(2),
        "NumberOfFrames": 1,
        "RetrieveAETitle": "ARCHIVE",
    }

    def change(image):
        for keyword, value in stale.items():
            if keyword.endswith(("ValueInSeries", "PixelValue")):
                image.add_new(keyword, "US", value)
            else:
                setattr(image, keyword, value)
        image.add_new(0x60000010, "US", image.Rows)
        image.add_new(0x60003000, "OW", bytes(4))
        image.add_new(0x50000005, "US", 2)

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    assert not [keyword for keyword in stale if keyword in image]
    assert not {element.tag.group for element in image} & {0x5000, 0x6000}


@pytest.mark.parametrize("keep_private", [False, True])
def test_private_groups_are_dropped_unless_asked_for_also_inside_sequences(
    make_ct_series, change_files, tmp_path, keep_private
):
    def change(image):
        image.private_block(0x0029, "MAKER", create=True).add_new(0x01, "LO", "outside")
        item = Dataset()
        item.RequestedProcedureID = "R1"
        item.private_block(0x0029, "MAKER", create=True).add_new(0x02, "LO", "inside")
        image.RequestAttributesSequence = [item]

    image = derived_header(make_ct_series, change_files, tmp_path, change, keep_private=keep_private)
    (item,) = image.RequestAttributesSequence
    assert item.RequestedProcedureID == "R1"
    for dataset in (image, item):
        assert any(element.tag.is_private for element in dataset) is keep_private


@pytest.mark.parametrize(
    ("source", "derived"),
    [
        (["ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SPI"], ["DERIVED", "SECONDARY", "AXIAL"]),
        (["DERIVED", "PRIMARY", "AXIAL", "VMI"], ["DERIVED", "SECONDARY", "AXIAL", "VMI"]),
        (["DERIVED", "SECONDARY", "OTHER"], ["DERIVED", "SECONDARY", "AXIAL"]),
        (None, ["DERIVED", "SECONDARY", "AXIAL"]),
    ],
)
def test_image_type_keeps_a_third_value_of_the_standard_and_what_is_still_true(
    make_ct_series, change_files, tmp_path, source, derived
):
    image = derived_header(make_ct_series, change_files, tmp_path, lambda image: setattr(image, "ImageType", source))
    assert image.ImageType == derived


def test_dates_say_when_the_scan_was_and_when_the_series_was_made(make_ct_series, tmp_path):
    started = datetime.now().replace(microsecond=0)
    images = headers(derive(make_ct_series(tmp_path / "source", sections=2), tmp_path / "out").files)
    for image in images:
        for kind in ("InstanceCreation", "Series", "Content"):
            moment = datetime.strptime(image[f"{kind}Date"].value + image[f"{kind}Time"].value, "%Y%m%d%H%M%S.%f")
            assert timedelta() <= moment - started < timedelta(minutes=5)
        assert (image.StudyDate, image.AcquisitionDate, image.AcquisitionTime) == ("20240102", "20240102", "101500")
    assert images[0].SeriesTime == images[1].SeriesTime


def test_dates_are_in_the_time_zone_of_the_source(make_ct_series, change_files, tmp_path):
    def change(image):
        image.TimezoneOffsetFromUTC = "+1345"

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    there = datetime.now(timezone(timedelta(hours=13, minutes=45))).replace(tzinfo=None)
    stated = datetime.strptime(image.ContentDate + image.ContentTime, "%Y%m%d%H%M%S.%f")
    assert abs(there - stated) < timedelta(minutes=5)
    assert image.ContributingEquipmentSequence[0].ContributionDateTime.endswith("+1345")


def test_attributes_a_ct_image_must_have_are_there_even_if_the_source_left_them_out(
    make_ct_series, change_files, tmp_path
):
    def change(image):
        for keyword in ("KVP", "PatientBirthDate", "StudyID", "AccessionNumber", "PatientPosition"):
            del image[keyword]

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    for keyword in ("KVP", "PatientBirthDate", "StudyID", "AccessionNumber", "PatientPosition"):
        assert image[keyword].is_empty


@pytest.mark.parametrize(("number", "derived"), [(4, 401), (None, 9001), (2_147_483_647, 2_147_483_647)])
def test_the_series_number_follows_from_the_source(make_ct_series, change_files, tmp_path, number, derived):
    image = derived_header(make_ct_series, change_files, tmp_path, lambda image: setattr(image, "SeriesNumber", number))
    assert image.SeriesNumber == derived


def test_the_series_number_can_be_chosen(make_ct_series, tmp_path):
    derived = derive(make_ct_series(tmp_path / "source"), tmp_path / "out", series_number=77)
    assert headers(derived.files)[0].SeriesNumber == 77


def test_all_images_agree_on_what_belongs_to_the_series(make_ct_series, tmp_path):
    images = headers(derive(make_ct_series(tmp_path / "source"), tmp_path / "out").files)
    for keyword in ("SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "SeriesDate", "SeriesTime"):
        assert len({image[keyword].value for image in images}) == 1


def test_earlier_equipment_is_kept(make_ct_series, change_files, tmp_path):
    def change(image):
        earlier = Dataset()
        earlier.Manufacturer = "Somebody else"
        image.ContributingEquipmentSequence = [earlier]

    image = derived_header(make_ct_series, change_files, tmp_path, change)
    assert [item.Manufacturer for item in image.ContributingEquipmentSequence] == [
        "Somebody else",
        "CTDenoise contributors",
    ]


def test_a_frame_of_reference_is_shared_with_the_source(make_ct_series, tmp_path):
    frame_of_reference = generate_uid()
    source = make_ct_series(tmp_path / "source", frame_of_reference=frame_of_reference)
    image = headers(derive(source, tmp_path / "out").files)[0]
    assert image.FrameOfReferenceUID == frame_of_reference

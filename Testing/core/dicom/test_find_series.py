"""Finding series in folders, from headers alone."""

from __future__ import annotations

import os
import shutil
import warnings

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MediaStorageDirectoryStorage,
    RTStructureSetStorage,
    SecondaryCaptureImageStorage,
    generate_uid,
)

from CTDenoiseLib.dicom.errors import NoSeriesError
from CTDenoiseLib.dicom.find import find_series, series_in_files


def test_a_series_reads_like_a_physicist_says_it(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=5, rows=32, columns=32, spacing=(0.15, 0.2, 0.2), thickness=0.2, kernel="Qr89")
    (series,) = find_series(tmp_path).series
    assert str(series) == "Qr89 · 0.20/0.15 mm · 0.20 mm · 32² · 5 slices"


def test_facts_of_the_acquisition_come_from_the_header(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3, kernel=["Br40d ", "2"], series_number=12, description="Lung")
    change_files(tmp_path, lambda image: setattr(image, "XRayTubeCurrent", 100 + int(image.InstanceNumber) ** 2))
    (series,) = find_series(tmp_path).series
    acquisition = series.acquisition
    assert series.number == 12
    assert (acquisition.description, acquisition.modality, acquisition.kernel) == ("Lung", "CT", ("Br40d", "2"))
    assert (acquisition.section_thickness, acquisition.peak_kilovoltage, acquisition.exposure) == (1.0, 120.0, 100.0)
    assert acquisition.scanner == "Synthetic scanner"
    assert acquisition.tube_current == 104.0, "the median of 101, 104 and 109 mA"


def test_sections_are_ordered_along_the_normal_whatever_their_names_and_numbers(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=6)
    (series,) = find_series(tmp_path).series
    heights = [section.position[2] for section in series.slices]
    assert heights == sorted(heights)
    assert [section.instance_number for section in series.slices] == [6, 5, 4, 3, 2, 1]
    assert series.increment == pytest.approx(1.0)


def test_sections_of_a_feet_first_patient_are_ordered_along_their_own_normal(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=4)
    change_files(tmp_path, lambda image: setattr(image, "ImageOrientationPatient", [-1, 0, 0, 0, 1, 0]))
    (series,) = find_series(tmp_path).series
    assert series.normal == (0, 0, -1)
    assert [section.position[2] for section in series.slices] == sorted(
        (section.position[2] for section in series.slices), reverse=True
    )


def test_files_are_found_at_any_depth_and_without_suffix(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "a" / "b" / "c", sections=3, series_number=2)
    make_ct_series(tmp_path / "a", sections=4, series_number=1)
    search = find_series(tmp_path)
    assert [(series.number, len(series.slices)) for series in search.series] == [(1, 4), (2, 3)]
    assert search.left_out == ()


def test_one_file_can_be_named_in_place_of_a_folder(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=3)
    (series,) = find_series(min(tmp_path.iterdir())).series
    assert str(series) == "Qr89 · 1.00 mm · 0.50 mm · 40×48 · 1 slice"


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(NoSeriesError, match=r"no folder .*nowhere"):
        find_series(tmp_path / "nowhere")


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_bare_attributes_without_preamble_and_meta_header_are_dicom(tmp_path, make_ct_series, syntax):
    make_ct_series(tmp_path, sections=3, transfer_syntax=syntax)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        length_of_meta_header = int.from_bytes(content[140:144], "little")
        path.write_bytes(content[144 + length_of_meta_header :])
    (series,) = find_series(tmp_path).series
    assert (len(series.slices), series.transfer_syntax_uid) == (3, syntax)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        b"Just a text file that mentions DICM somewhere.\n" * 100,
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        bytes(500),
    ],
)
def test_foreign_files_are_left_out_as_such(tmp_path, make_ct_series, content):
    make_ct_series(tmp_path, sections=2)
    (tmp_path / "foreign").write_bytes(content)
    search = find_series(tmp_path)
    assert len(search.series) == 1
    assert [(one.path.name, one.reason) for one in search.left_out] == [("foreign", "not DICOM")]


def test_random_bytes_behind_a_plausible_beginning_make_no_series(tmp_path, rng):
    for number, start in enumerate([b"\x08\x00\x05\x00CS", b"\x08\x00\x00\x00\x04\x00\x00\x00", bytes(128) + b"DICM"]):
        (tmp_path / str(number)).write_bytes(start + rng.bytes(5000))
    search = find_series(tmp_path)
    assert search.series == ()
    assert all("damaged" in one.reason for one in search.left_out)
    assert len(search.left_out) == 3


def _left_out_reason(folder, image) -> str:
    if not hasattr(image, "file_meta"):
        image.file_meta = FileMetaDataset()
        image.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = image.SOPClassUID
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID = generate_uid()
    image.save_as(folder / "odd", enforce_file_format=True)
    (left_out,) = find_series(folder).left_out
    return left_out.reason


def _first_image(folder, make_ct_series) -> Dataset:
    make_ct_series(folder, sections=2)
    return pydicom.dcmread(min(folder.iterdir()))


def test_a_localizer_is_left_out(tmp_path, make_ct_series):
    image = _first_image(tmp_path, make_ct_series)
    image.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    assert _left_out_reason(tmp_path, image) == "localizer"


def test_a_secondary_capture_is_left_out(tmp_path, make_ct_series):
    image = _first_image(tmp_path, make_ct_series)
    image.SOPClassUID = SecondaryCaptureImageStorage
    assert _left_out_reason(tmp_path, image).startswith("secondary capture")


def test_a_colour_image_is_left_out(tmp_path, make_ct_series):
    image = _first_image(tmp_path, make_ct_series)
    image.SamplesPerPixel, image.PhotometricInterpretation = 3, "RGB"
    assert _left_out_reason(tmp_path, image) == "colour image"


def test_contours_are_left_out(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=2)
    contours = Dataset()
    contours.SOPClassUID, contours.Modality = RTStructureSetStorage, "RTSTRUCT"
    assert _left_out_reason(tmp_path, contours) == "radiotherapy object"


def test_a_dicom_directory_is_left_out(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=2)
    directory = Dataset()
    directory.SOPClassUID = MediaStorageDirectoryStorage
    assert _left_out_reason(tmp_path, directory) == "DICOM directory"


@pytest.mark.parametrize(
    ("keyword", "reason"),
    [
        ("ImagePositionPatient", "where in the patient"),
        ("ImageOrientationPatient", "how it lies"),
        ("PixelSpacing", "how large its pixels"),
        ("SeriesInstanceUID", "damaged"),
        ("Rows", "no image"),
    ],
)
def test_an_image_that_lacks_what_a_volume_needs_is_left_out(tmp_path, make_ct_series, keyword, reason):
    image = _first_image(tmp_path, make_ct_series)
    del image[keyword]
    assert reason in _left_out_reason(tmp_path, image)


def test_axes_that_are_not_perpendicular_are_left_out(tmp_path, make_ct_series):
    image = _first_image(tmp_path, make_ct_series)
    image.ImageOrientationPatient = [1, 0, 0, 0.5, 0.8660254, 0]
    assert "not perpendicular" in _left_out_reason(tmp_path, image)


def test_a_file_cut_short_in_its_header_is_left_out(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=2)
    one = min(tmp_path.iterdir())
    one.write_bytes(one.read_bytes()[:700])
    (left_out,) = find_series(tmp_path).left_out
    assert left_out.path == one
    assert left_out.reason


def test_a_copy_of_an_image_is_left_out(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "once", sections=3)
    shutil.copytree(tmp_path / "once", tmp_path / "twice")
    search = find_series(tmp_path)
    assert len(search.series[0].slices) == 3
    assert {one.path.parent.name for one in search.left_out} == {"twice"}
    assert all(one.reason.startswith("the same image as") for one in search.left_out)


def test_other_modalities_are_listed_too(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=3, modality="MR", kernel="")
    (series,) = find_series(tmp_path).series
    assert series.acquisition.modality == "MR"
    assert str(series).startswith("MR · ")


def test_an_unknown_kernel_and_thickness_are_said_to_be_unknown(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=3, kernel="")
    change_files(tmp_path, lambda image: delattr(image, "SliceThickness"))
    assert str(find_series(tmp_path).series[0]) == "unknown kernel · ?/1.00 mm · 0.50 mm · 40×48 · 3 slices"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Needs POSIX links and pipes.")
def test_links_and_loops_of_links_and_pipes_do_no_harm(tmp_path, make_ct_series):
    make_ct_series(tmp_path / "real" / "series", sections=3)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "series" / "loop").symlink_to(tmp_path)
    (tmp_path / "folder" / "nothing").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "folder" / "pipe")
    search = find_series(tmp_path / "folder")
    assert len(search.series[0].slices) == 3
    assert {one.path.name: one.reason for one in search.left_out}["pipe"] == "no ordinary file"
    assert "cannot be opened" in {one.path.name: one.reason for one in search.left_out}["nothing"]


def test_pydicom_is_kept_quiet_and_warnings_work_afterwards(tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=2)
    change_files(tmp_path, lambda image: setattr(image.data_element("StudyInstanceUID"), "_value", "1.02.no UID"))
    with warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        assert len(find_series(tmp_path).series) == 1
        assert remarks == []
        warnings.warn("ours", stacklevel=1)
    assert len(remarks) == 1


def test_nothing_but_headers_is_read(tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=2)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        path.write_bytes(content[: len(content) - 48 * 40 * 2])
    assert len(find_series(tmp_path).series[0].slices) == 2


def test_the_order_of_series_and_of_what_is_left_out_is_the_same_every_time(tmp_path, make_ct_series):
    for number in (3, 1, 2):
        make_ct_series(tmp_path / str(number), sections=2, series_number=number)
        (tmp_path / str(number) / "note.txt").write_text("hello")
    first, second = find_series(tmp_path), find_series(tmp_path)
    assert first == second
    assert [series.number for series in first.series] == [1, 2, 3]
    assert np.all(np.diff([int(one.path.parent.name) for one in first.left_out]) > 0)


def test_given_files_are_searched_alone(make_ct_series, tmp_path):
    files = sorted(make_ct_series(tmp_path).iterdir())
    search = series_in_files([*files[:4], tmp_path / "gone"])
    assert [len(series.slices) for series in search.series] == [4]
    assert [(one.path.name, one.reason[:16]) for one in search.left_out] == [("gone", "cannot be opened")]


def test_a_search_can_be_stopped_after_any_file(make_ct_series, tmp_path):
    seen = []

    def stop_at_the_third():
        seen.append(None)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        series_in_files(make_ct_series(tmp_path).iterdir(), on_file=stop_at_the_third)
    assert len(seen) == 3

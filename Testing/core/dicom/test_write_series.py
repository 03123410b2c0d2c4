"""A derived series: in any order, whole or not at all, in the place asked for."""

from __future__ import annotations

import os
import shutil
import subprocess

import numpy as np
import pytest

from CTDenoiseLib.atomic import OutputExistsError, WriteFailedError
from CTDenoiseLib.dicom.errors import UndecodableImageError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.dicom.write import SectionsError, UnsuitableSourceError, write_derived_series
from support.derived_series import DERIVATION, derive, headers, the_series


@pytest.fixture
def source(make_ct_series, tmp_path):
    return the_series(make_ct_series(tmp_path / "source"))


@pytest.fixture
def hu(source):
    return read_series(source).hu


def write(source, sections, target, **options):
    return write_derived_series(source, sections, target, derivation=DERIVATION, **options)


def names_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_what_was_written_is_found_and_read_as_one_volume_of_the_same_geometry(source, hu, tmp_path):
    derived = write(source, ((index, section - 1) for index, section in enumerate(hu)), tmp_path / "out")
    (found,) = find_series(tmp_path / "out").series
    volume = read_series(found)
    np.testing.assert_array_equal(volume.hu, hu - 1)
    assert volume.geometry == read_series(source).geometry
    assert (found.uid, found.study_uid) == (derived.uid, source.study_uid)
    assert found.frame_of_reference_uid == source.frame_of_reference_uid


def test_files_are_numbered_by_position_and_listed_in_that_order(source, hu, tmp_path):
    derived = write(source, enumerate(hu), tmp_path / "out")
    assert [file.name for file in derived.files] == [f"{place:04}.dcm" for place in range(1, 10)]
    assert names_in(derived.folder) == [file.name for file in derived.files]
    assert [image.ImagePositionPatient[2] for image in headers(derived.files)] == [s.position[2] for s in source.slices]


def test_sections_may_come_in_any_order(source, hu, tmp_path, rng):
    order = [int(index) for index in rng.permutation(len(hu))]
    derived = write(source, ((index, hu[index]) for index in order), tmp_path / "out")
    np.testing.assert_array_equal(read_series(the_series(derived.folder)).hu, hu)


def test_the_caller_may_use_one_array_for_all_sections(source, hu, tmp_path):
    buffer = np.empty_like(hu[0])

    def sections():
        for index, section in enumerate(hu):
            buffer[...] = section
            yield index, buffer

    write(source, sections(), tmp_path / "out")
    np.testing.assert_array_equal(read_series(the_series(tmp_path / "out")).hu, hu)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda hu: [(9, hu[0])], "Section 9 does not exist"),
        (lambda hu: [(-1, hu[0])], "Section -1 does not exist"),
        (lambda hu: [(0, hu[0]), (0, hu[0])], "Section 0 was handed over twice"),
        (lambda hu: [(0, hu[0]), (2, hu[2])], "7 of 9 sections are missing, the first is 1"),
        (lambda hu: [(0, hu[0, :-1])], r"Section 0 has \(47, 40\) pixels"),
        (
            lambda hu: [(0, hu[0]), (1, np.where(hu[1] > 0, np.nan, hu[1]))],
            "Section 1 holds values that are not finite",
        ),
        (lambda hu: [(0, np.full_like(hu[0], np.inf))], "Section 0 holds values that are not finite"),
    ],
)
def test_wrong_sections_are_refused_and_nothing_is_left(source, hu, tmp_path, spoil, sentence):
    with pytest.raises(SectionsError, match=sentence):
        write(source, spoil(hu), tmp_path / "out")
    assert names_in(tmp_path) == ["source"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError, MemoryError])
def test_an_interruption_between_sections_leaves_nothing(source, hu, tmp_path, interruption):
    def sections():
        yield 0, hu[0]
        yield 1, hu[1]
        raise interruption

    with pytest.raises(interruption):
        write(source, sections(), tmp_path / "out")
    assert names_in(tmp_path) == ["source"]


def test_a_source_that_vanishes_meanwhile_is_named(source, hu, tmp_path):
    source.slices[4].path.unlink()
    with pytest.raises(UndecodableImageError, match=source.slices[4].path.name):
        write(source, enumerate(hu), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("modality", ["MR", "PT"])
def test_a_source_that_is_not_ct_is_refused(make_ct_series, tmp_path, modality):
    with pytest.raises(UnsuitableSourceError, match="CT images only"):
        derive(make_ct_series(tmp_path / "source", modality=modality), tmp_path / "out")
    assert names_in(tmp_path) == ["source"]


def test_images_too_small_for_jpeg_2000_are_refused_at_once(make_ct_series, tmp_path):
    source = the_series(make_ct_series(tmp_path / "source", rows=31, columns=64))
    with pytest.raises(UnsuitableSourceError, match="JPEG 2000 needs images of 32 pixels"):
        write(source, [], tmp_path / "out", compression="jpeg2000")


def test_a_folder_that_holds_something_is_refused(source, hu, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(OutputExistsError):
            write(source, enumerate(hu), tmp_path / "out", overwrite=overwrite)
    assert names_in(tmp_path / "out") == ["notes.txt"]


def test_overwrite_replaces_an_older_result(source, hu, tmp_path):
    older = write(source, enumerate(hu), tmp_path / "out")
    with pytest.raises(OutputExistsError, match="not empty"):
        write(source, enumerate(hu), tmp_path / "out")
    newer = write(source, enumerate(hu), tmp_path / "out", overwrite=True)
    assert the_series(tmp_path / "out").uid == newer.uid != older.uid
    assert names_in(tmp_path / "out") == [file.name for file in newer.files]


def test_overwrite_keeps_the_older_result_when_the_new_one_fails(source, hu, tmp_path):
    older = write(source, enumerate(hu), tmp_path / "out")
    with pytest.raises(SectionsError):
        write(source, [(0, hu[0])], tmp_path / "out", overwrite=True)
    assert the_series(tmp_path / "out").uid == older.uid


def test_overwrite_never_touches_scans_of_others(source, hu, make_ct_series, tmp_path):
    scans = make_ct_series(tmp_path / "scans", series_number=5)
    before = names_in(scans)
    with pytest.raises(OutputExistsError):
        write(source, enumerate(hu), scans, overwrite=True)
    assert names_in(scans) == before


def test_a_derived_series_is_not_overwritten_by_what_is_derived_from_it(source, hu, tmp_path):
    write(source, enumerate(hu), tmp_path / "once")
    with pytest.raises(OutputExistsError):
        derive(tmp_path / "once", tmp_path / "once", overwrite=True)
    twice = derive(tmp_path / "once", tmp_path / "twice")
    equipment = headers(twice.files)[0].ContributingEquipmentSequence
    assert [item.ManufacturerModelName for item in equipment] == ["CTDenoise", "CTDenoise"]


def test_instance_numbers_are_those_of_the_source_so_that_viewers_sort_both_alike(source, hu, tmp_path):
    derived = write(source, enumerate(hu), tmp_path / "out")
    numbers = [image.InstanceNumber for image in headers(derived.files)]
    assert numbers == [section.instance_number for section in source.slices] == list(range(9, 0, -1))


@pytest.mark.parametrize("spoil", ["repeated", "missing"])
def test_instance_numbers_follow_the_position_where_the_source_has_no_proper_ones(
    make_ct_series, change_files, tmp_path, spoil
):
    folder = make_ct_series(tmp_path / "source", sections=4)
    number = None if spoil == "missing" else 3
    change_files(folder, lambda image: setattr(image, "InstanceNumber", number), places=[0])
    derived = derive(folder, tmp_path / "out")
    assert [image.InstanceNumber for image in headers(derived.files)] == [1, 2, 3, 4]


def test_every_object_and_series_has_a_new_identifier_that_needs_no_registration(source, hu, tmp_path):
    first, second = (write(source, enumerate(hu), tmp_path / name) for name in ("first", "second"))
    images = headers(first.files + second.files)
    identifiers = {image.SOPInstanceUID for image in images}
    assert len(identifiers) == len(images)
    assert not identifiers & {section.sop_instance_uid for section in source.slices}
    assert all(identifier.startswith("2.25.") for identifier in identifiers | {first.uid, second.uid})
    assert len({first.uid, second.uid, source.uid}) == 3


def test_a_full_disk_is_one_sentence_and_leaves_nothing(source, hu, tmp_path):
    """On a disk of 16 KiB, where the second image no longer fits."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if mount is None or os.name != "posix" or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("Mounting a small disk needs Linux and the rights of root.")
    try:
        with pytest.raises(WriteFailedError, match="disk is full"):
            write(source, enumerate(hu), disk / "out")
        assert not names_in(disk)
        with pytest.raises(WriteFailedError, match="disk is full"):
            write(source, enumerate(hu), disk)
        assert not names_in(disk)
    finally:
        subprocess.run(["umount", str(disk)], check=True)

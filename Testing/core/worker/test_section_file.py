from __future__ import annotations

import sys
import time

import numpy as np
import psutil
import pytest

from CTDenoiseLib.worker.section_file import SectionFile, SectionFileError, create_section_file, delete_section_file


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "noise.npy"
    create_section_file(path, shape=(3, 4, 5), dtype=np.int16)
    return path


def test_a_new_file_is_zeros_for_numpy_too(path):
    values = np.load(path)
    assert values.shape == (3, 4, 5)
    assert values.dtype == np.int16
    assert not values.any()


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems may give a file its room at once.")
def test_a_new_file_of_gigabytes_takes_no_room_yet(tmp_path):
    create_section_file(tmp_path / "exam.npy", shape=(2010, 1024, 1024), dtype=np.int16)
    status = (tmp_path / "exam.npy").stat()
    assert status.st_size > 4e9
    assert status.st_blocks * 512 < 2**20


def test_what_is_written_is_seen_by_all_who_have_the_file_open(path, rng):
    section = rng.integers(-300, 300, (4, 5)).astype(np.int16)
    reader, mapped = SectionFile(path), np.load(path, mmap_mode="r")
    writer = SectionFile(path, writable=True)
    writer.write(1, section)
    for seen in (reader.sections, mapped, writer.sections):
        np.testing.assert_array_equal(seen[1], section)
        assert not seen[[0, 2]].any()


def test_values_are_converted_to_the_type_of_the_file(path):
    SectionFile(path, writable=True).write(2, np.full((4, 5), 7.0)[:, ::-1])
    assert (np.load(path)[2] == 7).all()


def test_sections_cannot_be_written_to_directly(path):
    with pytest.raises(ValueError, match="read-only"):
        SectionFile(path, writable=True).sections[0] = 1


def test_an_existing_file_is_never_overwritten(path):
    with pytest.raises(FileExistsError):
        create_section_file(path, shape=(1, 1, 1), dtype=np.int16)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SectionFileError, match=r"absent\.npy"):
        SectionFile(tmp_path / "absent.npy")


@pytest.mark.parametrize("values", [np.zeros((4, 5)), np.zeros((2, 3, 4)).T])
def test_a_file_of_something_else_is_refused(tmp_path, values):
    np.save(tmp_path / "other.npy", values)
    with pytest.raises(SectionFileError, match=r"other\.npy"):
        SectionFile(tmp_path / "other.npy")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows deletes no file that is open.")
def test_a_deleted_file_is_gone_at_once_except_for_those_who_have_it_open(path):
    SectionFile(path, writable=True).write(1, np.full((4, 5), 7))
    reader = SectionFile(path)
    delete_section_file(path)
    assert not path.exists()
    assert (reader.sections[1] == 7).all()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file descriptors.")
def test_a_deleted_file_is_let_go_of(path):
    process = psutil.Process()
    before, end = process.num_fds(), time.monotonic() + 10
    delete_section_file(path)
    while process.num_fds() > before and time.monotonic() < end:
        time.sleep(0.001)
    assert process.num_fds() <= before


def test_a_file_that_is_not_there_need_not_be_deleted(tmp_path):
    delete_section_file(tmp_path / "none.npy")

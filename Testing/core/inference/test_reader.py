from __future__ import annotations

import gc
import threading

import numpy as np
import pytest
import torch

from CTDenoiseLib.inference import NotFiniteError
from CTDenoiseLib.inference.reader import SectionReader
from CTDenoiseLib.volume import Volume
from support.read_ahead import threads, wait_until

RANGE = (-1024.0, 3071.0)


class SlowVolume(Volume):
    """Keeps a record of which thread read what. Sections that are not there are waited for; damaged ones are errors."""

    def __init__(self, hu, **options):
        super().__init__(hu, **options)
        object.__setattr__(self, "reads", [])
        object.__setattr__(self, "missing", set())
        object.__setattr__(self, "damaged", set())

    def is_there(self, index):
        return index not in self.missing

    def section(self, index):
        self.reads.append((index, threading.current_thread().name))
        if index in self.damaged:
            raise LookupError(index)
        return super().section(index)

    @property
    def read(self):
        """Indices of what was read, in order."""
        return [index for index, _ in self.reads]


@pytest.fixture
def volume(rng):
    return SlowVolume(rng.normal(0, 30, (9, 8, 8)).astype(np.float32))


@pytest.fixture
def reader_of():
    """Makes a reader in ordinary memory."""

    def make(volume, **options):
        return SectionReader(volume, RANGE, lambda shape, dtype: torch.empty(shape, dtype=dtype), **options)

    return make


def test_without_a_thread_nothing_is_read_before_it_is_asked_for(volume, reader_of):
    reader = reader_of(volume)
    reader.expect([1, 2])
    np.testing.assert_array_equal(reader.take(2).hu, volume.hu[2])
    assert volume.reads == [(2, threading.current_thread().name)]


def test_what_is_expected_is_read_by_a_thread_in_its_order_and_no_more_than_so_many(volume, reader_of):
    reader = reader_of(volume, ahead=3)
    reader.expect([4, 2, 6, 8, 1])
    wait_until(lambda: len(volume.reads) == 3)
    assert volume.read == [4, 2, 6]
    assert all(name.startswith("read-ahead") for _, name in volume.reads)
    np.testing.assert_array_equal(reader.take(2).hu, volume.hu[2])
    assert volume.read == [4, 2, 6]
    reader.close()


def test_what_is_no_longer_expected_is_forgotten(volume, reader_of):
    reader = reader_of(volume, ahead=2)
    reader.expect([4, 5])
    wait_until(lambda: len(volume.reads) == 2)
    reader.expect([5, 0])
    reader.take(5)
    reader.take(0)
    reader.take(4)
    assert volume.read == [4, 5, 0, 4]
    reader.close()


def test_an_error_is_told_when_its_section_is_asked_for_and_the_section_may_be_asked_for_again(volume, reader_of):
    volume.damaged.add(3)
    reader = reader_of(volume, ahead=4)
    reader.expect([2, 3, 4])
    reader.take(2)
    with pytest.raises(LookupError):
        reader.take(3)
    reader.take(4)
    volume.damaged.clear()
    np.testing.assert_array_equal(reader.take(3).hu, volume.hu[3])
    reader.close()


def test_what_must_be_waited_for_is_read_by_who_asks_for_it(volume, reader_of):
    volume.missing.add(1)
    reader = reader_of(volume, ahead=4)
    reader.expect([0, 1, 2])
    reader.take(2)
    assert volume.read == [0, 2]
    reader.take(1)
    assert volume.reads[-1] == (1, threading.current_thread().name)
    assert not reader.are_there([1])
    assert reader.are_there([0, 2])
    reader.close()


def test_a_volume_that_does_not_say_what_is_there_is_never_read_ahead(volume, reader_of):
    class Plain:
        shape, has_padding = volume.shape, False
        section, padding_mask = volume.section, volume.padding_mask

    reader = reader_of(Plain(), ahead=4)
    reader.expect([0, 1])
    reader.take(0)
    assert volume.reads == [(0, threading.current_thread().name)]
    assert not reader.are_there([0])
    assert not threads()


def test_what_is_kept_for_others_is_not_read_again(volume, reader_of):
    reader = reader_of(volume, keep=2)
    for index in (0, 1, 0, 2, 0, 1):
        reader.take(index)
    assert volume.read == [0, 1, 2, 1]


def test_the_thread_ends_when_the_reader_is_closed(volume, reader_of):
    reader = reader_of(volume, ahead=2)
    reader.expect([0, 1])
    assert threads()
    reader.close()
    assert not threads()
    np.testing.assert_array_equal(reader.take(1).hu, volume.hu[1])


def test_the_thread_ends_when_nobody_holds_the_reader(volume, reader_of):
    reader = reader_of(volume, ahead=2)
    reader.expect([0, 1])
    del reader
    gc.collect()
    wait_until(lambda: not threads())


def test_the_memory_is_that_of_the_device(volume):
    given = []

    def memory(shape, dtype):
        given.append(torch.empty(shape, dtype=dtype))
        return given[-1]

    section = SectionReader(volume, (-1024, 20), memory).take(0)
    assert [tensor.data_ptr() for tensor in given] == [section.hu.data_ptr(), section.unchanged.data_ptr()]


def test_what_lies_outside_the_range_or_is_padding_stays_unchanged(reader_of):
    hu = np.zeros((3, 2, 3), np.float32)
    hu[0, 0] = [-1025, -1024, 3071]
    hu[1, 1, 1] = -2000
    hu[2, 0, 0] = 7
    padding = np.array([[np.nan, np.nan], [-2000, -2000], [7, 7]], np.float32)
    reader = reader_of(Volume(hu, padding=padding))
    sections = [reader.take(index) for index in range(3)]
    assert [section.passed_through for section in sections] == [1, 1, 1]
    for section, values in zip(sections, hu, strict=True):
        np.testing.assert_array_equal(section.unchanged, (values < -1024) | (values == 7))


def test_a_section_whose_values_all_fit_has_nothing_unchanged(volume, reader_of):
    section = reader_of(volume).take(0)
    assert section.unchanged is None
    assert section.passed_through == 0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused(reader_of, value):
    hu = np.zeros((2, 4, 4), np.float32)
    hu[1, 2, 3] = value
    reader = reader_of(Volume(hu))
    reader.take(0)
    with pytest.raises(NotFiniteError, match="Section 2 of 2"):
        reader.take(1)

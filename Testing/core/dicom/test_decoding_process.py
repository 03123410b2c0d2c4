"""Decoding in other processes: the same values and errors, and none of them left."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless, RLELossless

from CTDenoiseLib.dicom import decoders, decoding_process
from CTDenoiseLib.dicom.arriving import ArrivingVolume
from CTDenoiseLib.dicom.decoding_process import DecodingProcess, ProcessGoneError
from CTDenoiseLib.dicom.errors import UndecodableImageError, UnsupportedPixelsError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.pixels import stored_sections
from CTDenoiseLib.dicom.read import read_series
from support.ct_series import anatomy


@pytest.fixture(scope="module")
def process():
    process = DecodingProcess()
    yield process
    process.close()


@pytest.fixture
def from_the_second_file_on(monkeypatch):
    """Processes are started however short the rest of the work is; gives those that were."""
    started = []

    class Noted(DecodingProcess):
        def __init__(self):
            super().__init__()
            started.append(self)

    monkeypatch.setattr(decoders, "_LEAST_SECONDS_FOR_PROCESSES", -1.0)
    monkeypatch.setattr(decoders, "DecodingProcess", Noted)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    return started


def children():
    return {child.pid for child in psutil.Process().children()}


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_sections_are_those_of_this_process(process, tmp_path, make_ct_series, syntax):
    make_ct_series(tmp_path, sections=2, padding=-2000, transfer_syntax=syntax)
    for path in tmp_path.iterdir():
        (here,), (there,) = stored_sections(path, (None,)), process.sections(path, (None,))
        np.testing.assert_array_equal(there.values, here.values)
        assert there.values.dtype == here.values.dtype
        assert (there.slope, there.intercept, there.padding_hu) == (here.slope, here.intercept, here.padding_hu)


def test_frames_come_with_their_own_slope(process, tmp_path, write_enhanced_ct):
    path = write_enhanced_ct(tmp_path / "enhanced.dcm", anatomy((3, 48, 40)), slopes=[1.0, 2.0, 4.0])
    there = list(process.sections(path, (0, 2)))
    assert [(section.frame, section.slope) for section in there] == [(0, 1.0), (2, 4.0)]


def test_an_error_is_the_sentence_that_this_process_would_say(process, tmp_path, make_ct_series, change_files):
    make_ct_series(tmp_path, sections=1)
    change_files(tmp_path, lambda image: setattr(image, "RescaleType", "MGML"))
    (path,) = tmp_path.iterdir()
    for sections in (stored_sections, process.sections):
        with pytest.raises(UnsupportedPixelsError, match="are MGML, not Hounsfield units"):
            list(sections(path, (None,)))
    path.unlink()
    with pytest.raises(UndecodableImageError, match="cannot be read any more"):
        list(process.sections(path, (None,)))


def test_the_name_of_a_file_may_be_any(process, tmp_path, make_ct_series):
    make_ct_series(tmp_path, sections=1)
    (path,) = tmp_path.iterdir()
    odd = path.rename(tmp_path / "ä 'quoted' 文")
    assert len(list(process.sections(odd, (None,)))) == 1


def test_one_that_ended_says_so_and_leaves_nothing(tmp_path, make_ct_series):
    before = children()
    process = DecodingProcess()
    assert len(children() - before) == 1
    process.close()
    assert children() == before
    with pytest.raises(ProcessGoneError):
        list(process.sections(next(make_ct_series(tmp_path).iterdir()), (None,)))


def test_a_series_is_the_same_with_processes(tmp_path, make_ct_series, from_the_second_file_on):
    make_ct_series(tmp_path, padding=-2000, transfer_syntax=JPEGLSLossless)
    before = children()
    (series,) = find_series(tmp_path).series
    volume = read_series(series)
    assert 1 <= len(from_the_second_file_on) <= 2
    np.testing.assert_array_equal(volume.hu[:, 20:28, 16:24], anatomy()[:, 20:28, 16:24])
    assert (volume.padding == -2000).all()
    assert children() == before


@pytest.mark.parametrize("few", [False, True])
def test_another_process_decodes_from_the_first_file_on_if_asked_to_unless_there_are_few(
    tmp_path, make_ct_series, from_the_second_file_on, few, monkeypatch
):
    monkeypatch.setattr(decoders, "_LEAST_SECONDS_FOR_PROCESSES", 4.0)
    monkeypatch.setattr(decoders, "_PIXELS_OF_A_PROCESS", 9 * 48 * 40 + few)
    (series,) = find_series(make_ct_series(tmp_path, transfer_syntax=JPEGLSLossless)).series
    with ArrivingVolume(series, elsewhere=True) as volume:
        np.testing.assert_array_equal(volume.whole().hu, anatomy())
    assert len(from_the_second_file_on) == (not few)


def test_a_damaged_file_is_named_with_processes_too(tmp_path, make_ct_series, from_the_second_file_on):
    make_ct_series(tmp_path, transfer_syntax=JPEGLSLossless)
    (series,) = find_series(tmp_path).series
    path = series.slices[-1].path
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UndecodableImageError, match=path.name):
        read_series(series)


def test_what_a_process_that_died_should_have_decoded_is_decoded_here(
    tmp_path, make_ct_series, from_the_second_file_on, monkeypatch
):
    make_ct_series(tmp_path, transfer_syntax=JPEGLSLossless)
    monkeypatch.setattr(DecodingProcess, "sections", _die)
    (series,) = find_series(tmp_path).series
    np.testing.assert_array_equal(read_series(series).hu, anatomy())
    assert from_the_second_file_on


def _die(self, path, frames):
    self.close()
    raise ProcessGoneError
    yield


def test_no_process_is_started_for_pixels_that_need_no_decoder(tmp_path, make_ct_series, from_the_second_file_on):
    make_ct_series(tmp_path, transfer_syntax=ExplicitVRLittleEndian)
    read_series(find_series(tmp_path).series[0])
    assert not from_the_second_file_on


def test_no_process_is_started_for_a_few_files(tmp_path, make_ct_series, from_the_second_file_on, monkeypatch):
    monkeypatch.setattr(decoders, "_LEAST_SECONDS_FOR_PROCESSES", 4.0)
    make_ct_series(tmp_path, transfer_syntax=JPEGLSLossless)
    read_series(find_series(tmp_path).series[0])
    assert not from_the_second_file_on


@pytest.mark.parametrize(
    ("program", "can"),
    [("python3.11", True), ("python.exe", True), ("PythonSlicer", True), ("SlicerApp-real", False), ("", False)],
)
def test_only_an_interpreter_is_started_once_more(monkeypatch, program, can):
    monkeypatch.setattr(sys, "executable", str(Path("place", program)) if program else program)
    assert decoding_process.can_start() is can

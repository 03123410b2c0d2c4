"""A series whose sections are used while it is still being read."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, JPEGLSLossless

from CTDenoiseLib.dicom import decoders
from CTDenoiseLib.dicom.arriving import ArrivingVolume
from CTDenoiseLib.dicom.errors import UndecodableImageError, UnevenSpacingError
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.pixels import stored_sections
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.errors import Cancelled
from support.ct_series import anatomy


def the_series(folder):
    (series,) = find_series(folder).series
    return series


@pytest.fixture
def held_back(monkeypatch):
    """Lets no more than so many files be decoded until it is called."""
    allowed = threading.Semaphore(0)

    def decode(path, frames):
        assert allowed.acquire(timeout=30)
        return stored_sections(path, frames)

    monkeypatch.setattr(decoders, "stored_sections", decode)
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    yield allowed.release
    allowed.release(1000)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEGLSLossless])
def test_sections_and_padding_are_those_of_the_series(tmp_path, make_ct_series, syntax):
    series = the_series(make_ct_series(tmp_path, padding=-2000, transfer_syntax=syntax))
    expected = read_series(series)
    with ArrivingVolume(series) as volume:
        assert (volume.shape, volume.geometry) == (expected.shape, expected.geometry)
        assert volume.acquisition == expected.acquisition
        for index in (8, 0, 3):
            np.testing.assert_array_equal(volume.section(index), expected.section(index))
            np.testing.assert_array_equal(volume.padding_mask(index), expected.padding_mask(index))
        whole = volume.whole()
    np.testing.assert_array_equal(whole.hu, anatomy_with(-2000))
    np.testing.assert_array_equal(whole.padding, expected.padding)


def anatomy_with(padding):
    y, x = np.linspace(-1, 1, 48)[:, None], np.linspace(-1, 1, 40)
    return np.where(np.hypot(y, x) > 1, np.float32(padding), anatomy())


def test_the_first_sections_can_be_used_before_the_others_are_decoded(tmp_path, make_ct_series, held_back):
    series = the_series(make_ct_series(tmp_path))
    with ArrivingVolume(series) as volume:
        held_back(2)
        np.testing.assert_array_equal(volume.section(1), anatomy()[1])
        assert [volume.is_there(index) for index in range(9)] == [True] * 2 + [False] * 7
        held_back(7)
        assert volume.whole().shape == (9, 48, 40)


def test_a_section_cannot_be_written_to(tmp_path, make_ct_series):
    with ArrivingVolume(the_series(make_ct_series(tmp_path))) as volume, pytest.raises(ValueError, match="read-only"):
        volume.section(0)[:] = 0


def test_what_is_wrong_with_the_last_file_ends_the_wait_for_any(tmp_path, make_ct_series, held_back):
    series = the_series(make_ct_series(tmp_path))
    series.slices[3].path.write_bytes(series.slices[3].path.read_bytes()[:-50])
    with ArrivingVolume(series) as volume:
        held_back(9)
        with pytest.raises(UndecodableImageError, match=series.slices[3].path.name):
            volume.section(8)
        with pytest.raises(UndecodableImageError, match=series.slices[3].path.name):
            volume.section(0)


def test_sections_that_form_no_grid_are_refused_before_any_is_read(tmp_path, make_ct_series):
    folder = make_ct_series(tmp_path)
    the_series(folder).slices[4].path.unlink()
    with pytest.raises(UnevenSpacingError):
        ArrivingVolume(the_series(folder))


def test_leaving_early_ends_the_reading_and_every_wait(tmp_path, make_ct_series, held_back):
    series = the_series(make_ct_series(tmp_path))
    errors = []

    def wait():
        try:
            volume.section(8)
        except Cancelled as error:
            errors.append(error)

    with ArrivingVolume(series) as volume:
        held_back(1)
        volume.section(0)
        waiting = threading.Thread(target=wait)
        waiting.start()
        threading.Timer(0.1, held_back, [1]).start()
    waiting.join(timeout=30)
    assert len(errors) == 1
    assert not any(volume.is_there(index) for index in range(2, 9))


def test_frames_of_one_file_come_one_by_one(tmp_path, write_enhanced_ct):
    hu = anatomy((3, 48, 40))
    write_enhanced_ct(tmp_path / "enhanced.dcm", hu[::-1])
    with ArrivingVolume(the_series(tmp_path)) as volume:
        np.testing.assert_array_equal(np.stack([volume.section(index) for index in range(3)]), hu)

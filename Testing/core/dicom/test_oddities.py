"""Odd and damaged files from other projects: each gives the right volume, or a sentence that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.dicom.choose import choose_series
from CTDenoiseLib.dicom.errors import (
    DuplicatePositionError,
    GantryTiltError,
    NoSeriesError,
    SeriesError,
    UndecodableImageError,
    UnevenSpacingError,
)
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.volume import Volume

# What a folder or file must give: shape (z, y, x) with lowest and highest HU, or the error with part of its sentence.
VOLUMES = {
    "pydicom/CT_small.dcm": ((1, 128, 128), -896, 1167),
    "pydicom/tiny_series/CT5N": ((5, 16, 16), -888, 85),
    "pydicom/J2K_pixelrep_mismatch.dcm": ((1, 512, 512), -2000, 1896),
    "pydicom_data/bad_sequence.dcm": ((1, 512, 512), -1011, 1243),
    "pydicom_data/explicit_VR-UN.dcm": ((1, 512, 512), -1024, 1186),
    "fo_dicom/IM-0001-0001-0001.dcm": ((1, 512, 512), -1024, 1456),
    "fo_dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_ELE_undefinded_length.dcm": ((1, 512, 512), -3024, 1254),
    "pydicom/MR_small_bigendian.dcm": ((1, 64, 64), 127, 2145),
}
ERRORS = {
    "dicom2nifti_failing/gantrytilting_001": (GantryTiltError, "tilted by 14.0°"),
    "dicom2nifti_failing/notavolume_001": (DuplicatePositionError, "several acquisitions"),
    "dicom2nifti_failing/sliceincrement_001": (
        UnevenSpacingError,
        "1 section is missing between IM-0001-0009-0001.dcm and IM-0001-0010-0001.dcm (10.00 mm apart, 5.00 mm else",
    ),
    "dicom2nifti_failing/sliceincrement_002": (GantryTiltError, "tilted by 15.5°"),
    "ge_tilt_variable_spacing": (GantryTiltError, "tilted by 18.5°"),
    "pydicom/tiny_series/CT2": (UnevenSpacingError, "161 sections are missing between 17106 and 17136"),
    "pydicom/MR_truncated.dcm": (UndecodableImageError, "MR_truncated.dcm cannot be decoded: it is cut short"),
    "fo_dicom/GH1376.dcm": (UndecodableImageError, "GH1376.dcm cannot be decoded: it is cut short"),
    "philips_scout_secondary": (
        NoSeriesError,
        "1 × DICOM directory; 1 × localizer; 1 × secondary capture, such as a screenshot or dose report",
    ),
    "fo_dicom/GH342.dcm": (NoSeriesError, "localizer"),
    "fo_dicom/FreezePattern.dcm": (NoSeriesError, "secondary capture"),
    "fo_dicom/GH1728.dcm": (NoSeriesError, "secondary capture"),
    "fo_dicom/GH178.dcm": (NoSeriesError, "secondary capture"),
    "fo_dicom/GH179A.dcm": (NoSeriesError, "secondary capture"),
    "fo_dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm": (NoSeriesError, "damaged"),
    "pydicom_data/eCT_Supplemental.dcm": (NoSeriesError, "colour image"),
    "pydicom/badVR.dcm": (NoSeriesError, "radiotherapy object"),
    "pydicom/ExplVR_LitEndNoMeta.dcm": (NoSeriesError, "radiotherapy object"),
    "pydicom/no_meta.dcm": (NoSeriesError, "not DICOM"),
    "pydicom/no_meta_group_length.dcm": (NoSeriesError, "radiotherapy object"),
    "dicom2nifti_failing/LICENSE": (NoSeriesError, "not DICOM"),
}


@pytest.fixture
def oddities(real_data: Callable[[str], Path]) -> Path:
    return real_data("dicom_oddities")


@pytest.fixture(autouse=True)
def nothing_is_printed_or_logged(
    capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    yield
    assert capfd.readouterr() == ("", "")
    assert [str(remark.message) for remark in recwarn] == []
    assert caplog.records == []


def _read(path: Path) -> Volume:
    return read_series(choose_series(find_series(path), None))


@pytest.mark.parametrize("name", VOLUMES)
def test_odd_but_sound_files_give_the_right_volume(oddities, name):
    shape, lowest, highest = VOLUMES[name]
    volume = _read(oddities / name)
    assert volume.shape == shape
    assert (volume.hu.min(), volume.hu.max()) == (lowest, highest)


@pytest.mark.parametrize("name", ERRORS)
def test_unusable_files_are_refused_with_the_reason(oddities, name):
    error, sentence = ERRORS[name]
    with pytest.raises(error) as problem:
        _read(oddities / name)
    assert sentence in str(problem.value)
    assert str(problem.value).endswith(".")


def test_every_file_has_its_outcome_noted_here(oddities):
    noted = [oddities / name for name in (*VOLUMES, *ERRORS)]
    for path in oddities.rglob("*"):
        if path.is_file():
            assert any(path == one or one in path.parents for one in noted), path


def test_padding_of_ge_images_is_understood_although_written_unsigned(oddities):
    volume = _read(oddities / "fo_dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_ELE_undefinded_length.dcm")
    assert volume.padding.tolist() == [[-3024, -3024]]
    assert volume.padding_mask(0)[0, 0]
    assert not volume.padding_mask(0)[256, 256]


def test_all_of_them_in_one_folder_give_series_or_sentences(oddities):
    search = find_series(oddities)
    listed = {section.path for series in search.series for section in series.slices}
    left_out = [one.path for one in search.left_out]
    assert sorted([*listed, *left_out]) == sorted(path for path in oddities.rglob("*") if path.is_file())
    outcomes = []
    for series in search.series:
        try:
            outcomes.append(bool(np.isfinite(read_series(series).hu).all()))
        except SeriesError as error:
            outcomes.append(str(error))
    assert outcomes.count(True) == len(VOLUMES)
    assert all(outcome is True or outcome.endswith(".") for outcome in outcomes)

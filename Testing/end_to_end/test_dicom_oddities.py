"""Odd, damaged and foreign DICOM of other programs' tests: a right result or a clear error, never a traceback."""

from __future__ import annotations

import shutil

import pytest

from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.read import read_series


def check(ctdenoise, source, place):
    """Run both commands on a folder; whether it was denoised, rather than refused with a sentence."""
    listing = ctdenoise("series", source, "--json").content
    files = [path for path in source.rglob("*") if path.is_file()]
    assert len(listing["left_out"]) == len(files) or listing["series"], "a file is in a series or left out"
    words = ("run", source, place / "out", "--model", "tiny", "--precision", "fp32", "--strength", "0", "--json")
    answer = ctdenoise(*words)
    if answer.code == 2:
        assert set(answer.content) == {"error"}
        assert len(answer.content["error"]) > 20
        assert not (place / "out").exists()
        return False
    chosen = answer.content["source"]["uid"]
    before = read_series(next(series for series in find_series(source).series if series.uid == chosen))
    after = read_series(find_series(place / "out").series[0])
    assert after.shape == before.shape
    assert abs(after.hu - before.hu.clip(-32768, 32767)).max() <= 0.5
    return True


def test_every_file_by_itself(ctdenoise, real_data, tmp_path):
    files = sorted(path for path in real_data("dicom_oddities").rglob("*") if path.is_file())
    denoised = 0
    for number, file in enumerate(files):
        source = tmp_path / f"in{number}"
        source.mkdir()
        shutil.copy(file, source)
        try:
            denoised += check(ctdenoise, source, tmp_path / f"results{number}")
        except Exception as error:  # whatever it is, the file must be named
            raise AssertionError(f"{file}: {error!r}") from error
        shutil.rmtree(source)
        shutil.rmtree(tmp_path / f"results{number}", ignore_errors=True)
    assert len(files) >= 77
    assert denoised >= 30, "many of them are sound CT images"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dicom2nifti_failing/gantrytilting_001", "gantry"),
        ("dicom2nifti_failing/notavolume_001", "same position"),
        ("dicom2nifti_failing/sliceincrement_001", "missing"),
        ("dicom2nifti_failing/sliceincrement_002", "gantry"),
        ("ge_tilt_variable_spacing", "gantry"),
        ("philips_scout_secondary", "no image series"),
    ],
)
def test_every_folder_of_several_files(ctdenoise, real_data, tmp_path, name, expected):
    source = real_data("dicom_oddities") / name
    assert expected in ctdenoise("run", source, tmp_path / "out", "--model", "tiny").sentence
    assert list(tmp_path.iterdir()) == []

from __future__ import annotations

import pytest

from CTDenoiseLib.cli.request import RequestError, RunRequest


@pytest.fixture
def dicom(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def volume(tmp_path):
    (tmp_path / "in.nrrd").write_bytes(b"")
    return tmp_path / "in.nrrd"


def test_paths_beside_each_other_are_fine(dicom, tmp_path):
    RunRequest(source=dicom, output=tmp_path / "out", residual=tmp_path / "res", report=tmp_path / "report.pdf")


def test_a_missing_input_is_told(tmp_path):
    with pytest.raises(RequestError, match="nowhere"):
        RunRequest(source=tmp_path / "nowhere", output=tmp_path / "out")


@pytest.mark.parametrize("what", ["output", "residual", "report"])
def test_nothing_is_written_into_the_input(dicom, tmp_path, what):
    paths = {"output": tmp_path / "out", what: dicom / "new.png"}
    with pytest.raises(RequestError, match=f"{what} .* inside the input"):
        RunRequest(source=dicom, **paths)


def test_the_input_is_not_its_own_output_even_by_another_name(dicom, tmp_path):
    with pytest.raises(RequestError, match="output and the input"):
        RunRequest(source=dicom, output=tmp_path / "other" / ".." / "in", overwrite=True)


def test_a_folder_around_the_input_is_no_output(dicom, tmp_path):
    with pytest.raises(RequestError, match="lies inside the output"):
        RunRequest(source=dicom, output=tmp_path, overwrite=True)


@pytest.mark.parametrize("what", ["residual", "report"])
def test_outputs_do_not_lie_in_each_other(dicom, tmp_path, what):
    with pytest.raises(RequestError, match=f"{what} .* inside the output"):
        RunRequest(source=dicom, output=tmp_path / "out", **{what: tmp_path / "out" / "more.png"})


def test_residual_and_output_need_different_places(dicom, tmp_path):
    with pytest.raises(RequestError, match="residual and the output"):
        RunRequest(source=dicom, output=tmp_path / "out", residual=tmp_path / "out")


@pytest.mark.parametrize("what", ["output", "residual"])
def test_a_volume_file_makes_no_dicom_series(volume, tmp_path, what):
    paths = {"output": tmp_path / "out.nrrd", what: tmp_path / "series"}
    with pytest.raises(RequestError, match=r"series\.nrrd"):
        RunRequest(source=volume, **paths)


def test_a_dicom_series_is_a_folder_and_no_file(dicom, tmp_path):
    with pytest.raises(RequestError, match="folder"):
        RunRequest(source=dicom, output=tmp_path / "out.dcm")


def test_options_of_dicom_are_refused_for_volume_files(volume, dicom, tmp_path):
    with pytest.raises(RequestError, match="--series"):
        RunRequest(source=volume, output=tmp_path / "out.nrrd", series="1")
    with pytest.raises(RequestError, match="--compression"):
        RunRequest(source=dicom, output=tmp_path / "out.nrrd", compression="jpeg-ls")
    with pytest.raises(RequestError, match="--keep-private"):
        RunRequest(source=dicom, output=tmp_path / "out.nrrd", keep_private=True)

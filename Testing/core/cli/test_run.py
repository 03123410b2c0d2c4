from __future__ import annotations

import re
import threading
from functools import partial

import numpy as np
import pydicom
import pytest

from CTDenoiseLib.cli.progress import RunProgress
from CTDenoiseLib.dicom import decoders
from CTDenoiseLib.dicom.find import find_series
from CTDenoiseLib.dicom.pixels import stored_sections
from CTDenoiseLib.dicom.read import read_series
from CTDenoiseLib.inference import Denoiser
from CTDenoiseLib.volume_files import read_volume, write_volume
from support.ct_series import anatomy


@pytest.fixture
def folder(make_ct_series, tmp_path):
    return make_ct_series(tmp_path / "in", hu=anatomy((7, 64, 56)), kernel="B30f", spacing=(1.0, 0.8, 0.8))


@pytest.fixture
def run(ctdenoise):
    """`ctdenoise run` with the tiny model in fp32."""
    return lambda *words: ctdenoise("run", *words, "--model", "tiny", "--precision", "fp32", "--backend", "cpu")


def read(folder):
    (series,) = find_series(folder).series
    return read_series(series)


def test_the_summary_says_all_that_counts(run, folder, tmp_path):
    answer = run(folder, tmp_path / "out")
    assert answer.code == 0
    facts = dict(
        re.split(r"\s{2,}", line, maxsplit=1) for line in answer.out.splitlines() if re.match(r"\w.*\S\s{2,}", line)
    )
    assert facts["Input"] == "B30f · 1.00/1.00 mm · 0.80 mm · 56×64 · 7 slices"
    assert facts["Model"].startswith("tiny 1.0 (")
    assert facts["Precision"] == "fp32"
    assert facts["Computed"] == "strip by strip, with Winograd convolutions"
    assert re.fullmatch(r"\d+\.\d s in all", facts["Time"])
    assert re.fullmatch(r"\d+\.\d\d slices/s", facts["Rate"])
    assert re.fullmatch(r"\d+\.\d → \d+\.\d HU \([+−]?\d+ %\)", facts["Noise"])
    assert re.fullmatch(r"section \d, rows \d+–\d+, columns \d+–\d+", facts["Where"])
    assert facts["Unchanged"].startswith("0 voxels")
    assert facts["Output"] == str(tmp_path / "out")
    assert "was asked for" in answer.out
    assert answer.out.rstrip().endswith("Research use only.")


def test_the_noise_reported_is_that_of_the_files(run, folder, tmp_path):
    content = run(folder, tmp_path / "out", "--json").content
    noise = content["noise"]
    square = (noise["section"], slice(*noise["rows"]), slice(*noise["columns"]))
    before, after = read(folder).hu[square], read(tmp_path / "out").hu[square]
    assert noise["before_hu"] == pytest.approx(before.std(ddof=1), rel=1e-4)
    assert noise["after_hu"] == pytest.approx(after.std(ddof=1), rel=0.01)
    assert noise["mean_after_hu"] == pytest.approx(after.mean(), abs=0.1)
    assert noise["change_percent"] == pytest.approx(100 * (noise["after_hu"] / noise["before_hu"] - 1))


def test_the_mean_shift_is_that_of_the_files(run, folder, tmp_path):
    shift = run(folder, tmp_path / "out", "--json").content["mean_shift_hu"]
    before, after = read(folder).hu, read(tmp_path / "out").hu
    assert shift == pytest.approx((after - before)[before > -300].mean(), abs=0.05)


def test_machines_get_one_object_and_nothing_else(run, folder, tmp_path):
    answer = run(folder, tmp_path / "out", "--json", "--strength", "0.5")
    assert answer.err == ""
    content = answer.content
    assert content["output"] == str(tmp_path / "out")
    assert content["sections"] == 7
    assert content["strength"] == 0.5
    assert content["sections_per_second"] > 0
    assert content["research_use_only"] is True
    assert content["series_uid"] == pydicom.dcmread(tmp_path / "out" / "0001.dcm").SeriesInstanceUID


def test_the_time_in_the_network_is_a_part_of_the_whole(run, folder, tmp_path):
    content = run(folder, tmp_path / "out", "--json").content
    assert 0 < content["network_seconds"] <= content["denoising_seconds"] < content["seconds"]


def test_a_section_is_denoised_before_the_last_one_is_decoded(run, folder, tmp_path, monkeypatch):
    denoised = threading.Event()
    advance = RunProgress.advance

    def say(self, progress):
        denoised.set()
        advance(self, progress)

    def decode(path, frames):
        assert float(pydicom.dcmread(path).ImagePositionPatient[2]) < -95 or denoised.wait(timeout=60)
        return stored_sections(path, frames)

    monkeypatch.setattr("CTDenoiseLib.inference.Denoiser", partial(Denoiser, batch_size=1))
    monkeypatch.setattr(RunProgress, "advance", say)
    monkeypatch.setattr(decoders, "stored_sections", decode)
    assert run(folder, tmp_path / "out").code == 0
    assert len(list((tmp_path / "out").iterdir())) == 7


def test_damage_found_in_the_middle_of_a_run_leaves_nothing(run, folder, tmp_path):
    (series,) = find_series(folder).series
    path = series.slices[-1].path
    path.write_bytes(path.read_bytes()[:-50])
    answer = run(folder, tmp_path / "out", "--residual", tmp_path / "res")
    assert answer.code == 2
    assert path.name in answer.err
    assert {entry.name for entry in tmp_path.iterdir()} == {"in"}


def test_what_is_unlike_the_model_is_said(run, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", kernel="Br98", spacing=(1.0, 0.2, 0.2), thickness=1.0)
    answer = run(tmp_path / "in", tmp_path / "out")
    assert answer.code == 0
    notes = [line for line in answer.err.splitlines() if line.startswith("Note: ")]
    assert any("kernel" in note for note in notes)
    assert any("pixel size" in note for note in notes)
    assert any("uniform region" in note for note in notes)


def test_files_left_out_are_said(run, folder, tmp_path):
    (folder / "report.txt").write_text("text")
    answer = run(folder, tmp_path / "out")
    assert "Left out, 1 in all:" in answer.err
    assert "1 × not DICOM (report.txt)" in answer.err


@pytest.mark.parametrize("wanted", ["B30f", "2", "uid"])
def test_one_of_several_series_is_chosen_by_kernel_number_or_uid(run, make_ct_series, tmp_path, wanted):
    make_ct_series(tmp_path / "in", kernel="Qr89", series_number=1)
    make_ct_series(tmp_path / "in", kernel="B30f", series_number=2)
    if wanted == "uid":
        wanted = find_series(tmp_path / "in").series[1].uid
    content = run(tmp_path / "in", tmp_path / "out", "--series", wanted, "--json").content
    assert content["source"]["kernel"] == ["B30f"]


def test_one_file_of_a_series_stands_for_the_series(run, folder, make_ct_series, tmp_path):
    file = sorted(folder.iterdir())[3]
    make_ct_series(folder, series_number=2)
    content = run(file, tmp_path / "out", "--json").content
    assert content["sections"] == 7
    assert content["source"]["series_number"] == 1


@pytest.mark.parametrize("suffix", [".nrrd", ".nii.gz", ".mha", ".mhd"])
def test_a_volume_file_becomes_a_volume_file_in_the_same_place_in_space(run, folder, tmp_path, suffix):
    source = read(folder)
    write_volume(source, tmp_path / f"in{suffix}")
    assert run(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}", "--residual", tmp_path / f"res{suffix}").code == 0
    result, residual = read_volume(tmp_path / f"out{suffix}"), read_volume(tmp_path / f"res{suffix}")
    np.testing.assert_allclose(result.geometry.spacing, source.geometry.spacing)
    np.testing.assert_allclose(result.geometry.origin, source.geometry.origin)
    np.testing.assert_allclose(result.hu + residual.hu, source.hu, atol=1)
    assert np.abs(result.hu - source.hu).max() > 1


def test_a_dicom_series_can_become_a_volume_file(run, folder, tmp_path):
    assert run(folder, tmp_path / "out.nrrd").code == 0
    assert run(folder, tmp_path / "out").code == 0
    np.testing.assert_array_equal(read_volume(tmp_path / "out.nrrd").hu, read(tmp_path / "out").hu)


def test_half_the_strength_takes_away_half(run, folder, tmp_path):
    run(folder, tmp_path / "full.nrrd")
    run(folder, tmp_path / "half.nrrd", "--strength", "0.5")
    run(folder, tmp_path / "none.nrrd", "--strength", "0")
    source = read(folder).hu
    full, half, none = (read_volume(tmp_path / f"{name}.nrrd").hu for name in ("full", "half", "none"))
    np.testing.assert_allclose(source - half, (source - full) / 2, atol=1)
    np.testing.assert_array_equal(none, source)


@pytest.mark.parametrize(
    ("compression", "transfer_syntax"),
    [("none", "1.2.840.10008.1.2.1"), ("jpeg-ls", "1.2.840.10008.1.2.4.80"), ("jpeg2000", "1.2.840.10008.1.2.4.90")],
)
def test_compression_is_as_asked_and_lossless(run, folder, tmp_path, compression, transfer_syntax):
    run(folder, tmp_path / "plain.nrrd")
    assert run(folder, tmp_path / "out", "--compression", compression).code == 0
    header = pydicom.dcmread(tmp_path / "out" / "0001.dcm", stop_before_pixels=True)
    assert header.file_meta.TransferSyntaxUID == transfer_syntax
    np.testing.assert_array_equal(read(tmp_path / "out").hu, read_volume(tmp_path / "plain.nrrd").hu)


@pytest.mark.parametrize("kept", [True, False])
def test_private_attributes_stay_only_when_asked_for(run, folder, tmp_path, kept):
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.private_block(0x0029, "VENDOR", create=True).add_new(0x10, "LO", "secret recipe")
        dataset.save_as(file)
    assert run(folder, tmp_path / "out", *(["--keep-private"] if kept else [])).code == 0
    assert all((b"secret recipe" in file.read_bytes()) == kept for file in (tmp_path / "out").iterdir())


def test_older_results_are_replaced_when_asked_for(run, folder, tmp_path, files_below):
    report, output = tmp_path / "report.png", tmp_path / "out"
    words = (folder, output, "--report", report, "--residual", tmp_path / "res.nrrd")
    first = run(*words, "--json").content
    report.write_bytes(b"old")
    second = run(*words, "--overwrite", "--strength", "0.5", "--json").content
    assert first["series_uid"] != second["series_uid"]
    assert {read_uid(file) for file in output.iterdir()} == {second["series_uid"]}
    assert report.read_bytes().startswith(b"\x89PNG")
    assert not {name for name in files_below(tmp_path) if ".ctdenoise" in name}


def read_uid(file):
    return pydicom.dcmread(file, stop_before_pixels=True).SeriesInstanceUID


def test_fewer_sections_than_the_model_looks_at_work_and_are_said(run, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", sections=2, kernel="B30f")
    answer = run(tmp_path / "in", tmp_path / "out")
    assert answer.code == 0
    assert "looks at 3 sections and there are 2" in answer.err
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_padding_passes_through_and_is_counted(run, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", padding=-2048)
    content = run(tmp_path / "in", tmp_path / "out.nrrd", "--json").content
    source = read(tmp_path / "in").hu
    assert content["passed_through_voxels"] == (source == -2048).sum() > 0
    assert (read_volume(tmp_path / "out.nrrd").hu[source == -2048] == -2048).all()

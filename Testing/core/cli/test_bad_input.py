"""Bad input gets one clear sentence, exit code 2, and nothing is written."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
import SimpleITK

from CTDenoiseLib.volume_files import write_volume
from support.tiny_model import save_tiny_model, tiny_network


@pytest.fixture
def refused(ctdenoise, tmp_path, files_below):
    """Runs `ctdenoise run` with every kind of output; gives its sentence once it is sure that nothing was written."""

    def run(source, *words, output="out"):
        before = files_below(tmp_path)
        output = output if (source.suffix == "") else f"{output}.nrrd"
        residual = "res" if (source.suffix == "") else "res.nrrd"
        if "--model" not in words:
            words = (*words, "--model", "tiny")
        answer = ctdenoise(
            "run", source, tmp_path / output, "--residual", tmp_path / "new" / residual,
            "--report", tmp_path / "report.png", *words,
        )  # fmt: skip
        sentence = answer.sentence
        assert files_below(tmp_path) == before
        return sentence

    return run


@pytest.fixture
def folder(make_ct_series, tmp_path):
    return make_ct_series(tmp_path / "in")


def rewrite(path, **changes):
    """Change attributes of a DICOM file."""
    dataset = pydicom.dcmread(path)
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)


def by_position(folder):
    files = [path for path in folder.iterdir() if path.is_file()]
    return sorted(files, key=lambda path: pydicom.dcmread(path, stop_before_pixels=True).ImagePositionPatient[2])


def test_no_dicom_in_the_folder(refused, tmp_path):
    (tmp_path / "in").mkdir()
    assert "empty" in refused(tmp_path / "in")
    (tmp_path / "in" / "note.txt").write_text("text")
    assert "not DICOM" in refused(tmp_path / "in")


def test_several_series_and_none_named_are_listed(refused, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", kernel="Qr89", series_number=1)
    make_ct_series(tmp_path / "in", kernel="B30f", series_number=2)
    sentence = refused(tmp_path / "in")
    for expected in ("Qr89 · ", "B30f · ", "1. ", "2. ", "several series"):
        assert expected in sentence


def test_a_series_that_is_not_there_lists_those_that_are(refused, folder):
    sentence = refused(folder, "--series", "Br36")
    assert "Br36" in sentence
    assert "Qr89 · " in sentence


def test_a_missing_section(refused, folder):
    files = by_position(folder)
    files[4].unlink()
    sentence = refused(folder)
    assert "1 section is missing" in sentence
    assert files[3].name in sentence
    assert files[5].name in sentence


def test_uneven_spacing(refused, folder):
    last = by_position(folder)[-1]
    rewrite(last, ImagePositionPatient=[-12.5, -20.0, -91.6])
    sentence = refused(folder)
    assert "distance between sections changes" in sentence
    assert last.name in sentence


def test_duplicate_positions(refused, folder):
    first, second = by_position(folder)[3:5]
    rewrite(second, ImagePositionPatient=pydicom.dcmread(first).ImagePositionPatient)
    sentence = refused(folder)
    assert "same position" in sentence
    assert first.name in sentence


@pytest.mark.parametrize("attribute", ["size", "orientation"])
def test_sections_of_different_size_or_orientation(refused, folder, attribute):
    odd = by_position(folder)[4]
    if attribute == "size":
        dataset = pydicom.dcmread(odd)
        dataset.Rows, dataset.PixelData = 24, dataset.PixelData[: 24 * 40 * 2]
        dataset.save_as(odd, enforce_file_format=True)
    else:
        rewrite(odd, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    assert "series" in refused(folder)


def test_another_modality(refused, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", modality="MR")
    sentence = refused(tmp_path / "in")
    assert "MR" in sentence
    assert "CT" in sentence


def test_a_truncated_file_is_named(refused, folder):
    victim = by_position(folder)[2]
    victim.write_bytes(victim.read_bytes()[:-1000])
    assert victim.name in refused(folder)


def test_a_file_that_cannot_be_decoded_is_named(refused, make_ct_series, tmp_path):
    make_ct_series(tmp_path / "in", transfer_syntax=pydicom.uid.JPEGLSLossless)
    victim = by_position(tmp_path / "in")[2]
    content = bytearray(victim.read_bytes())
    content[-200:-20] = b"\xff" * 180
    victim.write_bytes(bytes(content))
    assert victim.name in refused(tmp_path / "in")


def test_colour(refused, folder):
    for file in by_position(folder):
        dataset = pydicom.dcmread(file)
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
        dataset.BitsAllocated = dataset.BitsStored = 8
        dataset.HighBit, dataset.PixelRepresentation = 7, 0
        dataset.PixelData = bytes(48 * 40 * 3)
        dataset.save_as(file, enforce_file_format=True)
    assert "colour" in refused(folder)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_nan_and_infinity_in_a_volume_file(refused, tmp_path, value):
    values = np.zeros((3, 20, 20), np.float32)
    values[1, 2, 3] = value
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(tmp_path / "in.nrrd"))
    assert "not finite" in refused(tmp_path / "in.nrrd")


@pytest.mark.parametrize("kind", ["colour", "truncated", "foreign"])
def test_volume_files_that_hold_no_volume(refused, tiny_volume, tmp_path, kind):
    path = tmp_path / "in.nrrd"
    if kind == "colour":
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(np.zeros((3, 20, 20, 3), np.uint8), isVector=True), str(path))
    elif kind == "truncated":
        write_volume(tiny_volume, path)
        path.write_bytes(path.read_bytes()[:-2000])
    else:
        path.write_bytes(b"no volume at all")
    assert "in.nrrd" in refused(path)


def test_an_output_folder_with_something_in_it(refused, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "not empty" in refused(folder)
    assert "mine.txt" in refused(folder, "--overwrite")


@pytest.mark.parametrize("name", ["report.png", "new/res"])
def test_a_report_or_residual_that_exists(refused, folder, tmp_path, name):
    place = tmp_path / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"mine")
    assert place.name in refused(folder)
    assert place.read_bytes() == b"mine"


def test_an_output_in_the_input(refused, folder):
    assert "inside the input" in refused(folder, output="in/out")


def test_an_unknown_model_lists_the_known_ones(refused, folder):
    sentence = refused(folder, "--model", "nosuch")
    assert "nosuch" in sentence
    assert "tiny" in sentence


@pytest.mark.parametrize("damage", ["weights", "card", "missing weights"])
def test_a_damaged_model(refused, folder, tmp_path, monkeypatch, damage):
    save_tiny_model(tmp_path / "models", network=tiny_network(width=2, levels=2))
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path / "models"))
    weights, card = tmp_path / "models" / "tiny.safetensors", tmp_path / "models" / "tiny.json"
    if damage == "weights":
        weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    elif damage == "card":
        card.write_text(card.read_text(encoding="utf-8").replace('"context": 1', '"context": 2'), encoding="utf-8")
    else:
        weights.unlink()
    assert "tiny" in refused(folder)


def test_a_device_or_precision_that_is_not_there(refused, folder):
    assert "cuda:77" in refused(folder, "--backend", "cuda:77")
    assert "gpu" in refused(folder, "--backend", "gpu")
    assert "fp8" in refused(folder, "--precision", "fp8")


def test_a_network_that_overflows(refused, folder, tmp_path, monkeypatch):
    """It fails in the middle of writing; nothing of what was written before stays."""
    network = tiny_network(width=2, levels=2)
    for parameter in network.parameters():
        parameter.data.mul_(1e30)
    save_tiny_model(tmp_path / "models", network=network)
    monkeypatch.setenv("CTDENOISE_MODELS", str(tmp_path / "models"))
    assert "not finite" in refused(folder, "--precision", "fp32")


def test_what_is_left_out_is_said_and_the_rest_denoised(ctdenoise, folder, tmp_path):
    localizer = by_position(folder)[0]
    shutil.copy(localizer, folder / "scout")
    rewrite(
        folder / "scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        SOPInstanceUID=pydicom.uid.generate_uid(), SeriesInstanceUID=pydicom.uid.generate_uid(),
    )  # fmt: skip
    shutil.copy(localizer, folder / "plan")
    rewrite(
        folder / "plan", SOPClassUID=pydicom.uid.RTStructureSetStorage, Modality="RTSTRUCT",
        SOPInstanceUID=pydicom.uid.generate_uid(), SeriesInstanceUID=pydicom.uid.generate_uid(),
    )  # fmt: skip
    (folder / "DICOMDIR").write_bytes(b"\0" * 128 + b"DICM")
    answer = ctdenoise("run", folder, tmp_path / "out", "--model", "tiny")
    assert answer.code == 0
    assert "localizer" in answer.err
    assert "plan" in answer.err
    assert len(list((tmp_path / "out").iterdir())) == 9

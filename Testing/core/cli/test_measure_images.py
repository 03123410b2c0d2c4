"""How images are named on the command line, and what the record says of them."""

from __future__ import annotations

import json

import pytest

from CTDenoiseLib.dicom.find import find_series
from support.ct_series import anatomy

REGION = ("--box", "0,0,-96:4,4,2")


@pytest.fixture
def folder(make_ct_series, tmp_path):
    return make_ct_series(tmp_path / "Doe^John", hu=anatomy((9, 80, 64)), kernel="B30f", series_number=1)


@pytest.fixture
def images(ctdenoise):
    """What the record of `measure roi` says of its images."""

    def run(*words):
        answer = ctdenoise("measure", "roi", *words, *REGION, "--json")
        assert answer.code == 0, answer
        return answer.content["images"]

    return run


def test_a_series_is_named_by_its_kernel_and_identified_by_its_uids(images, folder):
    (series,) = find_series(folder).series
    (image,) = images(folder)
    assert image["name"] == "B30f"
    assert (image["study_uid"], image["series_uid"], image["file"]) == (series.study_uid, series.uid, None)


def test_images_of_the_same_name_are_numbered(images, folder):
    assert [image["name"] for image in images(folder, folder)] == ["B30f", "B30f (2)"]


def test_the_user_names_images(images, folder):
    assert [image["name"] for image in images(f"Low dose={folder}", folder)] == ["Low dose", "B30f"]


@pytest.mark.parametrize("wanted", ["Qr89", "2", "uid"])
def test_a_series_among_several_is_named_behind_the_folder(images, folder, make_ct_series, wanted):
    make_ct_series(folder, hu=anatomy((9, 80, 64)), kernel="Qr89", series_number=2)
    uid = next(series.uid for series in find_series(folder).series if series.kernel == "Qr89")
    found = images(f"Sharp={folder}#{uid if wanted == 'uid' else wanted}", f"{folder}#B30f")
    assert [image["name"] for image in found] == ["Sharp", "B30f"]
    assert found[0]["series_uid"] == uid


def test_several_series_and_none_named_are_listed_with_what_to_write(ctdenoise, folder, make_ct_series):
    make_ct_series(folder, kernel="Qr89", series_number=2)
    sentence = ctdenoise("measure", "roi", folder, *REGION).sentence
    assert "1. B30f · " in sentence
    assert sentence.endswith(f"such as {folder}#1.")


def test_one_file_of_a_series_stands_for_the_series(images, folder):
    (image,) = images(next(folder.iterdir()))
    assert image["series_uid"] == find_series(folder).series[0].uid


def test_signs_in_a_path_are_part_of_it(images, folder):
    odd = folder.rename(folder.with_name("a=b#1"))
    assert images(odd)[0]["name"] == "B30f"


def test_a_denoised_series_tells_its_model(images, ctdenoise, folder, tmp_path):
    words = ("--model", "tiny", "--strength", "0.5", "--backend", "cpu", "--precision", "fp32")
    assert ctdenoise("run", folder, tmp_path / "out", "--residual", tmp_path / "rest", *words).code == 0
    sha256 = ctdenoise("models", "verify", "tiny", "--json").content["sha256"]
    _, denoised, residual = images(folder, tmp_path / "out", tmp_path / "rest")
    assert (denoised["name"], residual["name"]) == ("B30f denoised", "B30f residual")
    assert (denoised["model"], denoised["weights_sha256"], denoised["strength"]) == ("tiny", sha256, 0.5)


def test_nothing_written_names_a_person(ctdenoise, folder, tmp_path):
    files = tmp_path / "r.json", tmp_path / "r.csv", tmp_path / "plot.pdf"
    answer = ctdenoise("measure", "roi", folder, *REGION, "--output", files[0], "--plot", files[2])
    ctdenoise("measure", "roi", folder, *REGION, "--output", files[1])
    for text in (answer.out, *(file.read_text(encoding="latin-1") for file in files)):
        for name in ("Doe", "Synthetic^Phantom", "SYNTHETIC"):
            assert name not in text
    assert json.loads(files[0].read_text(encoding="utf-8"))["images"][0]["name"] == "B30f"

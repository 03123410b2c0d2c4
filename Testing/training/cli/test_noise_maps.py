from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import read_volume, write_volume
from support.ct_series import anatomy, make_ct_series

SHAPE = (12, 96, 80)
SPACING = (1.0, 0.5, 0.5)


@pytest.fixture
def reconstructions(tmp_path: Path) -> tuple[Path, Path]:
    """Filtered back-projection, and an iterative reconstruction that leaves half of its noise."""
    rng = np.random.default_rng(0)
    noise, body = 30 * rng.standard_normal(SHAPE).astype(np.float32), anatomy(SHAPE, noise_hu=0.0)
    paths = tmp_path / "filtered back.nrrd", tmp_path / "iterative.nrrd"
    for path, left in zip(paths, (1.0, 0.5), strict=True):
        write_volume(Volume(body + left * noise, Geometry(spacing=SPACING, origin=(1.0, 2.0, 3.0))), path)
    return paths


@pytest.fixture
def folder_of_two(tmp_path: Path) -> Path:
    """A folder with series of two kernels."""
    one = {"study_uid": "1.2", "frame_of_reference": "1.3"}
    for number, kernel in enumerate(("Qr89", "Br40"), start=1):
        make_ct_series(tmp_path / "two series", kernel=kernel, series_number=number, seed=number, **one)
    return tmp_path / "two series"


def test_noise_and_weight_are_written_where_the_images_lie(ctdenoise, reconstructions, tmp_path):
    answer = ctdenoise("noise-maps", *reconstructions, "--output", tmp_path / "the maps")
    assert answer.code == 0
    assert sorted(file.name for file in (tmp_path / "the maps").iterdir()) == ["noise.nrrd", "weight.nrrd"]
    noise = read_volume(tmp_path / "the maps" / "noise.nrrd")
    filtered, iterative = map(read_volume, reconstructions)
    assert noise.geometry == filtered.geometry
    assert np.corrcoef(noise.hu.ravel(), (filtered.hu - iterative.hu).ravel())[0, 1] == pytest.approx(1, abs=1e-3)
    for expected in ("Noise in flat soft tissue", "Anatomy in the noise", f"in {tmp_path / 'the maps'}", "Research"):
        assert expected in answer.out


def test_machines_get_the_verdict_on_anatomy_as_numbers(ctdenoise, reconstructions, tmp_path):
    content = ctdenoise("noise-maps", *reconstructions, "--output", tmp_path / "maps", "--json").content
    assert content["files"] == ["noise.nrrd", "weight.nrrd"]
    assert content["leakage"]["level"] in ("none", "some", "much")
    assert content["leakage"]["noise_hu"] == pytest.approx(15, rel=0.1)


def test_three_scans_give_three_maps(ctdenoise, tmp_path):
    scans = []
    for seed in range(3):
        scans.append(tmp_path / f"{seed}.nrrd")
        write_volume(Volume(anatomy(SHAPE, seed=seed), Geometry(spacing=SPACING)), scans[-1])
    content = ctdenoise(
        "noise-maps", *scans, "--method", "repeated-scans", "--output", tmp_path / "maps", "--json"
    ).content
    assert content["files"] == [f"{part}-{number}.nrrd" for number in (1, 2, 3) for part in ("noise", "weight")]


def test_one_series_of_a_folder_is_enough_for_adjacent_sections(ctdenoise, tmp_path, folder_of_two):
    words = (f"{folder_of_two}#Br40", "--method", "adjacent-sections", "--apart", 2, "--output", tmp_path / "maps")
    assert dict(ctdenoise("noise-maps", *words, "--json").content["facts"])["Kernel"] == "Br40"
    assert read_volume(tmp_path / "maps" / "noise.nrrd").shape[0] == 7


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (("two series#1", "two series#2"), "The kernels of filtered back-projection and iterative reconstruction"),
        (("two series#1",), "need two series, filtered back-projection and iterative reconstruction, not 1"),
        (("two series#1", "two series"), "Write it behind the folder, such as two series#1"),
        (("two series#1", "two series#Qr99"), 'No series answers to "Qr99"'),
        (("two series#1", "nowhere"), "There is no nowhere"),
        (("two series#1", "empty"), "empty: The folder is empty"),
        (("two series#1", "two series#1"), "The noise is 0 everywhere"),
    ],
)
def test_images_that_do_not_fit_are_told_and_nothing_is_written(
    ctdenoise, folder_of_two, monkeypatch, images, expected
):
    monkeypatch.chdir(folder_of_two.parent)
    Path("empty").mkdir()
    assert expected in ctdenoise("noise-maps", *images, "--output", "maps").err
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith((".", "maps"))) == []


def test_a_folder_with_something_in_it_is_left_alone(ctdenoise, reconstructions, tmp_path):
    assert "is not empty" in ctdenoise("noise-maps", *reconstructions, "--output", tmp_path).sentence

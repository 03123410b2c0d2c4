"""Each command of `ctdenoise measure` on a phantom whose figures are known."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import read_volume, write_volume
from support.measure_phantom import BLUR_MM, NOISE_HU, NOISE_LEFT, ROD_HU, ROD_MM, write_phantom

# Where the transform of a Gaussian falls to a half.
F50 = math.sqrt(math.log(2) / 2) / (math.pi * BLUR_MM)
ROD_PLACE = f"Rod=0,0,0:{ROD_MM:g}"
# Uniform, beside the rod, of 33 × 49 pixels in five sections.
BESIDE = "Beside=18,0,0:16.5,24.5,9"


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    return write_phantom(tmp_path_factory.mktemp("phantom"))


@pytest.fixture
def measure(ctdenoise):
    """Rows of the first table by the values of its text columns, of a command with `--json`."""

    def run(command, *words, table=0):
        answer = ctdenoise("measure", command, *words, "--json")
        assert answer.code == 0, answer
        return answer.content["tables"][table]["rows"]

    return run


def test_a_region_has_the_mean_and_noise_of_its_voxels_in_all_images(measure, phantom):
    before, after = measure("roi", phantom.before, phantom.after, "--box", BESIDE)
    voxels = slice(2, 7), slice(56, 105), slice(100, 133)
    for row, path in ((before, phantom.before), (after, phantom.after)):
        values = read_volume(path).hu[voxels].astype(np.float64)
        assert row["count"] == values.size
        assert row["mean"] == pytest.approx(values.mean())
        assert row["sd"] == pytest.approx(values.std(ddof=1))
    # Files hold whole HU, which adds a twelfth of a HU².
    assert after["noise_reduction"] == pytest.approx(100 * (1 - NOISE_LEFT), abs=0.3)
    assert before["noise_reduction"] is None


def test_shapes_can_be_mixed_and_compared_with_a_background(measure, phantom):
    rows = measure(
        "roi", phantom.before, "--cylinder", "Rod=0,0,0:8,10", "--ellipsoid", "20,0,0:10,10,0", "--box", BESIDE,
        "--background", "Beside",
    )  # fmt: skip
    by_name = {row["roi"]: row for row in rows}
    assert set(by_name) == {"Rod", "Ellipsoid 1", "Beside"}
    assert by_name["Rod"]["cnr"] == pytest.approx(ROD_HU / NOISE_HU, rel=0.05)
    assert by_name["Ellipsoid 1"]["area"] == pytest.approx(math.pi * 25, rel=0.05)
    assert by_name["Beside"]["cnr"] is None


def test_uniform_squares_are_found_and_their_places_are_told(measure, phantom):
    rows = measure("roi", phantom.before, "--uniform", "3:10")
    assert [row["roi"] for row in rows] == ["Uniform 1", "Uniform 2", "Uniform 3"]
    places = measure("roi", phantom.before, "--uniform", "3:10", table=1)
    for row, place in zip(rows, places, strict=True):
        assert row["sd"] == pytest.approx(NOISE_HU, rel=0.15)
        assert math.hypot(place["centre_x"], place["centre_y"]) > 10
    again = measure(
        "roi", phantom.before, "--box", "{centre_x},{centre_y},{centre_z}:{size_1},{size_2},0".format(**places[0])
    )
    assert again[0]["mean"] == rows[0]["mean"]


def test_a_profile_across_the_rod_has_its_width_and_its_blur(measure, phantom):
    (row,) = measure("profile", phantom.after, "--from", "-20,0,0", "--to", "20,0,0", "--width", "1")
    assert row["fwhm"] == pytest.approx(ROD_MM, abs=0.1)
    assert row["edge_distance"] == pytest.approx(2.563 * BLUR_MM, rel=0.1)
    assert row["peak_contrast"] == pytest.approx(ROD_HU, rel=0.02)
    samples = measure("profile", phantom.after, "--from", "-20,0,0", "--to", "20,0,0", table=1)
    assert (samples[0]["x"], samples[-1]["x"]) == (-20, 20)
    assert samples[len(samples) // 2]["hu_1"] == pytest.approx(340, abs=20)


def test_the_noise_power_is_that_of_the_noise(measure, phantom):
    before, after = measure("nps", phantom.before, phantom.after, "--box", BESIDE, "--side", "32")
    # A surface of second order takes six of 32² degrees of freedom, and chance as much again.
    assert before["noise"] == pytest.approx(NOISE_HU, rel=0.03)
    assert after["noise"] == pytest.approx(NOISE_LEFT * NOISE_HU, rel=0.03)
    assert before["mean_frequency"] == pytest.approx(0.5, rel=0.1)


def test_repeated_scans_give_the_noise_even_across_the_rod(measure, phantom):
    (row,) = measure("nps", phantom.before, "--repeat", phantom.again, "--box", "0,0,0:40,40,10")
    assert row["noise"] == pytest.approx(NOISE_HU, rel=0.03)


def test_the_transfer_function_of_the_rod_is_that_of_its_blur(measure, phantom):
    (row,) = measure("ttf", phantom.before, "--disc", ROD_PLACE, "--depth", "18")
    assert row["f50"] == pytest.approx(F50, rel=0.03)
    assert row["contrast"] == pytest.approx(ROD_HU, rel=0.02)
    assert row["radius"] == pytest.approx(ROD_MM / 2, abs=0.05)
    assert row["sections"] == 9


def test_a_rod_is_found_by_its_diameter_alone(measure, phantom, tmp_path):
    whole = read_volume(phantom.after)
    inside = Volume(whole.hu[:, 60:140, 40:120].copy(), replace(whole.geometry, origin=(-20.0, -10.0, -8.0)))
    write_volume(inside, tmp_path / "inside.nrrd")
    (place,) = measure("ttf", tmp_path / "inside.nrrd", "--disc", f"{ROD_MM:g}", table=2)
    assert math.hypot(place["centre_x"], place["centre_y"]) < 0.05


def test_less_noise_makes_a_disc_easier_to_detect(measure, phantom):
    words = ("--disc", ROD_PLACE, "--depth", "18", "--task", "5,100", "--nps-box", BESIDE)
    before, after = measure("ttf", phantom.before, phantom.after, *words, table=3)
    assert after["index"] == pytest.approx(before["index"] / NOISE_LEFT, rel=0.05)


def test_a_straight_edge_is_measured_in_its_box(measure, tmp_path):
    y, x = (np.arange(size) * 0.5 for size in (80, 60))
    across = x - 15 - math.tan(math.radians(4)) * (y[:, None] - 20)
    edge = np.tile(200 * ndtr(across / BLUR_MM), (3, 1, 1)).astype(np.float32)
    write_volume(Volume(edge, Geometry((2.0, 0.5, 0.5))), tmp_path / "edge.nrrd")
    (row,) = measure("ttf", tmp_path / "edge.nrrd", "--edge", "15,20,2:24,36,0")
    assert row["f50"] == pytest.approx(F50, rel=0.02)
    assert row["angle"] == pytest.approx(4, abs=0.1)


def test_the_noise_level_needs_no_region(measure, phantom):
    before, after = measure("noise-level", phantom.before, phantom.after)
    assert before["level"] == pytest.approx(NOISE_HU, rel=0.03)
    assert after["noise_reduction"] == pytest.approx(75, abs=1.5)


def test_images_are_compared_within_a_window(measure, phantom):
    reference, other = (
        read_volume(path).hu.astype(np.float64).clip(-160, 240) for path in (phantom.after, phantom.before)
    )
    (row,) = measure("compare", phantom.after, phantom.before, "--window", "400,40")
    rmse = math.sqrt(np.square(other - reference).mean())
    assert row["rmse"] == pytest.approx(rmse)
    assert row["psnr"] == pytest.approx(20 * math.log10(400 / rmse))
    assert (row["window_low"], row["window_high"], row["data_range"]) == (-160, 240, 400)


def test_an_audit_gives_a_verdict_with_reasons(ctdenoise, phantom, tmp_path):
    content = ctdenoise("measure", "audit", phantom.before, phantom.after, "--json").content
    assert content["settings"]["verdict"] == "green"
    answer = ctdenoise("measure", "audit", phantom.before, phantom.after)
    assert "Verdict: green" in answer.out
    volume = read_volume(phantom.before)
    write_volume(replace(volume, hu=gaussian_filter(volume.hu, (0, 1, 1))), tmp_path / "blurred.nrrd")
    answer = ctdenoise("measure", "audit", phantom.before, tmp_path / "blurred.nrrd")
    assert "Verdict: red" in answer.out
    assert "of the detail at edges was taken away" in answer.out


def test_an_audit_can_test_vessels_with_a_model(measure, phantom):
    rows = measure(
        "audit", phantom.before, phantom.after, "--model", "tiny", "--strength", "0", "--backend", "cpu", table=1
    )
    assert len(rows) == 18
    # A model of no strength leaves everything.
    assert {round(row["retained"]) for row in rows} == {100}


COMMANDS = {
    "roi": ("--box", BESIDE),
    "profile": ("--from", "-20,0,0", "--to", "20,0,0"),
    "nps": ("--box", BESIDE, "--side", "32"),
    "ttf": ("--disc", ROD_PLACE, "--depth", "18"),
    "noise-level": (),
    "compare": (),
    "audit": (),
}


@pytest.mark.parametrize(("command", "words"), COMMANDS.items())
def test_every_command_prints_figures_and_writes_tables_and_plots(ctdenoise, phantom, tmp_path, command, words):
    files = tmp_path / "new" / "figures.csv", tmp_path / "plot.png"
    answer = ctdenoise(
        "measure", command, f"In={phantom.before}", f"Out={phantom.after}", *words,
        "--output", files[0], "--plot", files[1],
    )  # fmt: skip
    assert answer.code == 0
    assert "In  Volume file · 2.00 mm · 0.50 mm · 160² · 9 slices" in answer.out
    assert answer.out.rstrip().endswith("Research use only.")
    header, *rows = csv.reader(io.StringIO(files[0].read_bytes().decode("utf-8-sig")))
    assert rows
    assert {len(row) for row in rows} == {len(header)}
    assert files[1].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("command", "words"), COMMANDS.items())
def test_every_command_writes_json_and_pdf(ctdenoise, phantom, tmp_path, command, words):
    files = tmp_path / "record.json", tmp_path / "plot.pdf"
    images = f"In={phantom.before}", f"Out={phantom.after}"
    content = ctdenoise("measure", command, *images, *words, "--output", files[0], "--plot", files[1], "--json").content
    assert content["tables"]
    assert content["notes"]
    assert [image["name"] for image in content["images"]] == ["In", "Out"]
    assert '"purpose": "Research use only. Not for clinical use."' in files[0].read_text(encoding="utf-8")
    assert files[1].read_bytes().startswith(b"%PDF")

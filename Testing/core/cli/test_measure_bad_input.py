"""Bad input to `ctdenoise measure` gets one clear sentence, exit code 2, and nothing is written."""

from __future__ import annotations

import json

import pytest

from CTDenoiseLib.volume import Geometry, Volume
from CTDenoiseLib.volume_files import read_volume, write_volume
from support.measure_phantom import write_phantom


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    return write_phantom(tmp_path_factory.mktemp("phantom"))


@pytest.fixture
def refused(ctdenoise, tmp_path, files_below):
    """Runs a command with files to write; gives its sentence once it is sure that nothing was written."""

    def run(command, *words):
        before = files_below(tmp_path)
        files = ("--output", tmp_path / "new" / "out.csv", "--plot", tmp_path / "new" / "plot.pdf")
        sentence = ctdenoise("measure", command, *words, *files).sentence
        assert files_below(tmp_path) == before
        return sentence

    return run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("roi", "{}"), "no region to measure in"),
        (("roi", "{}", "--box", "1,2,3"), "write X,Y,Z:DX,DY,DZ"),
        (("roi", "{}", "--box", "1,2,3:4,5,six"), "each a number"),
        (("roi", "{}", "--box", "1,2,nan:4,5,6"), "each a number"),
        (("roi", "{}", "--box", "0,0,0:0,0,5"), "no extent"),
        (("roi", "{}", "--box", "500,0,0:5,5,5"), "outside the image"),
        (("roi", "{}", "--box", "0.1,0.1,0:0.1,0.1,0.1"), "single voxel"),
        (("roi", "{}", "--uniform", "0"), "asks for nothing"),
        (("roi", "{}", "--uniform", "3:200"), "No square of 200 mm"),
        (("roi", "{}", "--box", "0,0,0:5,5,5", "--background", "Water"), "there are Box 1"),
        (("roi", "nowhere", "--uniform", "1"), "There is no nowhere"),
        (("roi", "A={}", "A={}", "--uniform", "1"), "Two images have the same name"),
        (("roi", "{}#2", "--uniform", "1"), "leave it out"),
        (("profile", "{}", "--from", "0,0,0"), "both ends"),
        (("profile", "{}"), "no line"),
        (("profile", "{}", "--from", "0,0,0", "--to", "0,0,0"), "no length"),
        (("profile", "{}", "--from", "0,500,0", "--to", "5,500,0"), "outside the images"),
        (("nps", "{}", "--box", "18,0,0:3,3,3"), "holds no square"),
        (("nps", "{}", "{}", "--repeat", "{}", "--box", "18,0,0:17,25,10"), "2 images and 1 repeats"),
        (("ttf", "{}"), "no edge to measure at"),
        (("ttf", "{}", "--disc", "0,0,0:0"), "no diameter"),
        (("ttf", "{}", "--disc", "20,0,0:8"), "no disc"),
        (("ttf", "{}", "--disc", "500,0,0:8"), "outside the image"),
        (("ttf", "{}", "--disc", "9"), "No rod of 9 mm"),
        (("ttf", "{}", "--disc", "0,0,0:12", "--task", "5,10"), "--nps-box"),
        (("ttf", "{}", "--disc", "0,0,0:12", "--viewing", "0,1"), "above zero"),
        (("noise-level", "{}", "--tissue", "200,100"), "lower one first"),
        (("noise-level", "{}", "--tissue", "2000,3000"), "Too little soft tissue"),
        (("compare", "{}", "{}", "--window", "0,40"), "no width"),
        (("audit", "{}", "{}", "--model", "nosuch"), "nosuch"),
    ],
)
def test_a_wrong_request_is_explained(refused, phantom, words, expected):
    sentence = refused(*(word.format(phantom.after) for word in words))
    assert expected in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("command", ["compare", "audit", "noise-level"])
def test_images_of_other_voxels_are_refused(refused, phantom, tmp_path, command):
    volume = read_volume(phantom.after)
    moved = tmp_path / "moved.nrrd"
    write_volume(Volume(volume.hu, Geometry((2.0, 0.5, 0.5), (-30.0, -40.0, -8.0))), moved)
    assert "voxels" in refused(command, phantom.after, moved)


def test_images_of_other_voxels_are_resampled_on_request(ctdenoise, phantom, tmp_path):
    moved = tmp_path / "moved.nrrd"
    write_volume(Volume(read_volume(phantom.after).hu, Geometry((2.0, 0.5, 0.5), (-39.8, -40.0, -8.0))), moved)
    words = ("measure", "roi", phantom.after, moved, "--box", "18,0,0:10,10,4")
    without = ctdenoise(*words)
    assert without.code == 0
    assert "other voxels" in without.err
    resampled = ctdenoise(*words, "--resample")
    assert "interpolated" in resampled.err
    first, second = ctdenoise(*words, "--resample", "--json").content["tables"][0]["rows"]
    assert second["mean"] == pytest.approx(first["mean"], abs=0.5)


def test_markups_of_slicer_are_regions_and_lines(ctdenoise, refused, phantom, tmp_path):
    roi, line = tmp_path / "ROI.mrk.json", tmp_path / "Line.mrk.json"
    ends = [{"position": [20.0, 0.0, 0.0]}, {"position": [-20.0, 0.0, 0.0]}]
    box = {"type": "ROI", "coordinateSystem": "RAS", "center": [-18, 0, 0], "size": [16.5, 24.5, 9]}
    box["orientation"] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    roi.write_text(json.dumps({"markups": [box]}))
    line.write_text(json.dumps({"markups": [{"type": "Line", "coordinateSystem": "RAS", "controlPoints": ends}]}))

    def rows(command, *words):
        return ctdenoise("measure", command, phantom.before, *words, "--json").content["tables"][0]["rows"]

    assert rows("roi", "--markups", roi) == rows("roi", "--box", "ROI=18,0,0:16.5,24.5,9")
    by_file, by_hand = rows("profile", "--markups", line), rows("profile", "--from", "-20,0,0", "--to", "20,0,0")
    assert by_file[0]["fwhm"] == pytest.approx(by_hand[0]["fwhm"])
    assert "holds lines only" in refused("roi", phantom.before, "--markups", line)
    assert "holds regions only" in refused("profile", phantom.before, "--markups", roi)
    assert "cannot be read" in refused("roi", phantom.before, "--markups", tmp_path / "none.mrk.json")


@pytest.mark.parametrize(
    ("option", "name", "expected"),
    [("--output", "out.txt", ".csv or .json"), ("--plot", "plot.jpg", ".png or .pdf")],
)
def test_files_of_other_kinds_are_refused_before_any_work(ctdenoise, tmp_path, option, name, expected):
    sentence = ctdenoise("measure", "roi", "nowhere", "--uniform", "1", option, tmp_path / name).sentence
    assert expected in sentence


def test_files_are_replaced_on_request_only_and_all_or_none(ctdenoise, phantom, tmp_path, files_below):
    plot = tmp_path / "plot.png"
    plot.write_text("old")
    words = ("measure", "roi", phantom.after, "--box", "18,0,0:10,10,4", "--output", tmp_path / "r.csv", "--plot", plot)
    assert "plot.png" in ctdenoise(*words).sentence
    assert files_below(tmp_path) == {"plot.png"}
    assert ctdenoise(*words, "--overwrite").code == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert files_below(tmp_path) == {"plot.png", "r.csv"}


def test_what_cannot_be_measured_is_said_beside_what_can(ctdenoise, phantom):
    answer = ctdenoise("measure", "roi", phantom.after, "--box", "18,0,0:10,10,4", "--box", "Far=500,0,0:10,10,4")
    assert answer.code == 0
    assert "Note: Far: The region lies outside the image" in answer.err


def test_warnings_reach_machines_too(ctdenoise, phantom):
    content = ctdenoise("measure", "nps", phantom.before, "--box", "0,0,0:40,40,10", "--json").content
    assert any("not uniform" in note for note in content["notes"])

"""A user takes measurements along: to a spreadsheet, as CSV, as JSON."""

from __future__ import annotations

import csv
import json
from itertools import takewhile

import pytest

ACROSS = ((-33.0, -16.0, 4.0), (0.0, -16.0, 4.0))
CORNERS = ((-12.0, -24.0, 4.0), (-22.0, -14.0, 4.0))
NAMES = ["Input: Qr89", "Smooth: Br56"]


def test_the_table_is_copied_for_a_spreadsheet(panel, pair):
    import qt

    roi = panel.draw("boxButton", *CORNERS)
    panel.ui.copyTableButton.click()
    lines = [line.split("\t") for line in qt.QApplication.clipboard().text().splitlines()]
    assert lines[1][0] == roi.GetName()
    assert len(lines[0]) == len(lines[1])
    assert "Copied" in panel.measure_message


@pytest.mark.parametrize("button", ["newLineButton", "boxButton"])
def test_the_measurements_are_saved_as_a_table(panel, pair, tmp_path, button):
    panel.draw(button, *CORNERS)
    panel.host.user.choose_path(tmp_path / "cord.csv")
    panel.ui.saveMeasurementsButton.click()
    assert str(tmp_path / "cord.csv") in panel.measure_message
    with (tmp_path / "cord.csv").open(encoding="utf-8-sig", newline="") as file:
        first_table = list(takewhile(bool, csv.reader(file)))
    assert len(first_table) == len(panel.table)


@pytest.mark.parametrize("button", ["newLineButton", "boxButton"])
def test_what_is_saved_as_json_says_of_which_images_and_how(panel, pair, tmp_path, button):
    panel.ui.profileWidthSpinBox.setValue(2.0)
    panel.draw(button, *CORNERS)
    panel.host.user.choose_path(tmp_path / "cord.json")
    panel.ui.saveMeasurementsButton.click()
    content = json.loads((tmp_path / "cord.json").read_text(encoding="utf-8"))
    assert {image["name"] for image in content["images"]} == set(NAMES)
    assert content["settings"]
    assert content["tables"][0]["rows"]


def test_what_was_denoised_is_saved_with_the_hash_of_its_model(panel, tmp_path):
    panel.denoise()
    panel.draw("boxButton", *CORNERS)
    panel.host.user.choose_path(tmp_path / "cord.json")
    panel.ui.saveMeasurementsButton.click()
    content = json.loads((tmp_path / "cord.json").read_text(encoding="utf-8"))
    by_model = {image["model"]: image for image in content["images"]}
    assert len(by_model["tiny"]["weights_sha256"]) == 64
    assert by_model[None]["weights_sha256"] is None


def test_who_cancels_the_dialog_saves_nothing(panel, pair):
    panel.draw("newLineButton", *ACROSS)
    panel.host.user.choose_path("")
    panel.ui.saveMeasurementsButton.click()
    assert panel.measure_message == ""


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(panel, pair, tmp_path):
    panel.draw("newLineButton", *ACROSS)
    (tmp_path / "file").touch()
    panel.host.user.choose_path(tmp_path / "file" / "cord.csv")
    panel.ui.saveMeasurementsButton.click()
    assert "could not be written" in panel.measure_message
    assert not panel.host.user.messages

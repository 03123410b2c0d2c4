"""What was measured, written to the file that the user names."""

from __future__ import annotations

import csv
import json

import pytest

from CTDenoiseLib.atomic import OutputExistsError, WriteFailedError
from CTDenoiseLib.measure.record import ImageIdentity, MeasurementRecord
from CTDenoiseLib.measure.result_table import Column, ResultTable

TABLE = ResultTable("ROIs", (Column("name", "ROI"), Column("area", "Area", "mm²")), (("Cord", 1 / 3), ("Fat", None)))
RECORD = MeasurementRecord(
    images=(ImageIdentity(name="Qr89", series_uid="1.2.3"),), settings={"resampled": False}, tables=(TABLE,)
)


@pytest.fixture
def save(slicer_host):
    """Texts need Slicer's translations."""
    from CTDenoisePanel import save_measurements

    return save_measurements.save


def test_csv_is_the_table_in_full_precision_with_the_mark_by_which_excel_knows_its_encoding(save, tmp_path):
    path = save(RECORD, tmp_path / "cord.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["ROI", "Area [mm²]"], ["Cord", str(1 / 3)], ["Fat", ""]]


def test_json_says_also_what_was_measured_and_how(save, tmp_path):
    content = json.loads(save(RECORD, tmp_path / "cord.JSON").read_text(encoding="utf-8"))
    assert content["images"][0]["series_uid"] == "1.2.3"
    assert content["settings"] == {"resampled": False}
    assert content["tables"][0]["rows"][0]["name"] == "Cord"


def test_the_file_that_the_user_agreed_to_replace_is_replaced(save, tmp_path):
    (tmp_path / "cord.csv").write_text("old")
    assert "Cord" in save(RECORD, tmp_path / "cord.csv").read_text(encoding="utf-8")


def test_a_name_without_ending_becomes_csv_and_replaces_nothing(save, tmp_path):
    assert save(RECORD, tmp_path / "cord") == tmp_path / "cord.csv"
    with pytest.raises(OutputExistsError, match="already exists"):
        save(RECORD, tmp_path / "cord")


def test_another_ending_is_refused_with_the_two_that_are_known(save, tmp_path):
    from CTDenoisePanel.save_measurements import UnknownKindOfFileError

    with pytest.raises(UnknownKindOfFileError, match=r"“cord\.xlsx” is neither \.csv nor \.json"):
        save(RECORD, tmp_path / "cord.xlsx")


def test_a_place_that_cannot_be_written_is_named(save, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteFailedError, match="could not be written"):
        save(RECORD, tmp_path / "file" / "cord.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

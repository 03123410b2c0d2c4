import csv
import io
import json

import numpy as np
import pytest

from CTDenoiseLib.measure.result_table import Column, ResultTable


@pytest.fixture
def table() -> ResultTable:
    return ResultTable(
        "Regions",
        (Column("roi", "ROI"), Column("mean", "Mean", "HU"), Column("count", "Voxels")),
        (("Liver, left", 1 / 3, 12), ('"Aorta"\t1', float("nan"), None)),
    )


def test_csv_is_read_back_as_it_was_by_any_reader(table):
    heading, first, second = csv.reader(io.StringIO(table.csv(), newline=""))
    assert heading == ["ROI", "Mean [HU]", "Voxels"]
    assert first == ["Liver, left", repr(1 / 3), "12"]
    assert second == ['"Aorta"\t1', "", ""]


def test_csv_ends_lines_as_rfc_4180_says(table):
    assert table.csv().count("\r\n") == table.csv().count("\n") == 3


def test_numbers_of_numpy_are_written_as_numbers():
    table = ResultTable("T", (Column("a", "A"),), ((np.float64(0.1),), (np.float32(0.5),), (np.int64(3),)))
    assert table.tsv() == "A\n0.1\n0.5\n3\n"


def test_text_for_the_clipboard_keeps_one_cell_a_tab_and_one_row_a_line(table):
    lines = table.tsv().splitlines()
    assert [len(line.split("\t")) for line in lines] == [3, 3, 3]
    assert lines[2] == '"Aorta" 1\t\t'


def test_json_holds_null_where_there_is_no_number(table):
    content = json.loads(json.dumps(table.content(), allow_nan=False))
    assert content["columns"][1] == {"key": "mean", "title": "Mean", "unit": "HU"}
    assert content["rows"] == [
        {"roi": "Liver, left", "mean": 1 / 3, "count": 12},
        {"roi": '"Aorta"\t1', "mean": None, "count": None},
    ]


def test_a_row_that_does_not_fit_the_columns_is_refused():
    with pytest.raises(ValueError, match="2 cells in a table of 1 columns"):
        ResultTable("T", (Column("a", "A"),), (("x", 1),))


def test_two_columns_of_one_key_are_refused():
    with pytest.raises(ValueError, match="same key"):
        ResultTable("T", (Column("a", "A"), Column("a", "B")), ())

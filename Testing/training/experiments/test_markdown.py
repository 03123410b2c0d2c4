from __future__ import annotations

import re

import pytest

from CTDenoiseLib.measure.result_table import Column, ResultTable
from CTDenoiseTrainLib.experiments.experiment import ExperimentResult, Finding, Scale
from CTDenoiseTrainLib.experiments.markdown import cell_text, markdown_table, result_page
from support.tiny_experiment import TinyExperiment


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.123456, "0.1235"),
        (12.0, "12"),
        (-3.14159, "-3.142"),
        (123456.7, "123457"),
        (1e-6, "1e-06"),
        (7, "7"),
        ("U-Net", "U-Net"),
        (None, ""),
        (float("nan"), ""),
    ],
)
def test_cells_have_four_digits_and_nothing_where_there_is_no_value(cell, text):
    assert cell_text(cell) == text


def test_a_table_has_a_heading_a_rule_and_as_many_cells_in_each_row():
    columns = (Column("a", "Share", "%"), Column("b", "|Δ| of\nboth"))
    text = markdown_table(ResultTable("Levels", columns, ((1.5, "a | b"), (None, "two\nlines"))))
    title, empty, *lines = text.splitlines()
    assert (title, empty) == ("## Levels", "")
    assert lines == [
        r"| Share [%] | \|Δ\| of both |",
        "| --- | --- |",
        r"| 1.5 | a \| b |",
        "|  | two lines |",
    ]
    # Bars of the text are no bars of the table.
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}


def test_a_page_tells_what_is_shown_what_is_not_and_what_was_not_tested():
    findings = tuple(
        Finding(statement=f"Statement {number}.", shown=shown, evidence="Figures.")
        for number, shown in enumerate((True, False, None))
    )
    result = ExperimentResult(tables=(), findings=findings, figures={"curve.png": "A curve."}, notes=("One.", "Two."))
    page = result_page(TinyExperiment(), Scale.PAPER, result)
    assert "Scale: paper. Research use only." in page
    for line in (
        "- **shown**: Statement 0. Figures.",
        "- **not shown**: Statement 1. Figures.",
        "- **not tested**: Statement 2. Figures.",
        "![A curve.](curve.png)",
        "- One.\n- Two.",
    ):
        assert line in page
    assert page.endswith("- Two.\n")


def test_a_page_without_figures_and_notes_has_no_headings_for_them():
    page = result_page(TinyExperiment(), Scale.QUICK, ExperimentResult(tables=(), findings=()))
    assert "## Figures" not in page
    assert "## Notes" not in page

from __future__ import annotations

import math

import pytest
import vtk

from CTDenoiseLib.measure.result_table import Column, ResultTable
from CTDenoiseScene.measurement_tables import find_table, formatted, show_table, table_node
from support.table_view import texts_of

COLUMNS = (Column("roi", "ROI"), Column("count", "Voxels"), Column("sd", "SD", "HU"))


def table(*rows, columns=COLUMNS):
    return ResultTable("Noise", columns, rows)


@pytest.fixture
def node(slicer_scene):
    return table_node(slicer_scene.scene, "rois", "ROIs")


@pytest.fixture
def events(node):
    heard = []
    node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: heard.append(1))
    return heard


def test_a_table_is_shown_for_reading_with_units_in_its_header(node):
    show_table(node, table(("ROI 1", 1200, 12.345), ("ROI 2", 7, None)))
    assert texts_of(node) == [["ROI", "Voxels", "SD [HU]"], ["ROI 1", "1200", "12.3"], ["ROI 2", "7", "–"]]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.345, "HU", "12.3"),
        (-12.345, "HU", "−12.3"),
        (-0.04, "HU", "0.0"),
        (82.36, "%", "82.4"),
        (3.14159, "mm", "3.14"),
        (0.12345, "mm⁻¹", "0.123"),
        (1.256, "", "1.26"),
        (123456.0, "HU²·mm²", "1.23e+05"),
        (math.nan, "HU", "–"),
        (None, "HU", "–"),
        (12, "", "12"),
        ("box", "", "box"),
    ],
)
def test_numbers_are_rounded_to_what_their_unit_bears(value, unit, text):
    assert formatted(value, Column("key", "Title", unit)) == text


def test_other_figures_change_the_same_columns_with_one_event(node, events):
    show_table(node, table(("ROI 1", 5, 1.0)))
    column = node.GetTable().GetColumn(2)
    events.clear()
    show_table(node, table(("ROI 1", 6, 2.0)))
    assert texts_of(node)[1] == ["ROI 1", "6", "2.0"]
    assert node.GetTable().GetColumn(2) is column
    assert len(events) == 1


def test_the_same_figures_tell_nobody_anything(node, events):
    show_table(node, table(("ROI 1", 5, 1.0)))
    events.clear()
    show_table(node, table(("ROI 1", 5, 1.01)))
    assert not events


def test_rows_and_columns_come_and_go(node):
    show_table(node, table(("ROI 1", 5, 1.0), ("ROI 2", 6, 2.0)))
    show_table(node, table(("ROI 2", 2.0), columns=COLUMNS[::2]))
    assert texts_of(node) == [["ROI", "SD [HU]"], ["ROI 2", "2.0"]]
    show_table(node, table())
    assert texts_of(node) == [["ROI", "Voxels", "SD [HU]"]]


def test_columns_of_the_same_heading_can_be_told_apart(node):
    columns = (Column("sd_1", "A: SD", "HU"), Column("sd_2", "A: SD", "HU"))
    show_table(node, table((1.0, 2.0), columns=columns))
    assert texts_of(node) == [["A: SD [HU]", "A: SD [HU] (2)"], ["1.0", "2.0"]]


def test_the_table_of_a_purpose_is_found_again(slicer_scene, node):
    assert find_table(slicer_scene.scene, "rois") is node
    assert table_node(slicer_scene.scene, "rois", "ROIs") is node
    assert find_table(slicer_scene.scene, "profile") is None


def test_a_table_that_was_saved_goes_on_where_it_was(slicer_scene, node, tmp_path):
    show_table(node, table(("ROI 1", 5, 1.0)))
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    opened = find_table(slicer_scene.scene, "rois")
    show_table(opened, table(("ROI 1", 6, 2.0)))
    assert texts_of(opened) == [["ROI", "Voxels", "SD [HU]"], ["ROI 1", "6", "2.0"]]

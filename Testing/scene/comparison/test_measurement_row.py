from __future__ import annotations

import pytest
import vtk

from CTDenoiseScene.comparison import Comparison
from support.slice_views import BAR_HEIGHT, panes, render_layout

COMPARISON = Comparison.INPUT_OUTPUT_DIFFERENCE


@pytest.fixture
def chart(slicer_scene):
    return slicer_scene.scene.AddNewNodeByClass("vtkMRMLPlotChartNode")


@pytest.fixture
def table(slicer_scene):
    """One row: "a" below the title "Name"."""
    node = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTableNode")
    column = node.AddColumn()
    column.SetName("Name")
    node.AddEmptyRow()
    node.SetCellText(0, 0, "a")
    node.SetUseColumnTitleAsColumnHeader(True)
    return node


@pytest.fixture
def filled_layout(layout, exam, chart, table):
    chart.SetName("the chart")
    table.SetName("the table")
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_chart(chart)
    layout.show_table(table)
    return layout


def shown(layout):
    return layout.plot_view_node.GetPlotChartNode(), layout.table_view_node.GetTableNode()


def test_chart_and_table_are_shown_in_the_row(layout, exam, chart, table):
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_chart(chart)
    layout.show_table(table)
    assert shown(layout) == (chart, table)
    layout.show_chart(None)
    layout.show_table(None)
    assert shown(layout) == (None, None)


def test_what_was_chosen_before_there_is_a_row_appears_with_it(layout, exam, chart, table):
    layout.show_chart(chart)
    layout.show(COMPARISON, exam.volumes)
    layout.show_table(table)
    layout.show(COMPARISON, exam.volumes, plot=True)
    assert shown(layout) == (chart, table)
    layout.show(Comparison.TWO_BY_TWO, exam.volumes, plot=True)
    assert shown(layout) == (chart, table)


def test_a_chart_and_a_table_that_were_deleted_leave_the_row_empty(layout, exam, slicer_scene, chart, table):
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_chart(chart)
    layout.show_table(table)
    slicer_scene.scene.RemoveNode(chart)
    slicer_scene.scene.RemoveNode(table)
    layout.show(Comparison.TWO_BY_TWO, exam.volumes, plot=True)
    assert shown(layout) == (None, None)


def test_a_chart_that_another_module_shows_is_not_for_this_row(layout, exam, slicer_scene, chart):
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_chart(chart)
    other = slicer_scene.scene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    slicer_scene.application_logic.GetSelectionNode().SetActivePlotChartID(other.GetID())
    slicer_scene.application_logic.PropagatePlotChartSelection()
    assert layout.plot_view_node.GetPlotChartNode() is chart


def test_the_row_of_a_saved_scene_goes_on(filled_layout, exam, slicer_scene, tmp_path, make_layout):
    layout = filled_layout
    slicer_scene.save(tmp_path / "scene.mrb")
    layout.close()
    later = make_layout(exam)
    slicer_scene.open(tmp_path / "scene.mrb")
    assert [node.GetName() for node in shown(later)] == ["the chart", "the table"]
    later.show(Comparison.TWO_BY_TWO, later.volumes, plot=True)
    assert [node.GetName() for node in shown(later)] == ["the chart", "the table"]


def test_columns_are_fitted_when_a_text_has_become_longer(layout, exam, table):
    """Slicer fits them when the view is modified, and at no other time."""
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_table(table)
    fitted = []
    layout.table_view_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: fitted.append(1))
    table.SetCellText(0, 0, "b")
    assert fitted == []
    table.SetCellText(0, 0, "longer than before")
    assert fitted == [1]
    table.SetCellText(0, 0, "c")
    assert fitted == [1]


def test_columns_are_fitted_when_a_heading_has_become_longer(layout, exam, table):
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_table(table)
    fitted = []
    layout.table_view_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: fitted.append(1))
    table.RemoveRow(0)
    assert fitted == []
    table.GetTable().GetColumn(0).SetName("a heading that is longer than all texts below it")
    table.Modified()
    assert fitted == [1]


def test_showing_the_same_again_draws_nothing_anew(layout, exam, chart, table):
    layout.show(COMPARISON, exam.volumes, plot=True)
    layout.show_chart(chart)
    layout.show_table(table)
    events = []
    for view in (layout.plot_view_node, layout.table_view_node):
        view.AddObserver(vtk.vtkCommand.AnyEvent, lambda _view, event: events.append(event))
    layout.show_chart(chart)
    layout.show_table(table)
    assert events == []


def test_the_table_is_in_the_picture(layout, exam, slicer_scene, table):
    layout.show(COMPARISON, exam.volumes, plot=True)
    empty = render_layout(slicer_scene, size=(600, 400))
    layout.show_table(table)
    picture = render_layout(slicer_scene, size=(600, 400))
    box = panes(slicer_scene, (600, 400))[-1].box
    changed = (picture != empty).any(axis=2)
    assert changed[box.top + BAR_HEIGHT :, box.left :].any()
    changed[box.top + BAR_HEIGHT :, box.left :] = False
    assert not changed.any()

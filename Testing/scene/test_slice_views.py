"""The pictures that other tests look at."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import slicer.util
import vtk
from PIL import Image

from support.slice_views import BAR_HEIGHT, panes, render_layout, render_slice

ONE_RED_VIEW = 6
BRIGHT, DARK = 800, -800


@pytest.fixture
def red(slicer_scene):
    """The red view shows an axial section: bright on the patient's left in front, dark elsewhere."""
    voxels = np.full((3, 40, 60), DARK, np.int16)
    voxels[:, :20, 30:] = BRIGHT  # rows run to the back, columns to the patient's left
    volume = slicer_scene.add_volume(voxels)
    slicer_scene.layout_node.SetViewArrangement(ONE_RED_VIEW)
    logic = slicer_scene.slice_logic("Red")
    logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
    logic.GetSliceNode().SetDimensions(60, 40, 1)
    logic.FitSliceToBackground()
    return logic


def test_a_view_is_seen_from_the_feet_with_the_front_above(slicer_scene, red):
    picture = render_slice(slicer_scene, red.GetSliceNode(), (60, 40))
    assert picture[:19, 32:].min() == 255
    assert picture[21:].max() == picture[:, :29].max() == 0


def test_a_layout_has_a_bar_in_the_colour_of_each_view(slicer_scene, red, tmp_path):
    red.GetSliceNode().SetLayoutColor(0.2, 0.4, 0.6)
    picture = render_layout(slicer_scene, size=(300, 200), path=tmp_path / "layout.png")
    assert picture[2, 5].tolist() == [51, 102, 153]
    assert picture[BAR_HEIGHT + 20 : BAR_HEIGHT + 60, 200:220].min() == 255
    assert np.array_equal(np.asarray(Image.open(tmp_path / "layout.png")), picture)


def test_the_label_of_a_view_is_in_its_bar(slicer_scene, red):
    pictures = []
    for label in ("", "Qr89 1 mm"):
        red.GetSliceNode().SetLayoutLabel(label)
        pictures.append(render_layout(slicer_scene, size=(300, 200))[:BAR_HEIGHT, :120])
    assert (pictures[0] != pictures[1]).any()


def test_what_is_translucent_over_the_image_mixes_with_it(slicer_scene, red):
    line = slicer_scene.scene.AddNewNodeByClass("vtkMRMLMarkupsROINode")
    line.CreateDefaultDisplayNodes()
    display = line.GetDisplayNode()
    display.SetSelectedColor(1, 1, 1)
    for hide in (display.SetPropertiesLabelVisibility, display.SetHandlesInteractive, display.SetFillVisibility):
        hide(False)
    display.SetOutlineOpacity(0.3)
    line.SetCenter(*(red.GetSliceNode().GetSliceToRAS().GetElement(row, 3) for row in range(3)))
    line.SetSize(1000, 1000, 1000)
    plain = render_slice(slicer_scene, red.GetSliceNode(), (60, 40))
    line.SetSize(30, 20, 10)
    framed = render_slice(slicer_scene, red.GetSliceNode(), (60, 40))
    bright = plain.min(axis=2) == 255
    assert (framed != plain).any()
    assert framed[bright].min() > 200, "White over white stays white."


def test_what_slicer_draws_over_the_image_is_in_the_picture(slicer_scene, red):
    without = render_slice(slicer_scene, red.GetSliceNode(), (300, 200))
    red.GetSliceNode().SetRulerType(slicer.vtkMRMLAbstractViewNode.RulerTypeThick)
    with_ruler = render_slice(slicer_scene, red.GetSliceNode(), (300, 200))
    assert (without != with_ruler).any()


def test_views_divide_the_window_as_the_layout_says(slicer_scene):
    description = (
        '<layout type="vertical" split="true"><item splitSize="300"><view class="vtkMRMLSliceNode" singletontag="Red"/>'
        '</item><item splitSize="100"><layout type="horizontal">'
        '<item><view class="vtkMRMLSliceNode" singletontag="Green"/></item>'
        '<item><view class="vtkMRMLSliceNode" singletontag="Yellow"/></item></layout></item></layout>'
    )
    slicer_scene.layout_node.AddLayoutDescription(900, description)
    slicer_scene.layout_node.SetViewArrangement(900)
    boxes = {node.GetLayoutName(): box for node, box in panes(slicer_scene, (202, 402))}
    assert boxes["Red"] == (0, 0, 202, 300)
    assert boxes["Green"] == (0, 302, 100, 100)
    assert boxes["Yellow"] == (102, 302, 100, 100)


def test_a_plot_view_shows_the_lines_of_its_chart(slicer_scene):
    from support.plot_view import render_plot

    scene = slicer_scene.scene
    table = scene.AddNewNodeByClass("vtkMRMLTableNode")
    for name, values in (("mm", range(20)), ("HU", range(20))):
        column = table.AddColumn()
        column.SetName(name)
        table.SetColumnType(name, 11)  # VTK_DOUBLE
        for row, value in enumerate(values):
            if table.GetNumberOfRows() <= row:
                table.AddEmptyRow()
            table.SetCellText(row, table.GetColumnIndex(name), str(value))
    series = scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "profile")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("mm")
    series.SetYColumnName("HU")
    series.SetColor(1.0, 0.0, 0.0)
    chart = scene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    view = scene.AddNewNodeByClass("vtkMRMLPlotViewNode")
    red = [255, 0, 0]
    assert not (render_plot(view, (300, 200)) == red).all(axis=2).any()
    view.SetPlotChartNodeID(chart.GetID())
    assert (render_plot(view, (300, 200)) == red).all(axis=2).any()


def test_an_open_plot_view_fits_automatic_axes_to_the_first_values_only():
    """As in desktop Slicer; a chart whose values change has to set its ranges."""
    from support.plot_view import PlotView

    scene = slicer.vtkMRMLScene()
    table, series, chart = (
        scene.AddNewNodeByClass(f"vtkMRML{kind}Node") for kind in ("Table", "PlotSeries", "PlotChart")
    )
    slicer.util.updateTableFromArray(table, np.array([[0.0, 0.0], [1.0, 1.0]]), ["x", "y"])
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetColor(1.0, 0.0, 0.0)
    series.SetLineWidth(4)
    series.SetPlotType(series.PlotTypeScatter)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())

    def red_at_the_right(view):
        view.update(chart)
        red = (view.draw() == [255, 0, 0]).all(axis=2)
        return bool(red[:, -60:].any())

    view = PlotView((300, 200))
    assert red_at_the_right(view)
    slicer.util.updateTableFromArray(table, np.array([[0.0, 0.0], [0.5, 1.0]]), ["x", "y"])
    assert not red_at_the_right(view)
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.0, 0.5)
    assert red_at_the_right(view)
    view.close()


def test_a_table_view_shows_titles_and_cells(slicer_scene):
    from support.table_view import render_table, texts_of

    table = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTableNode")
    for title, text in (("Volume", "input"), ("FWHM [mm]", "2.3")):
        column = vtk.vtkStringArray()
        column.SetName(title)
        column.InsertNextValue(text)
        table.AddColumn(column)
    assert texts_of(table) == [["A", "B"], ["input", "2.3"]]
    table.SetUseColumnTitleAsColumnHeader(True)
    assert texts_of(table) == [["Volume", "FWHM [mm]"], ["input", "2.3"]]
    view = slicer_scene.scene.AddNewNodeByClass("vtkMRMLTableViewNode")
    assert (render_table(view, (300, 100)) == 255).all()
    view.SetTableNodeID(table.GetID())
    picture = render_table(view, (300, 100))
    table.SetCellText(0, 1, "4.5")
    changed = np.argwhere((render_table(view, (300, 100)) != picture).any(axis=2))
    assert 24 <= changed[:, 0].min() < changed[:, 0].max() < 48, "The row below the titles."


def test_bars_grow_on_a_screen_of_high_resolution(slicer_scene, red):
    red.GetSliceNode().SetLayoutColor(0.2, 0.4, 0.6)
    picture = render_layout(slicer_scene, size=(600, 400), scale=2.0)
    assert picture[2 * BAR_HEIGHT - 2, 5].tolist() == [51, 102, 153]
    assert picture[2 * BAR_HEIGHT + 2, 5].tolist() != [51, 102, 153]

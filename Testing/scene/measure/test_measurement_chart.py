from __future__ import annotations

import numpy as np
import pytest
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.chart_colours import curve_colour
from CTDenoiseScene.comparison import Role
from CTDenoiseScene.measurement_chart import Chart, Curve, CurveStyle

X = np.linspace(0, 30, 31)
VALUES = "CTDenoise.chartValues"


@pytest.fixture
def chart(slicer_scene):
    return new_chart(slicer_scene)


def new_chart(slicer_scene, key="profile"):
    return Chart(slicer_scene.scene, key, title="Line profile", x_title="distance / mm", y_title="HU")


def curve(values, name="Input", **options):
    return Curve(name, np.broadcast_to(np.asarray(values, dtype=float), X.shape), "#336699", **options)


def drawn(node):
    """Name, x and y of each series, as a plot view finds them."""
    found = []
    for index in range(node.GetNumberOfPlotSeriesNodes()):
        series = node.GetNthPlotSeriesNode(index)
        table = series.GetTableNode().GetTable()
        columns = [table.GetColumnByName(name) for name in (series.GetXColumnName(), series.GetYColumnName())]
        found.append((series.GetName(), *(vtk_to_numpy(column).tolist() for column in columns)))
    return found


def test_each_curve_is_a_series_with_its_values(chart):
    chart.show(X, [curve(2 * X), curve(-X, "Denoised")])
    assert drawn(chart.node) == [("Input", X.tolist(), (2 * X).tolist()), ("Denoised", X.tolist(), (-X).tolist())]
    assert (chart.node.GetXAxisTitle(), chart.node.GetYAxisTitle()) == ("distance / mm", "HU")


def test_series_look_as_their_curves_say(chart):
    chart.show(X, [curve(X, style=CurveStyle.DASHED), curve(X, style=CurveStyle.BOLD)])
    dashed, bold = (chart.node.GetNthPlotSeriesNode(index) for index in range(2))
    assert dashed.GetLineStyleAsString(dashed.GetLineStyle()) == "dash"
    assert bold.GetLineStyleAsString(bold.GetLineStyle()) == "solid"
    assert bold.GetLineWidth() > dashed.GetLineWidth()
    assert bold.GetColor() == pytest.approx((0x33 / 255, 0x66 / 255, 0x99 / 255))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_curves_replace_those_before(chart, slicer_scene, count):
    chart.show(X, [curve(X, "a"), curve(X, "b")])
    names = ["c", "d", "e"][:count]
    chart.show(X[:10], [Curve(name, X[:10], "#000000") for name in names])
    assert drawn(chart.node) == [(name, X[:10].tolist(), X[:10].tolist()) for name in names]
    assert slicer_scene.scene.GetNumberOfNodesByClass("vtkMRMLPlotSeriesNode") == count


def test_curves_of_the_same_name_are_all_shown(chart):
    chart.show(X, [curve(1.0, "CT"), curve(2.0, "CT"), curve(3.0, "distance / mm")])
    assert [(name, y[0]) for name, _, y in drawn(chart.node)] == [("CT", 1.0), ("CT", 2.0), ("distance / mm", 3.0)]


def test_an_update_is_one_event_for_a_plot_view_and_keeps_its_nodes(chart, slicer_scene):
    chart.show(X, [curve(X, "a"), curve(X, "b")])
    before = [chart.node.GetNthPlotSeriesNode(index) for index in range(2)]
    nodes = slicer_scene.scene.GetNumberOfNodes()
    events = []
    chart.node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append(1))
    chart.show(X[:20], [Curve("a", X[:20], "#000000"), Curve("b", -X[:20], "#000000")], title="Another")
    assert events == [1]
    assert [chart.node.GetNthPlotSeriesNode(index) for index in range(2)] == before
    assert slicer_scene.scene.GetNumberOfNodes() == nodes
    assert chart.node.GetTitle() == "Another"


def test_the_axes_show_all_values_after_each_update(chart):
    """Left to themselves, VTK's charts fit their axes to the first values and to no others."""
    for scale in (1.0, 100.0, 0.1):
        chart.show(scale * X, [curve(scale * X), curve(-scale * X)])
        assert chart.node.GetXAxisRange() == (0.0, scale * 30)
        low, high = chart.node.GetYAxisRange()
        assert -1.2 * 30 * scale < low < -30 * scale
        assert 30 * scale < high
        assert not chart.node.GetXAxisRangeAuto()


def test_what_is_below_the_legend_stays_below_it(chart):
    """VTK lays the legend over the upper right corner; on the left there is room."""
    rising, falling = curve(X), curve(30 - X)
    chart.show(X, [falling])
    assert chart.node.GetYAxisRange()[1] == pytest.approx(31.5)
    chart.show(X, [rising])
    assert chart.node.GetYAxisRange()[1] > 32.5


@pytest.mark.parametrize("values", [np.full(31, np.nan), np.full(31, 7.0)])
def test_curves_without_values_or_without_a_slope_have_axes_too(chart, values):
    chart.show(X, [curve(values)])
    low, high = chart.node.GetYAxisRange()
    assert low < high


def test_a_gap_stays_a_gap(chart):
    values = np.where(X > 10, np.nan, X)
    chart.show(X, [curve(values)])
    ((_, _, y),) = drawn(chart.node)
    np.testing.assert_equal(y, values)
    low, high = chart.node.GetYAxisRange()
    assert -2 < low < 0
    assert 10 < high < 12


def test_the_axis_of_a_chart_from_zero_begins_there(slicer_scene):
    chart = Chart(slicer_scene.scene, "nps", title="NPS", x_title="mm⁻¹", y_title="HU²·mm²", from_zero=True)
    chart.show(X, [curve(100.0 + X)])
    assert chart.node.GetYAxisRange()[0] == 0.0


def test_a_part_that_the_user_zoomed_to_stays_until_all_is_shown_again(chart):
    chart.show(X, [curve(X)])
    chart.node.SetXAxisRange(5.0, 10.0)  # as a plot view does when the user zooms
    chart.show(X, [curve(2 * X)])
    assert chart.node.GetXAxisRange() == (5.0, 10.0)
    assert chart.node.GetYAxisRange()[1] > 60
    chart.show(2 * X, [curve(X)])
    assert chart.node.GetXAxisRange() == (5.0, 10.0)
    chart.node.SetXAxisRange(0.0, 60.0)  # "fit to content" of a plot view
    chart.show(X, [curve(X)])
    assert chart.node.GetXAxisRange() == (0.0, 30.0)


def test_nothing_to_show_makes_no_nodes(chart, slicer_scene):
    nodes = slicer_scene.scene.GetNumberOfNodes()
    chart.show(X[:0], [])
    assert chart.node is None
    assert slicer_scene.scene.GetNumberOfNodes() == nodes


def test_a_chart_is_found_again_in_a_saved_scene(chart, slicer_scene, tmp_path):
    values = np.where(X > 10, np.nan, X)
    chart.show(X, [curve(values), curve(X, "Denoised")])
    slicer_scene.save(tmp_path / "scene.mrb")
    slicer_scene.open(tmp_path / "scene.mrb")
    assert new_chart(slicer_scene, "nps").node is None
    later = new_chart(slicer_scene)
    (name, x, y), _ = drawn(later.node)
    assert name == "Input"
    np.testing.assert_allclose(x, X)
    np.testing.assert_allclose(y, values)
    nodes = slicer_scene.scene.GetNumberOfNodes()
    later.show(X, [curve(3 * X), curve(X, "Denoised")])
    chart.show(X, [curve(4 * X), curve(X, "Denoised")])
    assert drawn(later.node)[0] == ("Input", X.tolist(), (4 * X).tolist())
    assert slicer_scene.scene.GetNumberOfNodes() == nodes


@pytest.mark.parametrize("part", ["chart", "table", "series"])
def test_what_the_user_deleted_is_made_again(chart, slicer_scene, part):
    chart.show(X, [curve(X), curve(-X)])
    nodes = {
        "chart": chart.node,
        "table": chart.node.GetNodeReference(VALUES),
        "series": chart.node.GetNthPlotSeriesNode(0),
    }
    slicer_scene.scene.RemoveNode(nodes[part])
    chart.show(X, [curve(X), curve(-X)])
    assert [y for _, _, y in drawn(chart.node)] == [X.tolist(), (-X).tolist()]


def test_two_charts_do_not_disturb_each_other(chart, slicer_scene):
    other = new_chart(slicer_scene, "nps")
    chart.show(X, [curve(X)])
    other.show(X, [curve(-X), curve(-X)])
    assert [len(drawn(one.node)) for one in (chart, other)] == [1, 2]


@pytest.mark.parametrize("role", list(Role))
def test_colours_of_curves_are_those_of_the_bars_but_dark_enough_on_white(role):
    def luminance(colour):
        parts = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    colour = curve_colour(role)
    assert 1.05 / (luminance(colour) + 0.05) >= 3.0, "WCAG 2.2, criterion 1.4.11"
    strongest = [int(np.argmax([int(c[start : start + 2], 16) for start in (1, 3, 5)])) for c in (colour, role.colour)]
    assert strongest[0] == strongest[1]

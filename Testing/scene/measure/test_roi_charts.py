from __future__ import annotations

import numpy as np
import pytest
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseScene.comparison import ComparisonVolumes
from CTDenoiseScene.roi_charts import RoiChart
from CTDenoiseScene.voxels import voxels_of
from support.roi_bench import MIDDLE, NOISE, SHAPE, at

RIGHT = np.array([20.0, 0.0, 0.0])
LARGE = (36, 36, 28)  # mm: two squares of 24 pixels and more in each of 14 sections


@pytest.fixture
def histogram(bench):
    """Curves of the histogram by the view they belong to."""
    bench.tool.chart_kind = RoiChart.HISTOGRAM
    return lambda: curves(bench, bench.tool.histogram_chart_node)


@pytest.fixture
def nps(bench):
    bench.tool.chart_kind = RoiChart.NPS
    return lambda: curves(bench, bench.tool.nps_chart_node)


def curves(bench, chart):
    bench.work()
    chart = chart or bench.tool.histogram_chart_node or bench.tool.nps_chart_node
    found = {}
    for number in range(chart.GetNumberOfPlotSeriesNodes()):
        series = chart.GetNthPlotSeriesNode(number)
        table = series.GetTableNode().GetTable()
        columns = (series.GetXColumnName(), series.GetYColumnName())
        x, y = (vtk_to_numpy(table.GetColumnByName(name)) for name in columns)
        found[series.GetName().partition(":")[0]] = x.copy(), y.copy()
    return found


def cube(node, centre):
    """Voxels of a cube of 11 × 11 × 3 around a world point."""
    i, j, k = (int(part) for part in np.rint((-centre[0], -centre[1], centre[2] / 2)))
    return voxels_of(node)[k - 1 : k + 2, j - 5 : j + 6, i - 5 : i + 6]


def test_the_histogram_stays_with_the_roi_that_was_moved_while_volumes_change(bench, histogram):
    first, _ = bench.tool.add_at(MIDDLE, (11, 11, 6)), bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    bench.work()
    first.SetCenter(*at(1))
    bench.work()
    for _ in range(3):
        bench.volumes.denoised.GetImageData().Modified()
        bench.volumes.denoised.Modified()
        while bench.tool.work(0.0):
            pass
        assert bench.tool.histogram_chart_node.GetTitle() == "Histogram of ROI 1"


def test_long_names_of_volumes_leave_room_for_the_curves(bench, histogram):
    bench.volumes.input.SetName("A series description that would hide all curves of the chart")
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    histogram()
    legend = bench.tool.histogram_chart_node.GetNthPlotSeriesNode(0).GetName()
    assert legend == "Input: A series description…"[:28]


def test_the_histogram_shows_the_spread_of_each_volume(bench, histogram):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    for role, noise in (("Input", 20), ("Smooth", 10), ("Denoised", 5)):
        x, share = histogram()[role]
        assert share.sum() == pytest.approx(100)
        assert (share[0], share[-1]) == (0, 0)
        mean = np.average(x, weights=share)
        width = x[1] - x[0]
        spread = np.sqrt(np.average((x - mean) ** 2, weights=share) - width**2 / 12)  # what bins add (Sheppard)
        assert spread == pytest.approx(noise, rel=0.15)
    assert bench.tool.histogram_chart_node.GetTitle() == "Histogram of ROI 1"


def test_without_a_selection_the_histogram_is_that_of_the_roi_changed_last(bench, histogram):
    water, rod = bench.tool.add_at(MIDDLE, (11, 11, 6)), bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    histogram()
    for node, title in ((water, "ROI 1"), (rod, "ROI 2"), (water, "ROI 1")):
        node.SetSize(*(np.array(node.GetSize()) + 0.5))
        histogram()
        assert bench.tool.histogram_chart_node.GetTitle() == f"Histogram of {title}"


def test_the_selection_decides_what_a_chart_is_taken_of(bench, histogram):
    rois = [bench.tool.add_at(MIDDLE + shift, (11, 11, 6)) for shift in (0, RIGHT)]
    bench.tool.selected = rois
    assert bench.tool.selected == tuple(rois)
    x, share = histogram()["Denoised"]
    assert np.average(x, weights=share) == pytest.approx(50, abs=2)
    assert bench.tool.histogram_chart_node.GetTitle() == "Histogram of ROI 1, ROI 2"
    bench.tool.selected = rois[1:]
    x, share = histogram()["Denoised"]
    assert np.average(x, weights=share) == pytest.approx(100, abs=2)
    bench.tool.selected = []
    assert bench.tool.selected == ()


def test_a_chart_follows_its_roi(bench, histogram):
    roi = bench.tool.add_at(MIDDLE, (11, 11, 6))
    histogram()
    roi.SetCenter(*(MIDDLE + RIGHT))
    x, share = histogram()["Denoised"]
    assert np.average(x, weights=share) == pytest.approx(cube(bench.volumes.denoised, MIDDLE + RIGHT).mean(), abs=0.5)


def test_the_histogram_stays_with_its_roi_when_volumes_change(bench, histogram):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    rod = bench.tool.add_at(MIDDLE + RIGHT, (11, 11, 6))
    histogram()
    rod.SetSize(10, 10, 6)
    histogram()
    bench.volumes.input.GetImageData().Modified()
    bench.volumes.input.Modified()
    histogram()
    assert bench.tool.histogram_chart_node.GetTitle() == "Histogram of ROI 2"


def test_a_chart_is_left_alone_while_another_roi_is_dragged(bench, histogram):
    rois = [bench.tool.add_at(MIDDLE + shift, (11, 11, 6)) for shift in (0, RIGHT)]
    bench.tool.selected = rois[:1]
    histogram()
    events = []
    bench.tool.histogram_chart_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append(1))
    series = bench.tool.histogram_chart_node.GetNthPlotSeriesNode(0)
    series.GetTableNode().AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: events.append(2))
    rois[1].SetCenter(*MIDDLE)
    bench.work()
    assert events == []


def test_a_volume_that_cannot_be_measured_has_no_curve(slicer_scene, bench, histogram):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    finer = slicer_scene.add_volume(np.zeros((16, 128, 128), np.int16), name="finer", spacing=(2, 0.5, 0.5))
    bench.tool.show(ComparisonVolumes(input=bench.volumes.input, denoised=finer), ())
    assert list(histogram()) == ["Input"]


def test_a_chart_of_nothing_is_empty(slicer_scene, bench, histogram):
    roi = bench.tool.add_at(MIDDLE, (11, 11, 6))
    assert len(histogram()) == 3
    slicer_scene.scene.RemoveNode(roi)
    assert histogram() == {}


def test_the_spectrum_of_white_noise_is_flat_and_holds_its_variance(bench, nps):
    bench.tool.add_at(MIDDLE, LARGE)
    bench.parts.scene.RemoveNode(bench.volumes.smooth)
    voxels_of(bench.volumes.input)[:] = np.random.default_rng(1).normal(0, NOISE["input"], SHAPE).round()
    bench.volumes.input.GetImageData().Modified()
    bench.volumes.input.Modified()
    frequency, power = nps()["Input"]
    # Variance over all frequencies to ±0.5 per pixel of 1 mm; the trend takes the lowest away.
    assert power[frequency > 0.1].mean() == pytest.approx(NOISE["input"] ** 2, rel=0.05)
    assert frequency.max() == pytest.approx(0.5, abs=0.03)


def test_the_spectra_of_all_rois_are_taken_together(bench, nps):
    for place in (-14, 14):
        bench.tool.add_at(at(0, place), (26, 26, 28))
    nps()
    assert bench.tool.nps_chart_node.GetTitle() == "Noise power spectrum of ROI 1, ROI 2"


def test_a_spectrum_that_includes_an_edge_is_warned_of(bench, nps):
    bench.tool.add_at(at(10, 0), LARGE)
    nps()
    assert any("not uniform" in sentence for sentence in bench.tool.problems)
    bench.tool.chart_kind = RoiChart.HISTOGRAM
    bench.work()
    assert bench.tool.problems == ()


def test_a_roi_too_small_for_a_spectrum_is_said(bench, nps):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    bench.work()
    (sentence,) = bench.tool.problems
    assert sentence.startswith("ROI 1: ")
    assert "needs a larger one" in sentence


def test_charts_are_not_computed_unless_they_are_chosen(bench):
    bench.tool.add_at(MIDDLE, LARGE)
    bench.work()
    assert bench.tool.histogram_chart_node is None
    assert bench.tool.nps_chart_node is None
    bench.tool.chart_kind = RoiChart.NPS
    bench.work()
    assert bench.tool.nps_chart_node is not None
    assert bench.tool.histogram_chart_node is None


def test_a_chart_waits_while_the_budget_is_spent_on_figures(bench):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    bench.tool.chart_kind = RoiChart.HISTOGRAM
    assert bench.tool.work(0.0)
    assert len(bench.shown_rows()) == 1
    assert bench.tool.histogram_chart_node is None
    assert not bench.tool.work(0.0)
    assert bench.tool.histogram_chart_node is not None


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        (RoiChart.NONE, []),
        (RoiChart.HISTOGRAM, ["Histogram"]),
        (RoiChart.NPS, ["Noise power spectrum", "Noise power spectrum, curve"]),
    ],
)
def test_the_record_holds_what_the_chosen_chart_shows(bench, kind, titles):
    bench.tool.add_at(MIDDLE, LARGE)
    bench.tool.chart_kind = kind
    assert [table.title for table in bench.tool.record().tables[3:]] == titles


def test_the_histogram_in_the_record_counts_all_voxels(bench):
    bench.tool.add_at(MIDDLE, (11, 11, 6))
    bench.tool.chart_kind = RoiChart.HISTOGRAM
    table = bench.tool.record().tables[3].content()
    for place in range(3):
        assert sum(row[f"count_{place}"] for row in table["rows"]) == 11 * 11 * 3

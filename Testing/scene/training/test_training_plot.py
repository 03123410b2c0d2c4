"""The plot of a training: what its curves mean, and that they stay small however long it takes."""

from __future__ import annotations

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies
from vtk.util.numpy_support import vtk_to_numpy

from CTDenoiseTrainScene.loss_trace import LossTrace
from CTDenoiseTrainScene.training_plot import TrainingPlot
from support.training_news import epoch, step


@pytest.fixture
def plot(slicer_scene):
    return TrainingPlot(slicer_scene.scene)


def curve(plot, index):
    """Places and values of a curve where it is drawn."""
    series = plot.chart_node.GetNthPlotSeriesNode(index)
    table = series.GetTableNode().GetTable()
    x, y = (
        vtk_to_numpy(table.GetColumnByName(name)).copy() for name in (series.GetXColumnName(), series.GetYColumnName())
    )
    return x[np.isfinite(y)], y[np.isfinite(y)]


def test_curves_are_the_root_of_the_loss_over_epochs(plot):
    plot.add_epochs([epoch(0, validation_loss=1600.0)])
    plot.add_step(step(5, epochs=4, steps=40, loss=900.0))
    plot.add_step(step(10, epochs=4, steps=40, loss=400.0))
    plot.add_epochs([epoch(1, validation_loss=625.0)])
    times, training = curve(plot, 0)
    np.testing.assert_allclose(times, [0.5, 1.0])
    np.testing.assert_allclose(training, [30.0, 20.0])
    times, validation = curve(plot, 1)
    assert (times[0], times[-1]) == (0.0, 1.0)
    np.testing.assert_allclose(validation, np.interp(times, [0, 1], [40.0, 25.0]))


def test_the_title_tells_the_epoch_and_the_best_one(plot):
    plot.add_step(step(1))
    assert plot.chart_node.GetTitle() == "Epoch 1 of 4"
    plot.add_epochs([epoch(1), epoch(2, best=False)])
    plot.add_step(step(21))
    assert plot.chart_node.GetTitle() == "Epoch 3 of 4, best 1"


def test_a_loss_relative_to_the_noise_has_an_axis_of_its_own(plot):
    plot.add_step(step())
    assert plot.chart_node.GetYAxisTitle() == "Root mean squared error [HU]"
    plot.begin(relative=True)
    plot.add_step(step(loss=0.25))
    assert plot.chart_node.GetYAxisTitle() == "Error relative to the noise"


def test_epochs_told_at_a_resume_make_up_for_the_steps_before(plot):
    plot.add_epochs([epoch(0), epoch(1), epoch(2)])
    times, training = curve(plot, 0)
    np.testing.assert_allclose(times[[0, -1]], [0.5, 1.5])
    np.testing.assert_allclose(training, np.sqrt(700.0))
    plot.add_step(step(25, loss=400.0))
    plot.add_epochs([epoch(3)])
    np.testing.assert_allclose(curve(plot, 0)[0][-1], 2.5)


def test_beginning_again_forgets_the_curves(plot):
    plot.add_epochs([epoch(0), epoch(1)])
    plot.begin()
    assert [len(curve(plot, index)[0]) for index in range(2)] == [0, 0]


def test_epochs_without_a_validation_loss_leave_its_curve_out(plot):
    plot.add_epochs([epoch(1, validation_loss=None), epoch(2, validation_loss=None)])
    assert len(curve(plot, 0)[0]) == 2
    assert len(curve(plot, 1)[0]) == 0


@hypothesis.given(
    losses=strategies.lists(strategies.floats(0, 1e4), min_size=1, max_size=300),
    most_points=strategies.sampled_from([2, 4, 10]),
)
def test_a_trace_keeps_the_mean_loss_in_few_points(losses, most_points):
    trace = LossTrace(most_points)
    for time, loss in enumerate(losses):
        trace.add(float(time), loss)
    assert 1 <= len(trace.losses) <= most_points
    assert len(trace.times) == len(trace.losses)
    assert (np.diff(trace.times) > 0).all()
    assert min(losses) - 1e-9 <= trace.losses.min()
    assert trace.losses.max() <= max(losses) + 1e-9


def test_a_trace_merges_neighbours_into_their_means():
    trace = LossTrace(4)
    for time, loss in enumerate([10.0, 20.0, 30.0, 40.0]):
        trace.add(float(time), loss)
    np.testing.assert_allclose(trace.times, [0.5, 2.5])
    np.testing.assert_allclose(trace.losses, [15.0, 35.0])

"""The plot of a training while it goes on: how far the network is off, on patches that it learns from and on others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from CTDenoiseScene.chart_colours import curve_colour
from CTDenoiseScene.comparison import Role
from CTDenoiseScene.measurement_chart import Chart, Curve, CurveStyle

from .loss_trace import LossTrace

if TYPE_CHECKING:
    import slicer
    from numpy.typing import NDArray

    from CTDenoiseTrainLib.worker.messages import EpochDone, StepDone

_TITLE = "Error of the noise found"
_AXIS_HU = "Root mean squared error [HU]"
_AXIS_RELATIVE = "Error relative to the noise"


class TrainingPlot:
    """Curves of training and validation over the epochs.

    Drawn is the square root of the loss: it is in HU, as the noise is, and its linear axis shows the small gains of
    late epochs, which a plot of the loss itself would flatten, beside the large ones of the first.

    Args:
        scene: Gets the chart.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._charts = {
            axis: Chart(scene, f"training{number}", title=_TITLE, x_title="Epoch", y_title=axis)
            for number, axis in enumerate((_AXIS_HU, _AXIS_RELATIVE))
        }
        self._chart = self._charts[_AXIS_HU]
        self._trace = LossTrace()
        self._validated: dict[int, float] = {}
        self._best = 0
        self._title = _TITLE
        self._steps_told = False

    @property
    def chart_node(self) -> slicer.vtkMRMLPlotChartNode | None:
        """The chart; `None` as long as there was nothing to show."""
        return self._chart.node

    def begin(self, *, relative: bool = False) -> None:
        """Forget all curves: a training begins, or is told anew.

        Args:
            relative: Whether the loss is relative to the noise (`TrainingOptions.level_offset_hu`), not in HU².
        """
        self._chart = self._charts[_AXIS_RELATIVE if relative else _AXIS_HU]
        self._trace, self._validated, self._best = LossTrace(), {}, 0
        self._title, self._steps_told = _TITLE, False
        if self._chart.node is not None:
            self._draw()

    def add_step(self, step: StepDone) -> None:
        """Go on with the curve of training."""
        self._steps_told = True
        self._title = f"Epoch {step.epoch} of {step.epochs}" + (f", best {self._best}" if self._best else "")
        self._trace.add(step.step * step.epochs / max(1, step.steps), step.loss)
        self._draw()

    def add_epochs(self, epochs: Sequence[EpochDone]) -> None:
        """Go on with the curve of validation; and with that of training where no step was told, as after a resume."""
        for epoch in epochs:
            if epoch.best:
                self._best = epoch.epoch
            if epoch.validation_loss is not None:
                self._validated[epoch.epoch] = epoch.validation_loss
            if epoch.loss is not None and not self._steps_told:
                self._trace.add(epoch.epoch - 0.5, epoch.loss)
        self._draw()

    def _draw(self) -> None:
        times, losses = self._trace.times, self._trace.losses
        epochs = np.array(sorted(self._validated), dtype=np.float64)
        validated = np.array([self._validated[int(epoch)] for epoch in epochs])
        places = np.union1d(times, epochs)
        curves = [
            Curve("Training", _between(places, times, losses), curve_colour(Role.INPUT), CurveStyle.THIN),
            Curve("Validation", _between(places, epochs, validated), curve_colour(Role.DENOISED), CurveStyle.BOLD),
        ]
        self._chart.show(places, curves, title=self._title)


def _between(
    places: NDArray[np.float64], times: NDArray[np.float64], losses: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Root of the losses, on straight lines between their times: all curves of a chart have the same places."""
    if not len(times):
        return np.full(len(places), np.nan)
    return np.interp(places, times, np.sqrt(losses), left=np.nan, right=np.nan)

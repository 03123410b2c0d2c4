"""Chart and table of a training: they follow a session, from what its data are to what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from CTDenoiseScene.measurement_tables import find_table, show_table, table_node

from .training_plot import TrainingPlot
from .training_tables import data_table, epochs_table, result_table

if TYPE_CHECKING:
    from collections.abc import Callable

    import slicer

    from CTDenoiseLib.measure.result_table import ResultTable
    from CTDenoiseLib.signal import Signal
    from CTDenoiseTrainLib.worker.messages import DataSeen, EpochDone, StepDone, Trained

    from .training_session import TrainingSession

_KEY = "training"


class TrainingFigures:
    """Chart and table of one session at a time.

    The table shows what was found about the data, then the epochs, and before and after in the end.

    Args:
        scene: Gets both nodes.
    """

    def __init__(self, scene: slicer.vtkMRMLScene) -> None:
        self._scene = scene
        self._plot = TrainingPlot(scene)
        self._session: TrainingSession | None = None

    @property
    def chart_node(self) -> slicer.vtkMRMLPlotChartNode | None:
        """The chart; `None` as long as there was nothing to show."""
        return self._plot.chart_node

    @property
    def table_node(self) -> slicer.vtkMRMLTableNode | None:
        """The table; `None` as long as there was nothing to show."""
        return find_table(self._scene, _KEY)

    def follow(self, session: TrainingSession | None) -> None:
        """Show what a session has, and all that comes from it; with `None` forget the last one."""
        for signal, listener in self._listeners(self._session):
            signal.disconnect(listener)
        self._session = session
        self._plot.begin()
        for signal, listener in self._listeners(session):
            signal.connect(listener)
        if session is None:
            return
        if session.seen is not None:
            self._on_data_seen(session.seen)
        if session.epochs:
            self._on_began()
            self._show_epochs()
        if session.result is not None:
            self._on_trained(session.result)

    def _listeners(self, session: TrainingSession | None) -> tuple[tuple[Signal[...], Callable[..., None]], ...]:
        if session is None:
            return ()
        return (
            (session.data_seen, self._on_data_seen),
            (session.began, self._on_began),
            (session.step_done, self._on_step),
            (session.epoch_done, self._on_epoch),
            (session.trained, self._on_trained),
        )

    def _on_data_seen(self, seen: DataSeen) -> None:
        self._show(data_table(seen))

    def _on_began(self) -> None:
        recipe = None if self._session is None else self._session.recipe
        self._plot.begin(relative=recipe is not None and recipe.training.level_offset_hu is not None)

    def _on_step(self, step: StepDone) -> None:
        self._plot.add_step(step)

    def _on_epoch(self, epoch: EpochDone) -> None:
        self._plot.add_epochs([epoch])
        self._show_epochs(drawn=True)

    def _on_trained(self, result: Trained) -> None:
        self._show(result_table(result))

    def _show_epochs(self, *, drawn: bool = False) -> None:
        epochs = [] if self._session is None else self._session.epochs
        if not drawn:
            self._plot.add_epochs(epochs)
        self._show(epochs_table(epochs))

    def _show(self, table: ResultTable) -> None:
        show_table(table_node(self._scene, _KEY, "Training"), table)

"""Shows a training beside its figures in linked views, and gives the user's own layout back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import slicer
import vtk

from CTDenoiseLib.signal import Signal
from CTDenoiseScene.measurement_row import MeasurementRow
from CTDenoiseScene.observers import Observers

from .stage import Stage
from .training_figures import TrainingFigures
from .training_layout_description import PLOT_TAG, TABLE_TAG, register_training_layout
from .training_views import TrainingViews

if TYPE_CHECKING:
    from slicer import vtkMRMLApplicationLogic, vtkMRMLLayoutNode, vtkMRMLScene, vtkMRMLSliceNode

    from CTDenoiseScene.difference_display import DifferenceDisplay
    from CTDenoiseScene.window_level import SharedWindowLevel
    from CTDenoiseTrainLib.worker.messages import DataSeen, PreviewReady

    from .training_session import TrainingSession

__all__ = ["Stage", "TrainingLayout"]

# On the layout node, hence also in saved scenes: the layout to go back to. Comparisons note theirs in the same place,
# so that whoever takes the place of the other knows what the user had before both.
_FORMER = "CTDenoise.formerLayout"
_DEFAULT_LAYOUT = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView


class TrainingLayout:
    """The layout of a training, from showing it to giving the user's layout back.

    Four of Slicer's own slice views, linked in a group of their own: input, now, target, difference; beside them a plot
    of the loss and a table of the epochs. Before training the views show the images and the patches that it will learn
    from, and the table what was found about them. What is shown lies in nodes that no selector offers and no scene file
    keeps.

    Args:
        scene: Gets the nodes.
        application_logic: Knows the slice logics of the views.
        layout_node: Arranges the views.

    Attributes:
        changed: Emits when the layout is shown or left, and when another stage, or a new one, can be shown.
        figures: Chart and table.
    """

    def __init__(
        self, scene: vtkMRMLScene, application_logic: vtkMRMLApplicationLogic, layout_node: vtkMRMLLayoutNode
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self.figures = TrainingFigures(scene)
        self._scene = scene
        self._layout_node = layout_node
        self._number = register_training_layout(layout_node)
        self._views = TrainingViews(scene, application_logic)
        self._row = MeasurementRow(scene, plot_tag=PLOT_TAG, table_tag=TABLE_TAG)
        self._active = False
        self._former = _DEFAULT_LAYOUT
        self._session: TrainingSession | None = None
        self._observers = Observers()
        self._observers.add(layout_node, vtk.vtkCommand.ModifiedEvent, self._on_layout_modified)
        self._observers.add(scene, slicer.vtkMRMLScene.EndCloseEvent, lambda *_: self.leave())
        self._observers.add(scene, slicer.vtkMRMLScene.EndImportEvent, self._on_scene_opened)

    @property
    def active(self) -> bool:
        """Whether the layout is shown."""
        return self._active

    @property
    def stage(self) -> Stage | None:
        """What the views show, or will show; `None` while there is nothing."""
        return self._views.stage

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What there is to show now."""
        return self._views.stages

    @property
    def window_level(self) -> SharedWindowLevel:
        """Window and level that input, output and target share."""
        return self._views.window_level

    @property
    def difference(self) -> DifferenceDisplay:
        """How the difference is shown: its width in HU and its colours."""
        return self._views.difference

    def slice_nodes(self) -> tuple[vtkMRMLSliceNode, ...]:
        """The slice views in the order of reading; none while the layout is not shown."""
        return self._views.nodes() if self._active else ()

    def follow(self, session: TrainingSession | None) -> None:
        """Show what a session has, and all that comes from it; with `None` forget the last one."""
        for signal, listener in self._listeners(self._session):
            signal.disconnect(listener)
        self._session = session
        self._views.clear()
        self.figures.follow(session)
        for signal, listener in self._listeners(session):
            signal.connect(listener)
        if session is not None and session.seen is not None:
            self._views.offer_look(session.seen)
        if session is not None and session.last_preview is not None:
            self._views.offer_preview(session.last_preview)
        self._refresh()

    def show(self, stage: Stage | None = None) -> None:
        """Show the layout.

        Args:
            stage: What its views show; by default what they showed last, or the latest that came since then.
        """
        if stage is not None:
            self._views.stage = stage
        if not self._active:
            # A comparison that is on ends when Slicer leaves its layout, and takes its note with it.
            noted = self._layout_node.GetAttribute(_FORMER)
            self._former = int(noted or self._layout_node.GetViewArrangement())
            self._active = True
            self._layout_node.SetViewArrangement(self._number)
            self._layout_node.SetAttribute(_FORMER, str(self._former))
        self._refresh()

    def leave(self) -> None:
        """Give back the layout that the user had before."""
        if self._active:
            self._end(self._former)

    def fit(self) -> None:
        """Show the whole image in all views."""
        self._views.fit()

    def close(self) -> None:
        """Leave, remove the nodes, and observe nothing any more."""
        self.leave()
        self.follow(None)
        self._row.close()
        self._observers.clear()

    def _listeners(self, session: TrainingSession | None) -> tuple[tuple[Signal[...], Callable[..., None]], ...]:
        if session is None:
            return ()
        return (
            (session.data_seen, self._on_data_seen),
            (session.began, self._on_began),
            (session.preview_ready, self._on_preview_ready),
            (session.step_done, self._show_figures),
            (session.epoch_done, self._show_figures),
            (session.trained, self._show_figures),
        )

    def _on_data_seen(self, seen: DataSeen) -> None:
        self._views.offer_look(seen)
        self._refresh()

    def _on_began(self) -> None:
        self._views.offer_preview(None)
        self._refresh()

    def _on_preview_ready(self, preview: PreviewReady) -> None:
        self._views.offer_preview(preview)
        self._refresh()

    def _refresh(self) -> None:
        """Fill the views that are there, and tell."""
        if self._active:
            self._views.fill(like=None if self._session is None else self._session.source_node)
        self._show_figures()
        self.changed.emit()

    def _show_figures(self, *_: object) -> None:
        """Chart and table are made, and made again, when there is something to show."""
        if self._active:
            self._row.show_chart(self.figures.chart_node)
            self._row.show_table(self.figures.table_node)

    def _end(self, layout: int | None = None) -> None:
        """The layout is left for another one, or for the one that Slicer shows already."""
        self._active = False
        self._views.empty()
        # A comparison that takes over has put its own note there.
        if self._layout_node.GetAttribute(_FORMER) == str(self._former):
            self._layout_node.RemoveAttribute(_FORMER)
        if layout is not None:
            self._layout_node.SetViewArrangement(layout)
        self.changed.emit()

    def _on_layout_modified(self, *_: object) -> None:
        """The user picked another layout, or this one again."""
        if self._scene.IsBatchProcessing():
            return
        shown = self._layout_node.GetViewArrangement() == self._number
        if self._active and not shown:
            self._end()
        elif shown and not self._active:
            self._active = True
            self._refresh()

    def _on_scene_opened(self, *_: object) -> None:
        """A scene that was saved in this layout keeps none of what it showed."""
        if self._layout_node.GetViewArrangement() != self._number:
            if self._active:
                self._end()
            return
        self._active = True
        self._former = int(self._layout_node.GetAttribute(_FORMER) or _DEFAULT_LAYOUT)
        if self._views.stages:
            self._refresh()
        else:
            self.leave()

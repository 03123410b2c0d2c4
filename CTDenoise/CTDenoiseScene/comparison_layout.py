"""Shows volumes beside each other in linked views, and gives the user's own layout back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import slicer
import vtk

from CTDenoiseLib.signal import Signal

from .comparison import Comparison, ComparisonVolumes
from .comparison_views import ComparisonViews
from .layout_description import register_layouts
from .measurement_row import MeasurementRow
from .observers import Observers

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLApplicationLogic,
        vtkMRMLLayoutNode,
        vtkMRMLPlotChartNode,
        vtkMRMLPlotViewNode,
        vtkMRMLScene,
        vtkMRMLSliceNode,
        vtkMRMLTableNode,
        vtkMRMLTableViewNode,
    )

    from .difference_display import DifferenceDisplay
    from .headers import HeaderSource
    from .in_place import InPlace
    from .window_level import SharedWindowLevel

__all__ = ["Comparison", "ComparisonLayout", "ComparisonVolumes"]

# On the layout node, hence also in saved scenes: the layout to go back to.
_FORMER = "CTDenoise.formerLayout"
_DEFAULT_LAYOUT = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView


class ComparisonLayout:
    """The layout of a comparison, from showing it to giving the user's layout back.

    All views are Slicer's own slice views in a group of their own; the user's views keep their volumes and their place.
    A comparison ends with `leave`, when the user picks another layout in Slicer, and when the scene is closed. One that
    was saved with a scene goes on when the scene is opened.

    Args:
        scene: Holds volumes and views.
        application_logic: Knows the slice logics of the views.
        layout_node: Arranges the views.
        headers: DICOM headers for the labels of the views, where there are any.

    Attributes:
        changed: Emits when another comparison, or none, is shown, and when other volumes are.
    """

    def __init__(
        self,
        scene: vtkMRMLScene,
        application_logic: vtkMRMLApplicationLogic,
        layout_node: vtkMRMLLayoutNode,
        *,
        headers: HeaderSource | None = None,
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._scene = scene
        self._layout_node = layout_node
        self._ids = register_layouts(layout_node)
        self._views = ComparisonViews(scene, application_logic, headers)
        self._row = MeasurementRow(scene)
        self._active: Comparison | None = None
        self._former = _DEFAULT_LAYOUT
        self._observers = Observers()
        self._observers.add(layout_node, vtk.vtkCommand.ModifiedEvent, self._on_layout_modified)
        self._observers.add(scene, slicer.vtkMRMLScene.NodeRemovedEvent, self._on_node_removed)
        self._observers.add(scene, slicer.vtkMRMLScene.EndCloseEvent, self._on_scene_closed)
        self._observers.add(scene, slicer.vtkMRMLScene.EndImportEvent, self._on_scene_opened)
        self._on_scene_opened()

    @property
    def active(self) -> Comparison | None:
        """The comparison that is shown."""
        return self._active

    @property
    def volumes(self) -> ComparisonVolumes:
        """What is shown."""
        return self._views.volumes

    @property
    def window_level(self) -> SharedWindowLevel:
        """Window and level that all CT volumes share that are shown."""
        return self._views.window_level

    @property
    def difference(self) -> DifferenceDisplay:
        """How the difference is shown."""
        return self._views.difference

    @property
    def in_place(self) -> InPlace | None:
        """Blinks and fades between input and output; `None` unless both are shown."""
        return self._views.in_place

    @property
    def plot_view_node(self) -> vtkMRMLPlotViewNode | None:
        """The plot view below the slice views, if there is one now."""
        return self._row.plot_view_node if self._has_row() else None

    @property
    def table_view_node(self) -> vtkMRMLTableViewNode | None:
        """The table view beside the plot view, if there is one now."""
        return self._row.table_view_node if self._has_row() else None

    def slice_nodes(self) -> tuple[vtkMRMLSliceNode, ...]:
        """The views that are shown, in the order of reading; none if no comparison is shown."""
        return self._views.nodes(self._active) if self._active is not None else ()

    def show(self, comparison: Comparison, volumes: ComparisonVolumes, *, plot: bool = False) -> None:
        """Show a comparison, or other volumes in it.

        Args:
            comparison: Which views.
            volumes: What they show; a view without a volume is empty, and its label says what is missing.
            plot: Whether there is a row with a plot view and a table view below the slice views.
        """
        if self._active is None:
            self._former = self._layout_node.GetViewArrangement()
            self._layout_node.SetAttribute(_FORMER, str(self._former))
        self._active = comparison
        wanted = next(number for number, layout in self._ids.items() if layout == (comparison, plot))
        self._layout_node.SetViewArrangement(wanted)
        self._views.show(comparison, volumes)
        self._row.fill()
        self.changed.emit()

    def show_chart(self, chart: vtkMRMLPlotChartNode | None) -> None:
        """Show a chart, or none, in the plot view; where there is no such view, as soon as there is one."""
        self._row.show_chart(chart)

    def show_table(self, table: vtkMRMLTableNode | None) -> None:
        """Show a table, or none, in the table view; where there is no such view, as soon as there is one."""
        self._row.show_table(table)

    def leave(self) -> None:
        """Give back the layout, and the windows and levels, that the user had before."""
        if self._active is not None:
            self._end(self._former)

    def fit(self) -> None:
        """Show the whole volume in all views."""
        self._views.fit()

    def close(self) -> None:
        """Leave, and observe nothing any more."""
        self.leave()
        self._row.close()
        self._observers.clear()

    def _has_row(self) -> bool:
        return self._ids.get(self._layout_node.GetViewArrangement(), (None, False))[1]

    def _end(self, layout: int | None = None) -> None:
        """End the comparison, in another layout or in the one that Slicer shows already."""
        self._active = None
        self._views.clear()
        self._layout_node.RemoveAttribute(_FORMER)
        if layout is not None:
            self._layout_node.SetViewArrangement(layout)
        self.changed.emit()

    def _on_layout_modified(self, *_: object) -> None:
        """The user picked another layout: that one stays."""
        chosen = self._layout_node.GetViewArrangement()
        if self._active is not None and chosen not in self._ids and not self._scene.IsBatchProcessing():
            self._end()

    def _on_node_removed(self, *_: object) -> None:
        if self._active is None or self._scene.IsClosing():
            return
        remaining = self.volumes.still_in(self._scene)
        if remaining != self.volumes:
            self._views.show(self._active, remaining)
            self.changed.emit()

    def _on_scene_closed(self, *_: object) -> None:
        self.leave()

    def _on_scene_opened(self, *_: object) -> None:
        """Go on with the comparison that was saved with the scene, or end one that the scene replaced."""
        layout = self._ids.get(self._layout_node.GetViewArrangement())
        if layout is not None:
            self._active = layout[0]
            self._former = int(self._layout_node.GetAttribute(_FORMER) or _DEFAULT_LAYOUT)
            self._views.show(self._active, self._views.shown(self._active), placed=True)
            self._row.adopt()
            self.changed.emit()
        elif self._active is not None:
            self._end()

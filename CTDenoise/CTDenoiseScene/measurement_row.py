"""Views beside the slice views of a comparison or a training: a chart and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import vtk

from .layout_description import PLOT_TAG, TABLE_TAG
from .observers import Observers

if TYPE_CHECKING:
    from slicer import (
        vtkMRMLNode,
        vtkMRMLPlotChartNode,
        vtkMRMLPlotViewNode,
        vtkMRMLScene,
        vtkMRMLTableNode,
        vtkMRMLTableViewNode,
    )


class MeasurementRow:
    """Says which chart and which table are shown; the views appear and disappear with the layout.

    Args:
        scene: Holds the views.
        plot_tag: Singleton tag of the plot view.
        table_tag: Singleton tag of the table view.
    """

    def __init__(self, scene: vtkMRMLScene, *, plot_tag: str = PLOT_TAG, table_tag: str = TABLE_TAG) -> None:
        self._scene = scene
        self._plot_tag = plot_tag
        self._table_tag = table_tag
        self._chart: vtkMRMLPlotChartNode | None = None
        self._table: vtkMRMLTableNode | None = None
        self._widths: tuple[int, ...] = ()
        self._observers = Observers()

    @property
    def plot_view_node(self) -> vtkMRMLPlotViewNode | None:
        """The plot view, `None` as long as no layout had one."""
        return self._scene.GetSingletonNode(self._plot_tag, "vtkMRMLPlotViewNode")

    @property
    def table_view_node(self) -> vtkMRMLTableViewNode | None:
        """The table view, `None` as long as no layout had one."""
        return self._scene.GetSingletonNode(self._table_tag, "vtkMRMLTableViewNode")

    def show_chart(self, chart: vtkMRMLPlotChartNode | None) -> None:
        """Show a chart, or none."""
        self._chart = chart
        self.fill()

    def show_table(self, table: vtkMRMLTableNode | None) -> None:
        """Show a table, or none."""
        if table is not self._table:
            self._table = table
            self._observe_table()
        self.fill()

    def fill(self) -> None:
        """Show what was chosen, now that there may be views for it."""
        plot, table = self.plot_view_node, self.table_view_node
        if plot is not None:
            plot.SetDoPropagatePlotChartSelection(False)  # a chart that another module shows is not for this view
            plot.SetPlotChartNodeID(_id(self._chart))
        if table is not None:
            table.SetDoPropagateTableSelection(False)
            table.SetTableNodeID(_id(self._table))

    def adopt(self) -> None:
        """Go on with what the views of a scene that was opened show."""
        plot, table = self.plot_view_node, self.table_view_node
        self._chart = plot.GetPlotChartNode() if plot is not None else None
        self._table = table.GetTableNode() if table is not None else None
        self._observe_table()

    def close(self) -> None:
        """Observe nothing any more."""
        self._observers.clear()

    def _observe_table(self) -> None:
        self._observers.clear()
        if self._table is not None:
            self._widths = _widths(self._table)
            self._observers.add(self._table, vtk.vtkCommand.ModifiedEvent, self._on_table_modified)

    def _on_table_modified(self, table: vtkMRMLTableNode, _event: str) -> None:
        """Slicer's table view fits its columns to their texts only when the view, not the table, is modified."""
        widths, view = _widths(table), self.table_view_node
        if len(widths) != len(self._widths) or any(now > then for now, then in zip(widths, self._widths, strict=True)):
            self._widths = widths
            if view is not None and view.GetTableNode() is table:
                view.Modified()


def _id(node: vtkMRMLNode | None) -> str | None:
    """Of a node that is still in the scene."""
    return node.GetID() if node is not None and node.GetScene() is not None else None


def _widths(table_node: vtkMRMLTableNode) -> tuple[int, ...]:
    """Length of the longest text in each column, its heading included."""
    table = table_node.GetTable()
    rows = range(table.GetNumberOfRows())
    return tuple(
        max(
            len(table.GetColumnName(column) or ""),
            max((len(table.GetValue(row, column).ToString()) for row in rows), default=0),
        )
        for column in range(table.GetNumberOfColumns())
    )

"""Shows a table of measured values in a table node, for reading: rounded, with units in the header."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import vtk

from CTDenoiseLib.measure.unique_names import unique_names

from .provenance import ATTRIBUTE_PREFIX
from .scene_nodes import nodes_of

if TYPE_CHECKING:
    import slicer

    from CTDenoiseLib.measure.result_table import Cell, Column, ResultTable

NO_VALUE = "–"
_KEY = f"{ATTRIBUTE_PREFIX}table"
# What a reader can use: noise makes further digits meaningless.
_DECIMALS = {"HU": 1, "%": 1, "HU/mm": 1, "mm": 2, "mm²": 1, "mm³": 1, "mm⁻¹": 3, "": 2}


def table_node(scene: slicer.vtkMRMLScene, key: str, name: str) -> slicer.vtkMRMLTableNode:
    """The table node for a purpose: the one that was loaded with the scene or made before, else a new one.

    Args:
        scene: Where it is.
        key: Its purpose, kept in the attribute "CTDenoise.table".
        name: Of a new node.
    """
    node = find_table(scene, key)
    if node is not None:
        return node
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", name)
    node.SetAttribute(_KEY, key)
    node.SetUseFirstColumnAsRowHeader(True)  # what the figures belong to stays in sight when the user scrolls
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)  # typing into results would change nothing but their look
    return node


def find_table(scene: slicer.vtkMRMLScene, key: str) -> slicer.vtkMRMLTableNode | None:
    """The table node for a purpose, if there is one."""
    nodes = nodes_of(scene, "vtkMRMLTableNode")
    return next((node for node in nodes if node.GetAttribute(_KEY) == key), None)


def show_table(node: slicer.vtkMRMLTableNode, table: ResultTable) -> None:
    """Make a table node show a table, with one event; where it shows the same already, without any."""
    # All different: VTK and files find columns by them.
    headings = unique_names([column.heading for column in table.columns])
    texts = [[formatted(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows]
    shown = node.GetTable()
    if _is_like(shown, headings, len(texts)):
        changed = False
        for index, column in enumerate(zip(*texts, strict=True)):
            changed |= _fill(shown.GetColumn(index), column)
        if changed:
            node.Modified()
    else:
        node.SetAndObserveTable(_table(headings, texts))


def _table(headings: Sequence[str], texts: Sequence[Sequence[str]]) -> vtk.vtkTable:
    table = vtk.vtkTable()
    for index, heading in enumerate(headings):
        array = vtk.vtkStringArray()
        array.SetName(heading)
        array.SetNumberOfValues(len(texts))
        _fill(array, [row[index] for row in texts])
        table.AddColumn(array)
    return table


def _fill(array: vtk.vtkStringArray, texts: Sequence[str]) -> bool:
    """Whether any text was another before."""
    changed = False
    for row, text in enumerate(texts):
        if array.GetValue(row) != text:
            array.SetValue(row, text)
            changed = True
    return changed


def _is_like(table: vtk.vtkTable, headings: Sequence[str], rows: int) -> bool:
    """Whether only texts may differ."""
    columns = [table.GetColumn(index) for index in range(table.GetNumberOfColumns())]
    return (
        [column.GetName() for column in columns] == headings
        and all(column.IsA("vtkStringArray") for column in columns)
        and table.GetNumberOfRows() == rows
    )


def formatted(cell: Cell, column: Column) -> str:
    """What people read in a cell."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return NO_VALUE
    if not isinstance(cell, float):
        return str(cell)
    decimals = _DECIMALS.get(column.unit)
    text = f"{cell:.3g}" if decimals is None else f"{cell:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.replace("-", "")

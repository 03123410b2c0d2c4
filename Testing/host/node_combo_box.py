"""A selector of nodes of the scene."""

from __future__ import annotations

from typing import Any

import vtk
from PySide6.QtCore import Property, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget


def _option(name: str) -> Property:
    """A property of true or false that decides what is listed."""

    def change(selector: qMRMLNodeComboBox, value: bool) -> None:
        selector._options[name] = value
        selector._fill()

    return Property(bool, lambda selector: selector._options[name], change)


class qMRMLNodeComboBox(QWidget):
    """Stands for `qMRMLNodeComboBox`: lists the scene's nodes of some classes, and "None" first where that is enabled.

    A node that enters the scene is listed but not selected, nor is one that was there before; the place of a selected
    node that leaves is taken by its neighbour. The actions to add, rename and delete nodes are not in the list.
    """

    currentNodeChanged = Signal(object)
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAddedByUser = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo_box = QComboBox()
        self._combo_box.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self._combo_box.currentIndexChanged.connect(self._tell)
        self._combo_box.activated.connect(lambda _row: self.nodeActivated.emit(self.currentNode()))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._combo_box)
        self.setSizePolicy(QSizePolicy.Preferred, QSizePolicy.Fixed)
        self._scene: Any = None
        self._observed: list[tuple[Any, int]] = []
        self.destroyed.connect(lambda _=None, observed=self._observed: _stop_observing(observed))
        self._node_types: list[str] = []
        self._none_display = "None"
        self._options = {"addEnabled": True, "removeEnabled": True, "renameEnabled": False, "editEnabled": False}
        self._options |= {"noneEnabled": False, "showChildNodeTypes": True, "showHidden": False}
        self._told = ""
        self._filling = False
        self.setEnabled(False)

    def comboBox(self) -> QComboBox:
        return self._combo_box

    def mrmlScene(self) -> Any:
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        if scene is self._scene:
            return
        self._scene = scene
        self._fill()
        self.setEnabled(scene is not None)

    def currentNode(self) -> Any:
        identifier = self._combo_box.currentData()
        return self._scene.GetNodeByID(identifier) if identifier and self._scene is not None else None

    def setCurrentNode(self, node: Any) -> None:
        self.setCurrentNodeID(node.GetID() if node is not None else "")

    def setCurrentNodeID(self, identifier: str) -> None:
        row = self._combo_box.findData(identifier) if identifier else -1
        self._combo_box.setCurrentIndex(0 if row < 0 and self._options["noneEnabled"] else row)

    def nodeCount(self) -> int:
        return self._combo_box.count() - self._options["noneEnabled"]

    def nodeFromIndex(self, index: int) -> Any:
        return self._scene.GetNodeByID(self._combo_box.itemData(index + self._options["noneEnabled"]))

    def addNode(self) -> Any:
        node = self._scene.AddNewNodeByClass(self._node_types[0])
        self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def _set_node_types(self, names: list[str]) -> None:
        self._node_types = [name for name in names if name]
        self._fill()

    def _set_none_display(self, text: str) -> None:
        self._none_display = text
        self._fill()

    nodeTypes = Property("QStringList", lambda self: self._node_types, _set_node_types)
    noneDisplay = Property(str, lambda self: self._none_display, _set_none_display)
    currentNodeID = Property(str, lambda self: self._combo_box.currentData() or "", setCurrentNodeID)
    noneEnabled = _option("noneEnabled")
    addEnabled = _option("addEnabled")
    removeEnabled = _option("removeEnabled")
    renameEnabled = _option("renameEnabled")
    editEnabled = _option("editEnabled")
    showChildNodeTypes = _option("showChildNodeTypes")
    showHidden = _option("showHidden")

    def _fill(self) -> None:
        """Lists anew what the scene holds, and keeps what is selected."""
        selected = self._combo_box.currentData()
        self._filling = True
        _stop_observing(self._observed)
        self._combo_box.clear()
        if self._options["noneEnabled"]:
            self._combo_box.addItem(self._none_display, "")
        if self._scene is not None:
            # With a placeholder Qt does not select the first item that comes.
            label = self._scene.GetTypeDisplayNameByClassName(self._node_types[0]) if self._node_types else ""
            self._combo_box.setPlaceholderText(f"Select a {label or 'node'}")
            self._observe(self._scene, self._scene.NodeAddedEvent, self._on_added)
            self._observe(self._scene, self._scene.NodeAboutToBeRemovedEvent, self._on_removed)
            self._observe(self._scene, self._scene.EndImportEvent, lambda *_: self._fill())
            for number in range(self._scene.GetNumberOfNodes()):
                self._list(self._scene.GetNthNode(number))
        self.setCurrentNodeID(selected or "")
        self._filling = False
        self._tell()

    def _accepts(self, node: Any) -> bool:
        if node.GetHideFromEditors() and not self._options["showHidden"]:
            return False
        if self._options["showChildNodeTypes"]:
            return any(node.IsA(name) for name in self._node_types)
        return node.GetClassName() in self._node_types

    def _list(self, node: Any) -> None:
        if self._accepts(node) and self._combo_box.findData(node.GetID()) < 0:
            self._combo_box.addItem(node.GetName(), node.GetID())
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._on_renamed)

    def _observe(self, thing: Any, event: int, callback: Any) -> None:
        self._observed.append((thing, thing.AddObserver(event, callback)))

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_added(self, _scene: Any, _event: str, node: Any) -> None:
        self._list(node)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def _on_removed(self, _scene: Any, _event: str, node: Any) -> None:
        row = self._combo_box.findData(node.GetID())
        if row >= 0:
            self._combo_box.removeItem(row)

    def _on_renamed(self, node: Any, _event: str) -> None:
        row = self._combo_box.findData(node.GetID())
        if row >= 0:
            self._combo_box.setItemText(row, node.GetName())

    def _tell(self, *_: Any) -> None:
        identifier = self._combo_box.currentData() or ""
        if not self._filling and identifier != self._told:
            self._told = identifier
            self.currentNodeChanged.emit(self.currentNode())
            self.currentNodeIDChanged.emit(identifier)


def _stop_observing(observed: list[tuple[Any, int]]) -> None:
    for thing, tag in observed:
        thing.RemoveObserver(tag)
    observed.clear()

"""Panels from `.ui` files."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtUiTools import QUiLoader
from PySide6.QtWidgets import QWidget

from .collapsible_button import ctkCollapsibleButton
from .mrml_widget import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .slider_widget import ctkSliderWidget

SLICERS_WIDGETS = (ctkCollapsibleButton, ctkSliderWidget, qMRMLNodeComboBox, qMRMLWidget)


class UiLoader(QUiLoader):
    """Stands for the `QUiLoader` of Slicer, which knows Slicer's own widgets by its designer plugins.

    The connections of the file are made here, because Qt cannot make those that carry nodes and scenes of MRML.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for kind in SLICERS_WIDGETS:
            self.registerCustomWidget(kind)

    def load(self, device: QIODevice, parent: QWidget | None = None) -> QWidget:
        form = ET.fromstring(device.readAll().data())
        unknown = {element.get("class") for element in form.iter("widget")} - set(self.availableWidgets())
        if unknown:
            raise RuntimeError(f"This host has no stand-in for {', '.join(sorted(unknown))}.")
        connections = form.find("connections")
        if connections is not None:
            form.remove(connections)
        content = QBuffer()
        content.setData(QByteArray(ET.tostring(form)))
        widget = super().load(content, parent)
        for connection in connections if connections is not None else ():
            signal = getattr(_find(widget, connection.findtext("sender")), _name(connection.findtext("signal")))
            signal.connect(getattr(_find(widget, connection.findtext("receiver")), _name(connection.findtext("slot"))))
        return widget


def _find(root: QWidget, name: str | None) -> QWidget:
    found = root if root.objectName() == name else root.findChild(QWidget, name)
    assert found is not None, f"The .ui file connects {name}, which it does not hold."
    return found


def _name(signature: str | None) -> str:
    """The name in a signature such as setMRMLScene(vtkMRMLScene*)."""
    return (signature or "").partition("(")[0]

"""The modules `qt` and `ctk`."""

from __future__ import annotations

from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets

from .collapsible_button import ctkCollapsibleButton
from .dialogs import FileDialog, MessageBox
from .process import Process
from .slider_widget import ctkSliderWidget
from .ui_loader import UiLoader


def qt_module() -> ModuleType:
    """Stands for PythonQt's `qt`: the names of QtCore, QtGui and QtWidgets in one module."""
    qt = ModuleType("qt", qt_module.__doc__)
    for module in (QtCore, QtGui, QtWidgets):
        vars(qt).update({name: getattr(module, name) for name in dir(module) if name.startswith("Q")})
    qt.QFileDialog = FileDialog
    qt.QMessageBox = MessageBox
    qt.QProcess = Process
    qt.QUiLoader = UiLoader
    return qt


def ctk_module() -> ModuleType:
    """Stands for PythonQt's `ctk`: the widgets of the Common Toolkit that the panel uses."""
    ctk = ModuleType("ctk", ctk_module.__doc__)
    ctk.ctkCollapsibleButton = ctkCollapsibleButton
    ctk.ctkMessageBox = MessageBox
    ctk.ctkSliderWidget = ctkSliderWidget
    return ctk

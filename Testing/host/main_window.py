"""Slicer's main window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QScrollArea, QStackedWidget, QWidget


class MainWindow(QMainWindow):
    """Stands for `qSlicerMainWindow`: shows one panel at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("qSlicerMainWindow")
        self._selector = ModuleSelector()
        self._panels = QStackedWidget()
        self.setCentralWidget(self._panels)

    def moduleSelector(self) -> ModuleSelector:
        return self._selector

    def add_panel(self, panel: QWidget) -> None:
        """Takes in a panel and shows it."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        area.setWidget(panel)
        self._panels.addWidget(area)
        self._panels.setCurrentWidget(area)

    def show_panel(self, panel: QWidget) -> None:
        """Shows a panel that was taken in."""
        areas = map(self._panels.widget, range(self._panels.count()))
        self._panels.setCurrentWidget(next(area for area in areas if area.widget() is panel))


class ModuleSelector:
    """Stands for `qSlicerModuleSelectorToolBar`.

    Attributes:
        select_module: Has the user switch to the module of a name.
    """

    select_module: Callable[[str], None]

    def selectModule(self, name: str) -> None:
        self.select_module(name)

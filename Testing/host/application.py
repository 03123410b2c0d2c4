"""The application object."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PySide6.QtCore import QCoreApplication, QSettings
from PySide6.QtWidgets import QApplication

from support.slicer_scene import SlicerScene

from .io_manager import IOManager
from .layout_manager import LayoutManager


class ModuleManager:
    """Stands for `qSlicerModuleManager`: knows the modules that are loaded."""

    def module(self, name: str) -> Any:
        return getattr(slicer.modules, name.lower(), None)


class Application:
    """Stands for `qSlicerApplication`, reached as `slicer.app`; what is of `QApplication` is Qt's own.

    Attributes:
        testing: Whether Slicer was started with --testing: then nothing is shown or asked.
        has_main_window: Without one, Slicer has no views either.
    """

    applicationName = "Slicer"

    def __init__(self, parts: SlicerScene, folder: Path) -> None:
        self.testing = False
        self.has_main_window = True
        self.temporaryPath = str(folder)
        self._parts = parts
        self._io_manager = IOManager(parts)
        self._layout_manager = LayoutManager(parts)
        self._at_startup: list[Callable[[], None]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(QApplication.instance(), name)

    def applicationLogic(self) -> Any:
        return self._parts.application_logic

    def moduleManager(self) -> ModuleManager:
        return ModuleManager()

    def coreIOManager(self) -> IOManager:
        return self._io_manager

    def layoutManager(self) -> LayoutManager | None:
        return self._layout_manager if self.has_main_window else None

    def testingEnabled(self) -> bool:
        return self.testing

    def settings(self) -> QSettings:
        return QSettings()

    userSettings = settings

    def processEvents(self) -> None:
        QApplication.processEvents()

    def connect(self, signal: str, slot: Callable[[], None]) -> None:
        """Connects `startupCompleted()`, the only signal here."""
        assert signal == "startupCompleted()", signal
        self._at_startup.append(slot)

    def complete_startup(self) -> None:
        """Emits `startupCompleted()` to the modules loaded since."""
        slots, self._at_startup = self._at_startup, []
        for slot in slots:
            slot()


def isolate_settings(folder: Path) -> None:
    """Has `QSettings()` write below a folder, not among the user's own."""
    QCoreApplication.setOrganizationName("CTDenoise tests")
    QCoreApplication.setApplicationName("Slicer")
    QSettings.setDefaultFormat(QSettings.IniFormat)
    QSettings.setPath(QSettings.IniFormat, QSettings.UserScope, str(folder))

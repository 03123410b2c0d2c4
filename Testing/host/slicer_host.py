"""A 3D Slicer without its desktop program: its scene and logics are real, its windows are of PySide6."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any

import pytest
import slicer
import slicer.util
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from support.slicer_scene import SlicerScene, new_slicer_scene

from .application import Application, isolate_settings
from .dialect import PRODUCT, speak_slicers_dialect, use_dialect
from .dialogs import FileDialog, MessageBox
from .dicom_database import DICOMDatabase
from .dicom_utils import dicom_library
from .main_window import MainWindow
from .mrml_widget import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .packages import Packages
from .parameter_node import parameter_node_module
from .process import Process
from .qt_modules import ctk_module, qt_module
from .sample_data import SampleData
from .scripted_module import ModuleDescription, ModuleWidget, scripted_module_module
from .user import User

REPOSITORY = Path(__file__).resolve().parents[2]
PANEL_SIZE = (520, 1000)


@dataclass(frozen=True)
class LoadedModule:
    """A scripted module in use.

    Attributes:
        module: The Python module.
        widget: Its widget, None if it has none.
        window: The window that holds the panel.
    """

    module: Any
    widget: Any
    window: Any


@dataclass
class SlicerHost:
    """What a test sees and steers.

    Attributes:
        parts: The scene and its logics.
        user: Who is shown message boxes and answers them.
        packages: What is installed in Slicer's Python.
        database: `slicer.dicomDatabase`.
        sample_data: What was registered in Slicer's module SampleData.
        app: `slicer.app`.
        main_window: Slicer's main window; `slicer.util.errorDisplay` shows nothing without.
        errors: Exceptions that left a slot or an observer, which Slicer would print.
        left_behind: What a closed module left: running processes, attributes on widgets that Slicer would have refused.
    """

    parts: SlicerScene
    packages: Packages
    app: Application
    main_window: MainWindow
    user: User = field(default_factory=User)
    database: DICOMDatabase = field(default_factory=DICOMDatabase)
    sample_data: SampleData = field(default_factory=SampleData)
    errors: list[BaseException] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    _loaded: list[LoadedModule] = field(default_factory=list)
    _entered: LoadedModule | None = None

    def load_module(self, name: str, *, entered: bool = True, main_window: bool = True) -> LoadedModule:
        """Loads a scripted module of the repository as Slicer does, and opens its panel.

        Args:
            name: Name of the module, such as "CTDenoise".
            entered: Whether the user switches to the module, which calls `enter`.
            main_window: Whether the panel lies in Slicer's main window; without, there is none.
        """
        path = REPOSITORY / name / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        use_dialect(name)
        spec.loader.exec_module(module)
        description = ModuleDescription(path)
        setattr(slicer.modules, name.lower(), description)
        setattr(slicer.modules, f"{name}Instance", getattr(module, name)(description))
        self.app.complete_startup()
        if not hasattr(module, f"{name}Widget"):
            return self._remember(LoadedModule(module, None, None))
        panel = description.panel = ModuleWidget()
        widget = panel.instance = getattr(module, f"{name}Widget")(panel)
        setattr(slicer.modules, f"{name}Widget", widget)
        loaded = self._remember(LoadedModule(module, widget, self._show(panel, main_window)))
        widget.setup()
        if entered:
            self.enter(loaded)
        QApplication.processEvents()
        return loaded

    def enter(self, loaded: LoadedModule) -> None:
        """The user switches to a module: the one before is left, and this one is shown and entered."""
        before, self._entered = self._entered, loaded
        if before is not None and before is not loaded and hasattr(before.widget, "exit"):
            before.widget.exit()
        if loaded.window is self.main_window:
            self.main_window.show_panel(loaded.widget.parent)
        if hasattr(loaded.widget, "enter"):
            loaded.widget.enter()

    def select_module(self, name: str) -> None:
        """The same by its name; nothing happens if it is there already."""
        loaded = next(loaded for loaded in self._loaded if loaded.module.__name__ == name)
        if loaded is not self._entered:
            self.enter(loaded)

    def close_module(self, loaded: LoadedModule) -> None:
        """Leaves and unloads a module, as Slicer does when it quits; those that are left at the end of a test, too."""
        self._loaded.remove(loaded)
        self._entered = None if self._entered is loaded else self._entered
        if loaded.widget is not None:
            self.left_behind += _made_up_attributes(loaded.widget.parent)
            for leave in (getattr(loaded.widget, "exit", None), loaded.widget.cleanup):
                with self._noted():
                    leave and leave()
            _delete(loaded.widget.parent)
        if not self._loaded:  # those of modules that are still in use go on
            self.left_behind += [f"This process did not end: {command}" for command in Process.wait_for_all()]

    def complaints(self) -> list[str]:
        """What went wrong unseen."""
        errors = [f"{type(error).__name__} left a slot: {error}" for error in self.errors]
        return self.user.leftovers() + self.left_behind + errors

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Slicer prints errors in `exit` and `cleanup` and goes on."""
        try:
            yield
        except Exception as error:
            self._note(type(error), error, error.__traceback__)

    def _note(self, kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        self.errors.append(error)
        sys.__excepthook__(kind, error, traceback)

    def _remember(self, loaded: LoadedModule) -> LoadedModule:
        self._loaded.append(loaded)
        return loaded

    def _show(self, panel: ModuleWidget, main_window: bool) -> Any:
        if not main_window:
            self.main_window.setObjectName("")
            self.app.has_main_window = False
            panel.resize(*PANEL_SIZE)
            panel.show()
            return panel
        self.main_window.add_panel(panel)
        self.main_window.resize(*PANEL_SIZE)
        self.main_window.show()
        return self.main_window


@contextmanager
def new_slicer_host(patch: pytest.MonkeyPatch, folder: Path) -> Iterator[SlicerHost]:
    """Sets Slicer up; the patch takes it away again.

    Args:
        patch: Of the test.
        folder: Where settings and temporary files go.
    """
    QApplication.instance() or QApplication(["Slicer"])
    isolate_settings(folder)
    speak_slicers_dialect()
    _forget_product_modules()
    main_window = MainWindow()
    with new_slicer_scene() as parts:
        host = SlicerHost(parts, Packages(patch), Application(parts, folder), main_window)
        main_window.moduleSelector().select_module = host.select_module
        for dialog in (FileDialog, MessageBox):
            patch.setattr(dialog, "user", host.user, raising=False)
        patch.setattr(sys, "excepthook", host._note)
        _install(host, patch)
        try:
            yield host
        finally:
            for loaded in list(reversed(host._loaded)):
                host.close_module(loaded)
            _delete(main_window)
            _forget_product_modules()


def _install(host: SlicerHost, patch: pytest.MonkeyPatch) -> None:
    """Puts everything where Slicer's modules look for it."""
    submodules = {
        "ScriptedLoadableModule": scripted_module_module(),
        "i18n": _translation_module(),
        "packaging": host.packages.module(),
        "parameterNodeWrapper": parameter_node_module(),
    }
    for name, module in submodules.items():
        patch.setitem(sys.modules, f"slicer.{name}", module)
    top = {
        "DICOMLib": dicom_library(),
        "PyTorchUtils": host.packages.torch_module(),
        "SampleData": host.sample_data.module(),
    }
    for name, module in (top | {"ctk": ctk_module(), "qt": qt_module()}).items():
        patch.setitem(sys.modules, name, module)
    attributes = submodules | {
        "app": host.app,
        "dicomDatabase": host.database,
        "modules": SimpleNamespace(),
        "mrmlScene": host.parts.scene,
        "qMRMLNodeComboBox": qMRMLNodeComboBox,
        "qMRMLWidget": qMRMLWidget,
        "qSlicerScriptedLoadableModule": ModuleDescription,
        "qSlicerScriptedLoadableModuleWidget": ModuleWidget,
        "selfTests": {},
    }
    for name, value in attributes.items():
        patch.setattr(slicer, name, value, raising=False)


def _translation_module() -> ModuleType:
    """Stands for `slicer.i18n` in a Slicer that speaks English."""
    module = ModuleType("slicer.i18n", _translation_module.__doc__)
    module.tr = lambda text: text
    module.translate = lambda _context, text: text
    return module


def _made_up_attributes(panel: QWidget) -> list[str]:
    """PySide6 takes an attribute of any name; PythonQt only those that the widget has."""
    return [
        f"A {type(widget).__name__} has no attribute {name}"
        for widget in panel.findChildren(QWidget)
        if type(widget).__module__.startswith("PySide6.")
        for name in vars(widget).keys() - dir(type(widget))
    ]


def _delete(window: QWidget) -> None:
    """Closes and deletes a window, and all else that was to be deleted when the event loop comes round."""
    window.close()
    window.deleteLater()
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.DeferredDelete)


def _forget_product_modules() -> None:
    """Modules that imported `qt` may not outlive it."""
    for name in [name for name in sys.modules if name.partition(".")[0] in PRODUCT]:
        del sys.modules[name]

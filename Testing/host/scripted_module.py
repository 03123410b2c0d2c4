"""The base classes of a scripted module."""

from __future__ import annotations

import logging
import sys
import unittest
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
import slicer.util
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QVBoxLayout

from .mrml_widget import qMRMLWidget


class ModuleDescription:
    """Stands for `qSlicerScriptedLoadableModule`: what Slicer knows of a module, reached as `slicer.modules.<name>`."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.name = path.stem
        self.title = ""
        self.hidden = False
        self.icon = QIcon()
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.helpText = ""
        self.acknowledgementText = ""
        self.panel: ModuleWidget | None = None

    def widgetRepresentation(self) -> ModuleWidget | None:
        return self.panel


class ScriptedLoadableModule:
    """Stands for `slicer.ScriptedLoadableModule.ScriptedLoadableModule`."""

    def __init__(self, parent: ModuleDescription) -> None:
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        icon = Path(self.resourcePath(f"Icons/{self.moduleName}.png"))
        if icon.is_file():
            parent.icon = QIcon(str(icon))
        slicer.selfTests[self.moduleName] = self.runTest

    def resourcePath(self, filename: str) -> str:
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def runTest(self, msec: int = 100, **kwargs: Any) -> None:
        test = getattr(sys.modules[type(self).__module__], f"{self.moduleName}Test")()
        test.messageDelay = msec
        test.runTest(**kwargs)


class ScriptedLoadableModuleWidget:
    """Stands for `slicer.ScriptedLoadableModule.ScriptedLoadableModuleWidget`."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = slicer.util.settingsValue("Developer/DeveloperMode", False, slicer.util.toBool)
        self.parent = parent or ModuleWidget()
        self.layout = self.parent.layout()
        if parent is None:
            self.setup()
            self.parent.show()

    def resourcePath(self, filename: str) -> str:
        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self) -> None:
        """Slicer makes its buttons for developers here."""

    def cleanup(self) -> None:
        """Slicer calls this before a module is unloaded."""


class ModuleWidget(qMRMLWidget):
    """Stands for `qSlicerScriptedLoadableModuleWidget`, the place of a module's panel."""

    def __init__(self) -> None:
        super().__init__()
        QVBoxLayout(self)
        self.setMRMLScene(slicer.mrmlScene)
        self.instance: Any = None

    def self(self) -> Any:
        return self.instance


class ScriptedLoadableModuleLogic:
    """Stands for `slicer.ScriptedLoadableModule.ScriptedLoadableModuleLogic`."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")

    def getParameterNode(self) -> Any:
        """The one parameter node of the module in the scene, made if there is none."""
        node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        if node is None:
            return slicer.mrmlScene.AddNode(self.createParameterNode())
        if node.GetAttribute("ModuleName") != self.moduleName:  # closing the scene takes it away
            node.SetAttribute("ModuleName", self.moduleName)
        return node

    def createParameterNode(self) -> Any:
        node = slicer.vtkMRMLScriptedModuleNode()
        node.SetSingletonTag(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """Stands for `slicer.ScriptedLoadableModule.ScriptedLoadableModuleTest`."""

    def delayDisplay(self, message: str, requestedDelay: int | None = None, msec: int | None = None) -> None:
        """Shows nothing; runs the event loop once as Slicer does."""
        logging.info(message)
        slicer.app.processEvents()

    def runTest(self) -> None:
        """Runs the tests of the module."""


def scripted_module_module() -> ModuleType:
    """The module `slicer.ScriptedLoadableModule`."""
    module = ModuleType("slicer.ScriptedLoadableModule", scripted_module_module.__doc__)
    for kind in (
        ScriptedLoadableModule,
        ScriptedLoadableModuleLogic,
        ScriptedLoadableModuleTest,
        ScriptedLoadableModuleWidget,
    ):
        setattr(module, kind.__name__, kind)
    return module

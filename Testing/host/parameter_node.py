"""Parameter nodes with typed attributes."""

from __future__ import annotations

import typing
import weakref
from collections.abc import Callable
from types import ModuleType
from typing import Any

import vtk
from PySide6.QtWidgets import QWidget
from slicer.util import NodeModify

from . import parameter_values
from .gui_connectors import Connector, create_connector
from .parameter_values import Default, Parameter

PROPERTY = "SlicerParameterName"


class ParameterNodeWrapper:
    """Stands for what Slicer's decorator `parameterNodeWrapper` makes of a class.

    Values are read from the node when it says that it was modified, and kept until then.
    """

    allParameters: typing.ClassVar[dict[str, Parameter]]

    def __init__(self, parameterNode: Any) -> None:
        self.parameterNode = parameterNode
        self._guis: dict[int, tuple[dict[str, Connector], int]] = {}
        self._next_gui = 0
        self._is_updating_gui = False
        self._values = {name: parameter.read(parameterNode) for name, parameter in self.allParameters.items()}
        this = weakref.ref(self)
        tag = parameterNode.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: this() and this()._read_values())
        weakref.finalize(self, parameterNode.RemoveObserver, tag)

    def getValue(self, name: str) -> Any:
        return self._values[name]

    def setValue(self, name: str, value: Any) -> None:
        parameter = self.allParameters[name]
        with NodeModify(self.parameterNode):
            parameter.write(self.parameterNode, value)
            self._values[name] = parameter.read(self.parameterNode)

    def connectGui(self, gui: Any) -> int:
        """Binds the widgets with the dynamic property SlicerParameterName, below a widget or in an object."""
        widgets = gui.findChildren(QWidget) if isinstance(gui, QWidget) else vars(gui).values()
        named = [(widget.property(PROPERTY), widget) for widget in widgets]
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping: dict[str, QWidget]) -> int:
        for name in mapping:
            if name not in self.allParameters:
                raise ValueError(f"There is no parameter {name}, only {', '.join(self.allParameters)}.")
        connectors = {name: create_connector(widget, self.allParameters[name]) for name, widget in mapping.items()}
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.connect(self._take_value_from(connector, name))
        gui, self._next_gui = self._next_gui, self._next_gui + 1
        self._guis[gui] = connectors, self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._update_gui())
        return gui

    def disconnectGui(self, gui: int) -> None:
        if gui in self._guis:
            connectors, tag = self._guis.pop(gui)
            self.RemoveObserver(tag)
            for connector in connectors.values():
                connector.disconnect()

    def StartModify(self) -> int:
        return self.parameterNode.StartModify()

    def EndModify(self, was_modifying: int) -> None:
        self.parameterNode.EndModify(was_modifying)

    def AddObserver(self, event: Any, callback: Callable[..., None], priority: float = 0.0) -> int:
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag: int) -> None:
        self.parameterNode.RemoveObserver(tag)

    def _read_values(self) -> None:
        for name, parameter in self.allParameters.items():
            self._values[name] = parameter.read(self.parameterNode)

    def _take_value_from(self, connector: Connector, name: str) -> Callable[..., None]:
        def take(*_: Any) -> None:
            if not self._is_updating_gui:
                self.setValue(name, connector.read())

        return take

    def _update_gui(self) -> None:
        if self._is_updating_gui:
            return
        self._is_updating_gui = True
        try:
            with NodeModify(self):
                for connectors, _ in self._guis.values():
                    for name, connector in connectors.items():
                        connector.write(self.getValue(name))
        finally:
            self._is_updating_gui = False


def parameterNodeWrapper(cls: type | None = None) -> Any:
    """Stands for the decorator `slicer.parameterNodeWrapper.parameterNodeWrapper`, with or without brackets."""
    if cls is None:
        return parameterNodeWrapper
    parameters = {}
    for name, hint in typing.get_type_hints(cls, include_extras=True).items():
        if hasattr(ParameterNodeWrapper, name):
            raise ValueError(f"A parameter cannot have the reserved name {name}.")
        parameters[name] = Parameter(name, hint, Default(getattr(cls, name)) if hasattr(cls, name) else None)
    attributes = {name: _attribute(name) for name in parameters}
    kept = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    return type(cls.__name__, (ParameterNodeWrapper,), kept | attributes | {"allParameters": parameters})


def parameter_node_module() -> ModuleType:
    """The module `slicer.parameterNodeWrapper`."""
    module = ModuleType("slicer.parameterNodeWrapper", parameter_node_module.__doc__)
    for name in ("Choice", "Default", "WithinRange"):
        setattr(module, name, getattr(parameter_values, name))
    module.parameterNodeWrapper = parameterNodeWrapper
    return module


def _attribute(name: str) -> property:
    return property(lambda self: self.getValue(name), lambda self, value: self.setValue(name, value))

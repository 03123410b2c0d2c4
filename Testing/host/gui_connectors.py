"""Which widgets show which parameters, and how.

Stands for `slicer.parameterNodeWrapper.guiConnectors`: as in Slicer, a widget must be of the very class named here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import slicer
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QPushButton, QSlider, QSpinBox, QWidget

from .node_combo_box import qMRMLNodeComboBox
from .parameter_values import Choice, Parameter, WithinRange, first
from .slider_widget import ctkSliderWidget

INT_LIMITS = (-(2**31), 2**31 - 1)


@dataclass
class Connector:
    """A widget that shows a value and tells when the user changes it."""

    changed: Any
    read: Callable[[], Any]
    write: Callable[[Any], None]
    callback: Callable[..., None] | None = None

    def connect(self, callback: Callable[..., None]) -> None:
        self.callback = callback
        self.changed.connect(callback)

    def disconnect(self) -> None:
        self.changed.disconnect(self.callback)


def create_connector(widget: QWidget, parameter: Parameter) -> Connector:
    """Prepares a widget for a parameter: its range, its choices, its node types.

    Raises:
        RuntimeError: Slicer knows no way to show such a parameter in such a widget.
    """
    for kind, widgets, make in _KNOWN:
        if type(widget) in widgets and (
            parameter.kind is kind or (kind in _BASES and issubclass(parameter.kind, kind))
        ):
            return make(widget, parameter)
    shown, kind_name = type(widget).__name__, parameter.kind.__name__
    raise RuntimeError(f"Slicer shows no parameter of type {kind_name} in a {shown} ({parameter.name}).")


def _switch(widget: QCheckBox | QPushButton, _parameter: Parameter) -> Connector:
    widget.setCheckable(True)
    return Connector(widget.toggled, widget.isChecked, widget.setChecked)


def _text(widget: QLineEdit, _parameter: Parameter) -> Connector:
    return Connector(widget.textChanged, widget.text, widget.setText)


def _node(widget: qMRMLNodeComboBox, parameter: Parameter) -> Connector:
    widget.nodeTypes = [parameter.kind.__name__]
    return Connector(widget.currentNodeChanged, widget.currentNode, widget.setCurrentNode)


def _number(widget: Any, parameter: Parameter) -> Connector:
    """Sets the range, without limits where the annotations give none."""
    within = first(parameter.annotations, WithinRange)
    if within is None and isinstance(widget, (QSlider, ctkSliderWidget)):
        raise RuntimeError(f"The parameter {parameter.name} needs a range to be shown by a slider.")
    widest = INT_LIMITS if parameter.kind is int else (float("-inf"), float("inf"))
    widget.setRange(*((within.minimum, within.maximum) if within else widest))
    read = (lambda: widget.value) if isinstance(widget, ctkSliderWidget) else widget.value
    return Connector(widget.valueChanged, read, widget.setValue)


def _choice(widget: QComboBox, parameter: Parameter) -> Connector:
    """Fills a combo box with the labels of an enum or with the allowed values."""
    if issubclass(parameter.kind, Enum):
        choices = list(parameter.kind)
        label = getattr(parameter.kind, "label", lambda choice: choice.name)
    else:
        choice = first(parameter.annotations, Choice)
        if choice is None:
            raise RuntimeError(f"The parameter {parameter.name} needs a Choice to be shown by a QComboBox.")
        choices, label = list(choice.choices), str
    widget.clear()
    widget.addItems([label(choice) for choice in choices])
    return Connector(
        widget.currentIndexChanged,
        lambda: choices[widget.currentIndex()],
        lambda value: widget.setCurrentIndex(choices.index(value)),
    )


_KNOWN = (
    (bool, (QCheckBox, QPushButton), _switch),
    (int, (QSlider, QSpinBox), _number),
    (float, (QDoubleSpinBox, ctkSliderWidget), _number),
    (str, (QLineEdit,), _text),
    (slicer.vtkMRMLNode, (qMRMLNodeComboBox,), _node),
    *((kind, (QComboBox,), _choice) for kind in (str, int, float, bool, Enum)),
)
_BASES = (slicer.vtkMRMLNode, Enum)

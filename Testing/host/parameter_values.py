"""Values of a parameter node: what may be in them, and how they are written in the node."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import slicer


@dataclass(frozen=True)
class Default:
    """Stands for `slicer.parameterNodeWrapper.Default`: the value of a parameter that was never set."""

    value: Any


class Validator:
    """Stands for `slicer.parameterNodeWrapper.Validator`."""

    def validate(self, value: Any) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class WithinRange(Validator):
    """Stands for `slicer.parameterNodeWrapper.WithinRange`; the limits are within."""

    minimum: float
    maximum: float

    def validate(self, value: float) -> None:
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within [{self.minimum}, {self.maximum}], is {value}.")


@dataclass(frozen=True, eq=False)
class Choice(Validator):
    """Stands for `slicer.parameterNodeWrapper.Choice`."""

    choices: list[Any]

    def validate(self, value: Any) -> None:
        if value not in self.choices:
            raise ValueError(f"Value must be one of {self.choices}, is {value}.")


class Parameter:
    """One typed value in a `vtkMRMLScriptedModuleNode`, written as Slicer writes it.

    Numbers and texts are written as text, enums by their names, nodes as node references.
    """

    def __init__(self, name: str, hint: Any, default: Default | None = None) -> None:
        annotated = typing.get_origin(hint) is typing.Annotated
        self.name = name
        self.kind: type = typing.get_args(hint)[0] if annotated else hint
        self.annotations = typing.get_args(hint)[1:] if annotated else ()
        if not (isinstance(self.kind, type) and issubclass(self.kind, (str, int, float, Enum, slicer.vtkMRMLNode))):
            raise TypeError(f"This host knows no parameter of type {hint}.")
        self.default = default or first(self.annotations, Default) or Default(self._usual_default())

    @property
    def is_node(self) -> bool:
        return issubclass(self.kind, slicer.vtkMRMLNode)

    def write(self, node: Any, value: Any) -> None:
        """Checks a value and stores it.

        Raises:
            TypeError: The value is of another type.
            ValueError: The value is None and no node, or not among the allowed ones.
        """
        self._check(value)
        if self.is_node:
            node.SetParameter(self.name, "")
            node.SetNodeReferenceID(self.name, value.GetID() if value is not None else None)
        else:
            node.SetParameter(self.name, value.name if isinstance(value, Enum) else str(value))

    def read(self, node: Any) -> Any:
        """The stored value; a node that was never told gets the default first."""
        if not node.HasParameter(self.name):
            self.write(node, self.default.value)
        if self.is_node:
            return node.GetNodeReference(self.name)
        text = node.GetParameter(self.name)
        if issubclass(self.kind, Enum):
            return self.kind[text]
        return text == "True" if self.kind is bool else self.kind(text)

    def _check(self, value: Any) -> None:
        if value is None and self.is_node:
            return
        if value is None:
            raise ValueError(f"{self.name} must not be None.")
        if not isinstance(value, (int, float) if self.kind is float else self.kind):
            raise TypeError(f"{self.name} must be a {self.kind.__name__}, is {value!r}.")
        for validator in self.annotations:
            if isinstance(validator, Validator):
                validator.validate(value)

    def _usual_default(self) -> Any:
        if self.is_node:
            return None
        return next(iter(self.kind)) if issubclass(self.kind, Enum) else self.kind()


def first(annotations: Iterable[Any], kind: type) -> Any:
    """The first annotation of a kind, or None."""
    return next((annotation for annotation in annotations if isinstance(annotation, kind)), None)

"""Frozen dataclasses as plain JSON values and back, each value checked against the type of its field."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .message_base import ProtocolError

Kind = TypeVar("Kind")

# Larger whole numbers than these are no longer exact as floats.
_LARGEST_EXACT = 2**53


def to_plain(instance: Any) -> dict[str, Any]:
    """The fields of a dataclass, nested ones too, as values that JSON knows."""
    return dataclasses.asdict(instance)


def from_plain(kind: type[Kind], content: Any) -> Kind:
    """The dataclass that a JSON object describes: all fields there, none besides, each of its type.

    Raises:
        ProtocolError: It does not describe one.
    """
    if not isinstance(content, Mapping):
        raise ProtocolError(f"A “{kind.__name__}” must be an object, not a {type(content).__name__}.")
    hints = _types_of_fields(cast("Any", kind))
    if content.keys() != hints.keys():
        different = ", ".join(sorted(content.keys() ^ hints.keys()))
        raise ProtocolError(f"A “{kind.__name__}” has a field too few or too many: {different}.")
    return kind(**{name: _checked(content[name], hint, f"{kind.__name__}.{name}") for name, hint in hints.items()})


@cache
def _types_of_fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _checked(value: Any, hint: Any, where: str) -> Any:
    """The value as its type wants it.

    Raises:
        ProtocolError: It is of another type.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _first_that_fits(value, arguments, where)
    if origin is tuple and isinstance(value, list):
        parts = (arguments[0],) * len(value) if arguments[1:] == (...,) else arguments
        if len(parts) == len(value):
            return tuple(_checked(part, hint, where) for part, hint in zip(value, parts, strict=True))
    elif origin is Literal:
        if any(type(value) is type(allowed) and value == allowed for allowed in arguments):
            return value
    elif dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value)
    elif hint is float and type(value) is int and abs(value) <= _LARGEST_EXACT:
        return float(value)
    elif type(value) is hint:
        return value
    raise ProtocolError(f"{where} cannot be this {type(value).__name__}.")


def _first_that_fits(value: Any, hints: tuple[Any, ...], where: str) -> Any:
    for hint in hints:
        try:
            return _checked(value, hint, where)
        except ProtocolError:
            continue
    raise ProtocolError(f"{where} cannot be this {type(value).__name__}.")

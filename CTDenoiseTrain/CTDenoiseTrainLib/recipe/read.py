"""Plain values, as TOML has them, to the dataclasses of a recipe: strict, with a sentence for each mistake."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from ..errors import RecipeError

Kind = TypeVar("Kind")


def from_plain(kind: type[Kind], content: object, place: str = "") -> Kind:
    """The dataclass that a table describes.

    Args:
        kind: The dataclass.
        content: The table.
        place: Where it stands in the recipe, such as “data.cases[0]”; empty for the whole.

    Raises:
        RecipeError: A key is unknown or missing, or a value has the wrong type; the sentence says where.
    """
    if not isinstance(content, Mapping):
        raise RecipeError(f"{_name(place)} must be a table with keys, not {_words(content)}.")
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key in content:
        if key not in fields:
            raise RecipeError(_unknown(key, place, fields))
    for name, field in fields.items():
        if name not in content and _has_no_default(field):
            raise RecipeError(f"{_name(place)} lacks “{name}”; add it.")
    hints = get_type_hints(kind)
    return kind(**{key: _value(value, hints[key], _join(place, key)) for key, value in content.items()})


def _value(value: object, hint: Any, place: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _value(value, inner, place)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value, place)
    if origin is tuple:
        return _tuple(value, arguments, place)
    if origin is Literal:
        if value in arguments:
            return value
        raise RecipeError(f"“{place}” is {_words(value)}; it must be one of {', '.join(map(repr, arguments))}.")
    if hint is float and type(value) is int:
        return float(value)
    expected = dict if origin is not None and issubclass(origin, Mapping) else hint
    if type(value) is not expected:
        raise RecipeError(f"“{place}” is {_words(value)}; it must be {_KINDS[expected]}.")
    return value


def _tuple(value: object, arguments: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise RecipeError(f"“{place}” is {_words(value)}; it must be a list in brackets.")
    parts = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
    if len(parts) != len(value):
        raise RecipeError(f"“{place}” has {len(value)} values; it must have {len(parts)}.")
    return tuple(
        _value(part, hint, f"{place}[{index}]") for index, (part, hint) in enumerate(zip(value, parts, strict=True))
    )


_KINDS: dict[Any, str] = {
    str: "a text in quotation marks",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table with keys",
}


def _unknown(key: str, place: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(known)}."
    return f"{_name(place)} has an unknown key “{key}”; {hint}"


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _name(place: str) -> str:
    return f"The part “{place}” of the recipe" if place else "The recipe"


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _words(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"

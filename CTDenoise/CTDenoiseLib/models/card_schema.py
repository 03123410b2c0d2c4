"""Whether the content of a model card is as `card.schema.json` demands, and does not contradict itself."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

SCHEMA_PATH = Path(__file__).with_name("card.schema.json")


@cache
def card_schema() -> Mapping[str, Any]:
    """The JSON Schema (2020-12) of model cards."""
    schema: Mapping[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    return schema


def first_fault(content: Any) -> str | None:
    """What is wrong with the content of a card, as the second half of a sentence; `None` when nothing is.

    Args:
        content: As `json.loads` gives it.
    """
    error = best_match(Draft202012Validator(card_schema()).iter_errors(content))
    if error is not None:
        place = error.json_path.removeprefix("$").removeprefix(".") or "the card"
        return f"{place}: {textwrap.shorten(error.message, 200)}"
    return next(_contradictions(content), None)


def _contradictions(card: Mapping[str, Any]) -> Iterator[str]:
    """Faults that a schema cannot express."""
    expected_file = f"{card['name']}.safetensors"
    if card["weights"]["file"] != expected_file:
        yield f"weights.file: must be “{expected_file}”, after the name of the model, not “{card['weights']['file']}”"
    low, high = card["hu_range"]
    if low >= high:
        yield f"hu_range: the lowest value {low} is not below the highest {high}"
    ranges = {f"made_for.{key}": value for key, value in card["made_for"].items() if key.endswith(("_mm", "_hu"))}
    ranges |= {f"metrics[{index}].window_hu": metric["window_hu"] for index, metric in enumerate(card["metrics"])}
    for place, limits in ranges.items():
        if limits is not None and limits[0] > limits[1]:
            yield f"{place}: the lowest value {limits[0]} is above the highest {limits[1]}"

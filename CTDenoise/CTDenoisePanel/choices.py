"""Menus whose entries are only known when the program runs, such as models and devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import qt


@dataclass(frozen=True)
class Choice:
    """An entry of a menu.

    Attributes:
        value: What it stands for.
        text: What the user reads.
        hint: Its tooltip.
    """

    value: str
    text: str
    hint: str = ""


def show_choices(combo_box: Any, choices: Sequence[Choice], chosen: str) -> None:
    """Fill a `QComboBox` and select a value, silently; nothing happens if it is so already."""
    values = [choice.value for choice in choices]
    index = values.index(chosen) if chosen in values else -1
    entries = [(choice.value, choice.text) for choice in choices]
    shown = [(combo_box.itemData(row), combo_box.itemText(row)) for row in range(combo_box.count)]
    if shown == entries and combo_box.currentIndex == index:
        return
    blocked = combo_box.blockSignals(True)
    combo_box.clear()
    for row, choice in enumerate(choices):
        combo_box.addItem(choice.text, choice.value)
        combo_box.setItemData(row, choice.hint, qt.Qt.ToolTipRole)
    combo_box.setCurrentIndex(index)
    combo_box.blockSignals(blocked)


def chosen_value(combo_box: Any) -> str:
    """The value of the selected entry; empty when none is."""
    index = combo_box.currentIndex
    return "" if index < 0 else str(combo_box.itemData(index))

"""Switch controls on and off, and let the tooltip of one that is off say why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Controls:
    """The controls of the panel by their names in the .ui file, with the tooltips they have there."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        self._tooltips: dict[str, str] = {}
        self._shown: dict[str, str] = {}

    def show(self, why_disabled: Mapping[str, str]) -> None:
        """Disable each control that has a reason, and say it; enable the others."""
        for name, why in why_disabled.items():
            control = getattr(self._ui, name)
            tooltip = self._tooltips.setdefault(name, control.toolTip)
            if why != self._shown.get(name):
                self._shown[name] = why
                control.enabled = not why
                control.toolTip = why or tooltip

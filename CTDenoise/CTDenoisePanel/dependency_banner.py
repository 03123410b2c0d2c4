"""The banner that says which Python packages are missing, with the button that installs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import slicer

from CTDenoiseLib.errors import CTDenoiseError
from CTDenoiseLib.signal import Signal

if TYPE_CHECKING:
    from .dependencies import Dependencies


class DependencyBanner:
    """Shown while packages are missing; what works without them can be used all the same.

    Args:
        ui: Widgets of the panel.
        dependencies: What is needed.
        text: What the banner says, with `{names}` for what is missing.

    Attributes:
        installed: Emits when everything is there after an installation.
        missing: Names of what is missing, for the user; empty when all is there.
    """

    def __init__(self, ui: Any, dependencies: Dependencies, *, text: str) -> None:
        self.installed: Signal[[]] = Signal()
        self.missing = ""
        self._banner, self._label, self._text = ui.banner, ui.bannerLabel, text
        self._dependencies = dependencies
        ui.installButton.clicked.connect(self._on_install)

    def look(self) -> None:
        """Look what is missing, and show or hide the banner."""
        self.missing = self._dependencies.missing().names
        self._label.text = self._text.format(names=self.missing)
        self._banner.setVisible(bool(self.missing))

    def _on_install(self, *_args: object) -> None:
        try:
            self._dependencies.ensure()
        except CTDenoiseError as error:
            slicer.util.errorDisplay(str(error))
        self.look()
        if not self.missing:
            self.installed.emit()
